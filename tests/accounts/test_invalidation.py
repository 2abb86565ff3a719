"""Rights and secrets end together: every secret is used over HTTP after every change.

What must end stands in TABLE, apart from ``accounts.invalidation.ENDED_BY``: a row changed there
is noticed here. Changes are made as a shell or a library makes them, so that a path which calls no
service of ours ends what it must.
"""

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.invalidation import ENDED_BY, Change, Secret
from accounts.models import RoleGrant, User
from accounts.openid import Assertion
from accounts.services import create_second_factor, create_token
from accounts.services.addresses import ask_for_address
from accounts.services.invitations import address_of, make_code, open_account, send_link
from accounts.services.roles import close_account, grant_role, reopen_account
from accounts.services.single_sign_on import account_for, remember_identity
from agencies.models import Coordinator
from audit.services import SYSTEM
from certificates.services.share_links import share
from common import clock
from common.encryption import box
from common.mail_marks import MailMarks
from courses.choices import CalendarScope
from enrollment.services.calendar_addresses import create_address
from jobs import services as jobs
from jobs.models import Job, JobState
from notices.models import Notice
from notices.services.routing import Draft, route
from people.models import Merge, Trainee
from people.services.accounts import letters_for
from rosters.job_types import EXPORT_ROSTER, ExportPayload
from rosters.models import RosterExport
from tests.api.conftest import Visitor
from tests.architecture.world import PRINTED, make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"
FAR = dt.date(2099, 1, 5)
CHOSEN = {"password": PASSWORD, "again": PASSWORD}
NO_ROLES: dict[str, dt.date | None] = {Role.TRAINEE: None}

Use = Callable[[], bool]  # whether the secret lets somebody in


@pytest.fixture(autouse=True)
def _nothing_counted(settings: Any) -> None:
    cache.clear()
    settings.ISSUE_UNSIGNED = True


def official() -> User:
    """A coordinator who is also trained: with a factor, an agency, a certificate."""
    user = make_coordinator(make_agency(), email="an@x.vn")
    RoleGrant.objects.create(user=user, role=Role.TRAINEE)
    create_second_factor(by=SYSTEM, user=user)
    trainee = make_trainee(user=user)
    completion = make_completion(trainee, make_run())
    make_certificate(completion, verification_code=PRINTED["verification_code"])
    return user


def newcomer(email: str) -> User:
    """A trainee who has not claimed their account."""
    user = open_account(by=SYSTEM, email=email, full_name="Lê An", roles=NO_ROLES)
    make_trainee(user=user, email="" if email.endswith(".invalid") else email)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def path_in_last_mail(pattern: str) -> str:
    found = re.search(rf"https?://[^/]+(/{pattern}\S*)", str(mail.outbox[-1].body))
    assert found
    return found[1]


# Giving a secret: what using it means -----------------------------------------------------


def session() -> tuple[User, Use]:
    user = official()
    client = signed_in(user)
    return user, lambda: client.get(reverse("my")).status_code == 200


