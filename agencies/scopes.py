"""Which agencies forms offer (``common.registries.agency_scopes``)."""

from typing import Any

from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from common import clock


def every(_user: Any) -> AgencyQuerySet:
    return Agency.objects.all()


def current(_user: Any) -> AgencyQuerySet:
    return Agency.objects.valid_on(clock.today())


def seen(user: Any) -> AgencyQuerySet:
    return Agency.objects.seen_by(user)


def sending(user: Any) -> AgencyQuerySet:
    return Agency.objects.to_send_for(user)
