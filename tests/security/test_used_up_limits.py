"""A used-up limit closes the page that asks it; what is asked for stays as it was before."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.choices import Role
from accounts.limits import API_CALLS_OF_AN_ADDRESS, CLAIM_LINKS, LETTERS, SINGLE_SIGN_ONS
from accounts.services import create_second_factor
from audit.limits import CHAINS
from audit.services import SYSTEM
from certificates.limits import BIRTHS, BIRTHS_A_DAY, CLAIMS, FILES, LOOK_UPS, UNKNOWN_CODES
from certificates.limits import NUMBERS as CERTIFICATE_NUMBERS
from certificates.services.share_links import share
from common import clock
from common.throttle import Limit
from courses.choices import CalendarScope
from enrollment.limits import (
    CALENDARS,
    CHECK_INS,
    CHECK_INS_AS_SOMEBODY,
    CHECK_INS_AS_SOMEBODY_A_DAY,
    UNKNOWN_CALENDARS,
)
from enrollment.services.calendar_addresses import create_address
from enrollment.services.check_in import current_code, ticket_for
from people.limits import NUMBERS
from profiles.limits import OWN_DATA
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
CODE, UNKNOWN = PRINTED["verification_code"], "AAAA-AAAA-AAAA-AAAA"
BIRTH = "12/03/1985"


@pytest.fixture(autouse=True)
def _no_tries_so_far(settings: Any) -> None:
    cache.clear()
    settings.OIDC_SERVER_URL = "http://127.0.0.1:9"  # nobody answers there


@pytest.fixture
def token() -> str:
    """Of a link to the certificate that bears CODE."""
    holder = make_user(Role.TRAINEE)
    completion = make_completion(make_trainee(user=holder))
    certificate = make_certificate(completion, verification_code=CODE)
    return share(by=holder.as_actor(), certificate=certificate, days=7)[1]


def _letter(client: Client, _token: str) -> Any:
    password = "một mật khẩu đủ dài"
    posted = {"handle": "HV-7K3M9QXB", "code": "2222-2222-2222"}
    return client.post(reverse("claim_by_code"), posted | {"password": password, "again": password})


def _file(client: Client, _token: str) -> Any:
    return client.post(reverse("verify"), {"file": SimpleUploadedFile("c.pdf", b"%PDF-1.7")})


def _claim(client: Client, _token: str) -> Any:
    return client.post(reverse("claim_certificate"), {"code": CODE, "birth": BIRTH})


def _number(client: Client, _token: str) -> Any:
    sent = {"code": "AI26000001", "full_name": "Lê An", "birth": BIRTH}
    return client.post(reverse("verify_by_number"), sent)


def _birth(client: Client, _token: str) -> Any:
    return client.post(reverse("verify_code", args=[CODE]), {"birth": BIRTH})


def _known(client: Client, _token: str) -> Any:
    return client.get(reverse("verify_code", args=[CODE]))


def _unknown(client: Client, _token: str) -> Any:
    return client.get(reverse("verify_code", args=[UNKNOWN]))


def _shared(client: Client, token: str) -> Any:
    return client.get(reverse("shared_certificate", args=[token]))


def _calendar(client: Client, _token: str) -> Any:
    return client.get(reverse("calendar_feed", args=["unknown"]))


def _invitation(client: Client, _token: str) -> Any:
    return client.get(reverse("claim_by_link", args=["unknown"]))


def _sign_on(client: Client, _token: str) -> Any:
    return client.post("/sign-in/oidc/sso/login/")


def _api(client: Client, _token: str) -> Any:
    return client.get("/api/v1/runs/")


# The limit, what was tried at, and the request that asks for it.
CASES: list[tuple[Limit, tuple[str, ...], Callable[[Client, str], Any]]] = [
    (API_CALLS_OF_AN_ADDRESS, (), _api),
    (BIRTHS_A_DAY, (CODE,), _birth),
    (BIRTHS_A_DAY, (CODE,), _claim),
    (UNKNOWN_CALENDARS, (), _calendar),
    (CLAIMS, (), _claim),
    (CLAIM_LINKS, (), _invitation),
    (FILES, (), _file),
    (LETTERS, (), _letter),
    (LOOK_UPS, (), _known),
    (LOOK_UPS, (), _shared),
    (LOOK_UPS, (), _number),
    (CERTIFICATE_NUMBERS, (), _number),
    (BIRTHS, ("AI26000001",), _number),
    (SINGLE_SIGN_ONS, (), _sign_on),
    (UNKNOWN_CODES, (), _unknown),
]


def use_up(limit: Limit, *target: Any) -> None:
    """All tries of the visitor that Django's test client is."""
    request = RequestFactory().get("/")
    while limit.allows(request, *target):
        pass


@pytest.mark.parametrize(
    ("limit", "target", "ask"), CASES, ids=[f"{one[0].name}{one[2].__name__}" for one in CASES]
)
def test_whoever_has_used_up_a_limit_is_asked_to_wait(limit, target, ask, client, token):
    assert ask(client, token).status_code != 429
    use_up(limit, *target)
    assert ask(client, token).status_code == 429


def test_an_auditor_who_has_walked_the_chain_too_often_is_asked_to_wait(client):
    user = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    assert client.get(reverse("audit_chain")).status_code == 200
    use_up(CHAINS, user.pk)
    assert client.get(reverse("audit_chain")).status_code == 429


def test_whoever_has_taken_the_own_data_too_often_is_asked_to_wait(client):
    user = make_user(Role.TRAINEE)
    make_trainee(user=user)
    client.force_login(user)
    address = reverse("my_data_file", args=["json"])
    assert client.get(address).status_code == 200
    use_up(OWN_DATA, user.pk)
    assert client.get(address).status_code == 429


def test_a_calendar_read_too_often_is_asked_to_wait(client):
    user = make_user(Role.TRAINEE)
    address, token = create_address(by=user.as_actor(), user=user, scope=CalendarScope.OWN)
    path = reverse("calendar_feed", args=[token])
    assert client.get(path).status_code == 200
    use_up(CALENDARS, address.pk)
    assert client.get(path).status_code == 429


def test_whoever_has_sent_too_many_numbers_corrects_none(client):
    person = make_trainee(make_agency(), full_name="Nguyễn Thị Hòa")
    user = make_coordinator(person.agency)
    client.force_login(user)
    address = reverse("correct_person", args=[person.code])
    form = client.get(address).context["form"]
    posted = {name: form[name].value() or "" for name in form.fields}
    use_up(NUMBERS, user.pk)
    answer = client.post(address, posted | {"personal_number": "001085012345"})
    assert answer.status_code == 429
    person.refresh_from_db()
    assert not person.personal_number_tail


@pytest.mark.parametrize(
    "used_up", [None, CHECK_INS, CHECK_INS_AS_SOMEBODY, CHECK_INS_AS_SOMEBODY_A_DAY]
)
def test_a_used_up_limit_marks_nobody_at_check_in(used_up, client):
    who = make_trainee(full_name="Nguyễn Thị Hòa", personal_number="001185000234")
    session = make_enrollment(make_run(), who).run.sessions.get(number=1)
    with clock.set_to(session.starts_at):
        if used_up:
            use_up(used_up, *(session.pk, who.full_name)[: len(used_up.target)])
        posted = {"name": who.full_name, "last_digits": "234"}
        ticket = ticket_for(current_code(session))[1]
        answer = client.post(reverse("check_in"), posted | {"ticket": ticket})
    marked = session.attendances.exists()
    assert (answer.status_code, marked) == ((400, False) if used_up else (200, True))
