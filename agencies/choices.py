from django.db import models
from django.utils.translation import gettext_lazy as _


class Sector(models.TextChoices):
    STATE_AGENCY = "state_agency", _("State agencies")
    STATE_CORPORATION = "state_corporation", _("State groups and corporations")


class AgencyKind(models.TextChoices):
    MINISTRY = "ministry", _("Ministry")
    MINISTERIAL_AGENCY = "ministerial_agency", _("Ministerial-level agency")
    GOVERNMENT_AGENCY = "government_agency", _("Agency under the Government")
    PROVINCE = "province", _("Province or city")
    PARTY_OR_ASSEMBLY = "party_or_assembly", _("Party or assembly body")
    STATE_GROUP = "state_group", _("State group")
    STATE_CORPORATION = "state_corporation", _("State corporation")
    OTHER = "other", _("Other (not counted towards any target)")


_CORPORATIONS = {AgencyKind.STATE_GROUP, AgencyKind.STATE_CORPORATION}


def sector_of(kind: str) -> str:
    """Empty for kinds that count for no target."""
    if kind == AgencyKind.OTHER:
        return ""
    return Sector.STATE_CORPORATION if kind in _CORPORATIONS else Sector.STATE_AGENCY


class SuccessionKind(models.TextChoices):
    MERGER = "merger", _("Merger")
    RENAMING = "renaming", _("Renaming")
    SPLIT = "split", _("Split")


class IdentifierScheme(models.TextChoices):
    DECISION_20_2020 = "decision_20_2020", _("Decision 20/2020/QĐ-TTg")
    ENTERPRISE_NUMBER = "enterprise_number", _("Enterprise number")
