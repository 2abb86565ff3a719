"""Deeds about agencies, and finding the one that is meant."""

from django.utils.translation import gettext as _

from agencies.errors import AgencyError
from agencies.models import Agency


def agency_by_slug(slug: str) -> Agency:
    """The agency with this slug, or an ``AgencyError`` that names it."""
    agency = Agency.objects.filter(slug=slug).first()
    if agency is None:
        raise AgencyError(
            "unknown_agency", _("There is no agency with the slug %(slug)s.") % {"slug": slug}
        )
    return agency
