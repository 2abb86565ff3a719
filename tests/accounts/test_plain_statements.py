"""Plain statements that every request makes answer as the query sets that they stand for."""

import datetime as dt
from collections.abc import Callable
from itertools import product

import pytest
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.adapter import EncryptedMFAAdapter
from accounts.backends import AuthenticationBackend
from accounts.choices import Role
from accounts.models import RoleGrant, Session, User
from accounts.services import create_second_factor
from accounts.services.roles import close_account, reopen_account
from accounts.services.second_factor import reset_second_factor
from accounts.sessions import SessionStore
from agencies.models import Coordinator
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from people.services.merges import merge
from tests.factories import make_agency, make_coordinator, make_trainee, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

DAY = dt.date(2026, 3, 10)
# In Hanoi the day begins seven hours before that of UTC.
MOMENTS = [clock.start_of_day(DAY) + dt.timedelta(seconds=second) for second in (-1, 0, 7 * 3600)]


def with_a_role_that_ends(day: dt.date | None) -> User:
    user = make_user(Role.TRAINEE)
    RoleGrant.objects.create(user=user, role=Role.AUDITOR, until=day)
    return user


def coordinator_whose_term_ended() -> User:
    user = make_coordinator(make_agency())
    Coordinator.objects.update(until=DAY - dt.timedelta(days=1))
    return user


def closed() -> User:
    user = make_coordinator(make_agency())
    close_account(by=SYSTEM, user=user)
    return user


def reopened() -> User:
    user = closed()
    reopen_account(by=SYSTEM, user=user)
    return user


def merged() -> User:
    user = make_user(Role.TRAINEE)
    merge(by=PROGRAMME_OFFICE, survivor=make_trainee(), absorbed=make_trainee(user=user))
    return user


def with_another_password() -> User:
    user = make_user(Role.TRAINER, staff_number_digest="d" * 64, full_name="Lê Thị Ánh")
    user.set_password("another")
    user.save()
    return user


def with_a_second_factor() -> User:
    user = make_user(Role.PROGRAMME_OFFICE, is_superuser=True, is_staff=True)
    create_second_factor(by=SYSTEM, user=user)
    return user


def without_it_again() -> User:
    user = with_a_second_factor()
    reset_second_factor(by=SYSTEM, user=user, reason="Mất điện thoại")
    return user


def with_codes_alone() -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    return user


STATES: list[Callable[[], User]] = [
    make_user, coordinator_whose_term_ended, closed, reopened, merged, with_another_password,
    with_a_second_factor, without_it_again, with_codes_alone,
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_an_account_is_found_or_not_and_every_field_is_the_same(state):
    pk = state().pk
    ours, known = AuthenticationBackend().get_user(pk), ModelBackend().get_user(pk)
    assert (ours is None) == (known is None)
    if ours and known:
        fields = [field.attname for field in User._meta.concrete_fields]
        assert [getattr(ours, name) for name in fields] == [getattr(known, name) for name in fields]
        assert not ours.get_deferred_fields()
        assert ours.get_session_auth_hash() == known.get_session_auth_hash()


@pytest.mark.parametrize("user_id", [0, -1, 2**31])
def test_an_account_that_never_was_is_not_found(user_id):
    assert AuthenticationBackend().get_user(user_id) is None


@pytest.mark.parametrize(
    ("until", "moment"),
    [*product([None, *(DAY + dt.timedelta(days=days) for days in (-2, -1, 0, 1))], MOMENTS)],
)
def test_roles_in_force_are_the_same_by_every_question(until, moment):
    user, _other = with_a_role_that_ends(until), with_a_role_that_ends(None)
    with clock.set_to(moment):
        roles = RoleGrant.objects.roles_of(user.pk)
        assert roles == set(
            RoleGrant.objects.in_force().filter(user=user).values_list("role", flat=True)
        )
        assert roles == {role for role in Role if user in User.objects.holding(role)}
        assert roles == User.objects.get(pk=user.pk).roles


@pytest.mark.parametrize("state", STATES)
def test_roles_of_every_account_are_the_same(state):
    user = state()
    listed = RoleGrant.objects.in_force().filter(user=user).values_list("role", flat=True)
    assert user.roles == set(listed)


@pytest.mark.parametrize("state", [*STATES, AnonymousUser])
@pytest.mark.parametrize("types", [None, [Authenticator.Type.TOTP]])
def test_a_second_factor_is_there_or_not(state, types):
    user = state()
    known = DefaultMFAAdapter().is_mfa_enabled(user, types)
    assert EncryptedMFAAdapter().is_mfa_enabled(user, types) == known


@pytest.mark.parametrize("seconds", [-86_400, -1, 0, 1, 86_400])
@pytest.mark.parametrize("microsecond", [0, 1])
def test_a_session_is_over_at_the_same_instant(monkeypatch, seconds, microsecond):
    now = timezone.now().replace(microsecond=microsecond)
    monkeypatch.setattr(timezone, "now", lambda: now)
    store = SessionStore()
    store["word"] = "kept"
    store.save()
    Session.objects.update(expire_date=now + dt.timedelta(seconds=seconds))
    found = SessionStore(store.session_key)
    known = Session.objects.filter(session_key=store.session_key, expire_date__gt=now).first()
    assert found.get("word") == ("kept" if known else None)
    assert (found.session_key is None) == (known is None)


@pytest.mark.parametrize("key", ["", "x" * 32, "\0", "'; --", "ế" * 40])
def test_a_key_that_nobody_has_opens_no_session(key):
    SessionStore().save()
    copied = str(Session.objects.get().session_key)
    assert SessionStore(key).load() == SessionStore(copied).load() == {}
