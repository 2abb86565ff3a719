"""Whoever may no longer act for an agency is told of nobody either."""

import datetime as dt
from collections.abc import Callable

import pytest

from accounts.choices import Role
from accounts.models import RoleGrant, User
from accounts.services.roles import close_account, end_role
from agencies.models import Agency, Coordinator
from audit.services import PROGRAMME_OFFICE
from common import clock
from people.services.recipients import coordinators_of
from targets.services.recipients import coordinators_of as accounts_told_of_targets
from tests.factories import make_agency, make_coordinator

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
YESTERDAY = dt.timedelta(days=-1)


def nothing(_user: User) -> None:
    pass


def role_ended(user: User) -> None:
    end_role(by=PROGRAMME_OFFICE, user=user, role=Role.COORDINATOR)


def last_day_of_the_role_passed(user: User) -> None:
    RoleGrant.objects.filter(user=user).update(until=clock.today() + YESTERDAY)


def term_ended(user: User) -> None:
    Coordinator.objects.filter(user=user).update(until=clock.today() + YESTERDAY)


def term_still_to_come(user: User) -> None:
    Coordinator.objects.filter(user=user).update(since=clock.today() - YESTERDAY)


def closed(user: User) -> None:
    close_account(by=PROGRAMME_OFFICE, user=user)


CHANGES: list[Callable[[User], None]] = [
    nothing, role_ended, last_day_of_the_role_passed, term_ended, term_still_to_come, closed,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_who_is_told_of_an_agency_is_who_may_act_for_it(change):
    agency = make_agency()
    user = make_coordinator(agency)
    change(user)
    user = User.objects.get(pk=user.pk)
    may_act = user.is_active and Agency.objects.manageable_by(user).exists()
    assert may_act == (change is nothing)
    assert bool(coordinators_of([agency.pk])[agency.pk]) == may_act
    assert bool(accounts_told_of_targets([agency.pk])[agency.pk]) == may_act