def sign_in() -> tuple[User, Use]:
    user = official()
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    seed, period = decrypt(factor.data["secret"]), int(mfa_settings.TOTP_PERIOD)

    def give_code() -> bool:
        code = format_hotp_value(hotp_value(seed, int(time.time()) // period))
        client.post(reverse("mfa_authenticate"), {"code": code})
        return client.get(reverse("my")).status_code == 200

    return user, give_code


def api_token() -> tuple[User, Use]:
    user = official()
    token = create_token(by=SYSTEM, user=user)
    headers = {"Authorization": f"Bearer {token}"}
    return user, lambda: Client().get("/api/v1/runs/", headers=headers).status_code == 200


def api_answer() -> tuple[User, Use]:
    user, run = official(), make_run(starts_on=FAR, ends_on=FAR)
    trainee = make_trainee(Coordinator.objects.get(user=user).agency)
    sent = {"run": run.code, "trainee": trainee.code}

    def ask() -> Any:
        caller = Visitor(User.objects.get(pk=user.pk))
        return caller.post("enrollments/", sent, Idempotency_Key="k-1")

    assert ask().status_code == 201
    return user, lambda: ask().headers.get("Idempotent-Replay") == "true"


def invitation() -> tuple[User, Use]:
    user = newcomer("an@x.vn")
    send_link(by=SYSTEM, user=user)
    path = path_in_last_mail("invitation/")
    return user, lambda: Client().get(path).status_code == 200


def letter() -> tuple[User, Use]:
    user = newcomer(address_of("HV-7K3M9QXB"))
    posted = {"handle": "HV-7K3M9QXB", "code": make_code(by=SYSTEM, user=user), **CHOSEN}
    return user, lambda: Client().post(reverse("claim_by_code"), posted).status_code == 302


def password_reset() -> tuple[User, Use]:
    user = official()
    Client().post(reverse("account_reset_password"), {"email": user.email})
    path = path_in_last_mail("sign-in/password/reset/key/")
    return user, lambda: "token_fail" not in Client().get(path, follow=True).context


def address_change() -> tuple[User, Use]:
    user = official()
    ask_for_address(by=SYSTEM, user=user, email="moi@x.vn")
    path = path_in_last_mail("accounts/address/")
    return user, lambda: signed_in(user).get(path).status_code == 200


def sign_on() -> tuple[User, Use]:
    """The provider says who it is, and nothing else."""
    user, assertion = official(), Assertion("https://login.example", "42", "", ())
    remember_identity(by=SYSTEM, user=user, assertion=assertion)

    def comes_in() -> bool:
        try:
            return account_for(assertion) == user
        except AccountError:
            return False

    return user, comes_in


def share_link() -> tuple[User, Use]:
    user = official()
    certificate = user.trainee.completions.get().certificates.get()
    _link, token = share(by=user.as_actor(), certificate=certificate, days=7)
    path = reverse("shared_certificate", args=[token])
    return user, lambda: Client().get(path).status_code == 200


def calendar() -> tuple[User, Use]:
    user = official()
    address = create_address(by=user.as_actor(), user=user, scope=CalendarScope.OWN)
    path = reverse("calendar_feed", args=[address[1]])
    return user, lambda: Client().get(path).status_code == 200


def job() -> tuple[User, Use]:
    user = official()
    export = export_of(user)
    started = jobs.start(
        EXPORT_ROSTER, payload=ExportPayload(export=export.pk), owner=user, by=user.as_actor()
    )

    def runs() -> bool:
        jobs.run(str(started.pk))
        started.refresh_from_db()
        return started.state == JobState.DONE

    return user, runs


def export_of(user: User) -> RosterExport:
    agency = Coordinator.objects.get(user=user).agency
    run = make_run()
    held: Any = [make_enrollment(run, make_trainee(agency)).pk]
    wanted: Any = {"run": run.code, "form": "csv", "fields": ["full_name"]}
    return RosterExport.objects.create(
        owner=user,
        wanted=wanted,
        file_name="roster.csv",
        content=box().encrypt(b"An"),
        row_ids=held,
        expires_at=clock.now() + dt.timedelta(days=7),
    )


def export_file() -> tuple[User, Use]:
    user = official()
    path = reverse("export_file", args=[export_of(user).pk])
    return user, lambda: signed_in(user).get(path).status_code == 200


def notification() -> tuple[User, Use]:
    user = official()
    drafts = [Draft(Notice(recipient=user.email, body="Lê An: đã nộp hồ sơ"), MailMarks())]
    Notice.objects.bulk_create(route(drafts))
    page = reverse("notifications")
    return user, lambda: "Lê An" in signed_in(user).get(page).content.decode()


GIVE: dict[Secret, Callable[[], tuple[User, Use]]] = {
    Secret.SESSION: session,
    Secret.SIGN_IN: sign_in,
    Secret.API_TOKEN: api_token,
    Secret.API_ANSWER: api_answer,
    Secret.INVITATION: invitation,
    Secret.LETTER: letter,
    Secret.PASSWORD_RESET: password_reset,
    Secret.ADDRESS_CHANGE: address_change,
    Secret.SIGN_ON: sign_on,
    Secret.SHARE_LINK: share_link,
    Secret.CALENDAR: calendar,
    Secret.JOB: job,
    Secret.EXPORT_FILE: export_file,
    Secret.NOTIFICATION: notification,
}


# The changes, as a shell makes them -------------------------------------------------------


def new_password(user: User) -> None:
    user.set_password("another long password")
    user.save()


def lost_factor(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()


def other_roles(user: User) -> None:
    if RoleGrant.objects.filter(user=user, role=Role.COORDINATOR).delete()[0] == 0:
        grant_role(by=SYSTEM, user=user, role=Role.TRAINER)


def other_agency(user: User) -> None:
    Trainee.objects.filter(user=user).update(agency=make_agency())
    Coordinator.objects.filter(user=user).update(until=clock.today() - dt.timedelta(days=1))


def other_address(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="other@x.vn")


def merged(user: User) -> None:
    own = Trainee.objects.get(user=user)
    Merge.objects.create(survivor=make_trainee(own.agency), absorbed=own, recorded_by="test")


def closed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


CHANGES: dict[Change, Callable[[User], None]] = {
    Change.PASSWORD: new_password,
    Change.SECOND_FACTOR: lost_factor,
    Change.ROLES: other_roles,
    Change.AGENCY: other_agency,
    Change.EMAIL: other_address,
    Change.MERGE: merged,
    Change.ACCOUNT: closed,
}


# What must happen to a secret (row) when something about its account changes (column).
TABLE = """
               password second_factor roles agency email merge account
session        ends     ends          stays stays  ends  stays ends
sign_in        ends     ends          stays stays  ends  stays ends
api_token      ends     ends          stays stays  ends  stays ends
api_answer     stays    stays         ends  ends   stays stays ends
invitation     ends     stays         ends  ends   ends  ends  ends
letter         ends     stays         ends  ends   ends  ends  ends
password_reset ends     stays         stays stays  ends  stays ends
address_change ends     ends          stays stays  ends  stays ends
sign_on        stays    stays         stays stays  ends  stays ends
share_link     stays    stays         stays stays  stays stays ends
calendar       stays    stays         stays stays  stays ends  ends
job            stays    stays         ends  ends   stays stays ends
export_file    stays    stays         ends  ends   stays stays ends
notification   stays    stays         ends  ends   stays stays ends
"""
_COLUMNS, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
EXPECTED = {
    (Secret(secret), Change(change)): cell
    for secret, *cells in _ROWS
    for change, cell in zip(_COLUMNS, cells, strict=True)
}
END_WITH_THE_ACCOUNT = [one for one in Secret if EXPECTED[one, Change.ACCOUNT] == "ends"]


def test_the_table_has_a_row_for_every_secret_and_a_column_for_every_change():
    assert set(EXPECTED) == {(secret, change) for secret in Secret for change in Change}
    assert set(GIVE) == set(Secret)
    assert set(CHANGES) == set(Change)


def test_the_table_in_the_code_says_the_same():
    ends = {pair for pair, cell in EXPECTED.items() if cell == "ends"}
    assert {(secret, change) for secret in ENDED_BY for change in ENDED_BY[secret]} == ends


@pytest.mark.parametrize("secret", list(GIVE))
def test_a_secret_works_while_nothing_has_changed(secret):
    _user, works = GIVE[secret]()
    assert works()


@pytest.mark.parametrize("change", list(CHANGES))
@pytest.mark.parametrize("secret", list(GIVE))
def test_what_ends_when_something_about_an_account_changes(secret, change):
    user, works = GIVE[secret]()
    CHANGES[change](User.objects.get(pk=user.pk))
    assert works() == (EXPECTED[secret, change] == "stays")


# Single cases of the review ---------------------------------------------------------------


# Files of one's own are asked for by rights alone: they are there again with the rights.
@pytest.mark.parametrize(
    "secret",
    [one for one in END_WITH_THE_ACCOUNT if one != Secret.EXPORT_FILE],
)
def test_what_a_closing_ended_stays_ended_when_the_account_is_opened_again(secret):
    user, works = GIVE[secret]()
    close_account(by=SYSTEM, user=user)
    reopen_account(by=SYSTEM, user=user)
    assert not works()


def test_a_letter_printed_for_a_trainee_does_not_open_the_trainers_account(client):
    agency = make_agency()
    person = make_trainee(agency)
    printed = letters_for(by=SYSTEM, trainees=Trainee.objects.filter(pk=person.pk))[0]
    user = User.objects.get(trainee=person)
    grant_role(by=SYSTEM, user=user, role=Role.TRAINER)
    posted = {"handle": printed.sign_in_name, "code": printed.code, **CHOSEN}
    assert client.post(reverse("claim_by_code"), posted).status_code == 400
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_a_changed_password_keeps_the_session_that_changed_it_and_ends_all_else(client):
    user = make_user(Role.TRAINEE, email="an@x.vn")
    there, token = signed_in(user), create_token(by=SYSTEM, user=user)
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    changed = client.post(
        reverse("account_change_password"),
        {"oldpassword": "pw", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert changed.status_code == 302
    assert client.get(reverse("my")).status_code == 200
    assert there.get(reverse("my")).status_code == 302
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/runs/", headers=headers).status_code == 401


def test_a_password_set_by_a_mailed_link_ends_sessions_tokens_and_the_link(client):
    user = make_user(email="an@x.vn")
    there, token = signed_in(user), create_token(by=SYSTEM, user=user)
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = path_in_last_mail("sign-in/password/reset/key/")
    form = client.get(path)["Location"]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert "token_fail" in Client().get(path, follow=True).context
    assert there.get(reverse("my")).status_code == 302
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/runs/", headers=headers).status_code == 401


def test_whoever_removes_a_factor_of_their_own_stays_signed_in_there_alone(client):
    user = make_user(Role.TRAINEE, email="an@x.vn")
    there = signed_in(user)
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    create_second_factor(by=SYSTEM, user=user)
    assert client.get(reverse("my")).status_code == 200, "a further factor ends nothing"
    confirmed = client.session
    confirmed["account_authentication_methods"] = [
        {"method": method, "at": time.time(), "reauthenticated": True}
        for method in ("password", "mfa")
    ]
    confirmed.save()
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get(reverse("my")).status_code == 200
    assert there.get(reverse("my")).status_code == 302


def test_whoever_has_not_claimed_their_account_gets_a_new_link_with_a_new_role(client):
    user = newcomer("an@x.vn")
    send_link(by=SYSTEM, user=user)
    former = path_in_last_mail("invitation/")
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    client.post(reverse("grant_role", args=[user.pk]), {"role": Role.TRAINER, "until": ""})
    assert Client().get(former).status_code == 404
    assert Client().get(path_in_last_mail("invitation/")).status_code == 200


def test_a_shared_certificate_closes_when_it_is_no_longer_its_givers():
    user, works = share_link()
    own = Trainee.objects.get(user=user)
    other = make_trainee(own.agency)
    Trainee.objects.filter(pk=own.pk).update(user=None)
    Trainee.objects.filter(pk=other.pk).update(user=user)
    assert not works()


def test_a_job_of_somebody_who_lost_the_right_says_so():
    user, runs = job()
    other_roles(user)
    assert not runs()
    failed = Job.objects.get()
    assert (failed.state, failed.error_code) == (JobState.FAILED, "rights_changed")
    assert "Quyền của ông/bà đã thay đổi" in failed.error_message
