"""Limits count what is compared: another spelling is no new try, a stranger's tries are theirs."""

import ast
import datetime as dt
import importlib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.adapter import AccountAdapter
from accounts.choices import Role
from accounts.forms import SignInForm
from accounts.services.invitations import _digest_of_code, address_of, make_code, open_account
from audit.services import SYSTEM
from certificates.models import Certificate
from certificates.services.verification import normalised_code
from common import clock, throttle
from common.throttle import declared, key_of_row
from common.vietnamese import match_key
from enrollment.models import Enrollment
from enrollment.services.check_in import current_code, ticket_for
from people.models import Trainee
from people.services.accounts import letters_for
from tests.architecture.world import PRINTED, make_certificate
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_user

START = dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)
CODE = PRINTED["verification_code"]
RIGHT, WRONG = "12/03/1985", "13/03/1985"


@pytest.fixture(autouse=True)
def _no_tries_so_far(db: None) -> None:
    cache.clear()


# Every limit is declared ------------------------------------------------------------------


def _application_files() -> list[Path]:
    root = Path(settings.BASE_DIR)
    return [
        file
        for app in (*settings.APPS, "common")
        for file in (root / app).rglob("*.py")
        if "migrations" not in file.parts
    ]


# Declared when their modules are imported.
for _file in _application_files():
    if "= Limit(" in _file.read_text():
        importlib.import_module(".".join(_file.relative_to(settings.BASE_DIR).parts)[:-3])


def _calls(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            keywords = {keyword.arg for keyword in node.keywords}
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"allows", "allows_guess"} and {"times", "seconds"} & keywords:
                found.add(f"{file.name}:{node.lineno}")
    return found


def test_nothing_is_limited_but_by_a_declared_limit():
    """The bare counters take any text: whoever calls them forgets its canonical form."""
    others = [file for file in _application_files() if file.name != "throttle.py"]
    assert [call for file in others for call in _calls(file)] == []


def test_every_limit_that_counts_a_target_is_in_the_table_of_spellings():
    # Limits of rows that were found already, and of what is compared letter by letter.
    of_rows = {n for n, limit in declared.items() if set(limit.target) <= {key_of_row, str}}
    assert set(declared) - of_rows == set(RULES)


# Two spellings that a rule takes for one share a count ------------------------------------

# By limit: what the rule compares of a spelling, as the code that compares it makes it.
RULES: dict[str, Callable[[str], Any]] = {
    "letters of an account": lambda handle: _digest_of_code(handle, "22222222BCDF"),
    "check-ins as somebody": match_key,
    "check-ins as somebody in a day": match_key,
    "walk-ins as somebody": match_key,
    "evaluations as somebody": match_key,
    "birth dates": normalised_code,
    "birth dates in a day": normalised_code,
    "birth dates of a certificate": normalised_code,
    "birth dates under attack": normalised_code,
}
VARIATIONS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.lower,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFC", text),
    lambda text: f" {text}  ",
    lambda text: "\u200b".join(text),
    lambda text: text + "\u2060\ufeff",
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: text.replace("-", ""),
    lambda text: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text
    ),  # full-width
)
TYPED = st.one_of(
    st.sampled_from(["Nguyễn Thị Hòa", "HV-7K3M9QXB", CODE, "an@example.gov.vn", "Đặng Thúy"]),
    st.text(max_size=20),
)


def _key(name: str, text: str) -> str:
    limit = declared[name]
    rest = [1] * (len(limit.target) - 1)
    return limit.whose(RequestFactory().get("/"), *rest, text)


@pytest.mark.parametrize("name", list(RULES))
@given(typed=TYPED, first=st.sampled_from(VARIATIONS), second=st.sampled_from(VARIATIONS))
@example(typed="Nguyễn Thị Hòa", first=str, second=VARIATIONS[6])
def test_what_a_rule_takes_for_equal_shares_one_count(name, typed, first, second):
    one, other = first(typed), second(typed)
    if RULES[name](one) == RULES[name](other):
        assert _key(name, one) == _key(name, other)


@given(typed=TYPED, first=st.sampled_from(VARIATIONS), second=st.sampled_from(VARIATIONS))
def test_sign_in_compares_and_counts_one_and_the_same_value(typed, first, second):
    def compared(text: str) -> str:
        form = SignInForm({})
        form.cleaned_data = {"login": text}
        return form.clean_login()

    def counted(text: str) -> str:
        return AccountAdapter()._get_login_attempts_cache_key(RequestFactory().get("/"), email=text)

    one, other = compared(first(typed)), compared(second(typed))
    assert (one == other) == (counted(one) == counted(other))


# Over HTTP --------------------------------------------------------------------------------


@pytest.fixture
def place() -> Enrollment:
    trainee = make_trainee(full_name="Nguyễn Thị Hòa", personal_number="001185000234")
    return make_enrollment(make_run(), trainee)


SPELLINGS = (
    "Nguyễn Thị Hòa", "nguyễn thị hòa", "NGUYỄN THỊ HÒA", "Nguyễn Thị Hoà", "Nguyễn  Thị\u200b Hòa",
    "Ng\u200buyễn Thị Hòa", "N\u200bguyễn Thị Hòa", "Nguyễn Thị Hòa\u2060", "\ufeffNguyễn Thị Hòa",
)  # fmt: skip


def test_a_name_with_zero_width_letters_is_no_new_try_at_check_in(place, client):
    session = place.run.sessions.get(number=1)
    with clock.set_to(START):
        _session, ticket = ticket_for(current_code(session))
        pages = [
            client.post(
                reverse("check_in"), {"ticket": ticket, "name": name, "last_digits": "111"}
            ).content.decode()
            for name in SPELLINGS
        ]
        right = {"ticket": ticket, "name": SPELLINGS[0], "last_digits": "234"}
        shut = client.post(reverse("check_in"), right)
    too_often = [page for page in pages if "Đã thử quá nhiều lần" in page]
    assert len(too_often) == len(SPELLINGS) - 5
    assert shut.status_code == 400
    assert not session.attendances.exists()


def _claim(client: Client, birth: str, visitor: str) -> int:
    posted = {"code": CODE, "birth": birth}
    answer = client.post(reverse("claim_certificate"), posted, REMOTE_ADDR=visitor)
    return int(answer.status_code)


@pytest.fixture
def certificate() -> Certificate:
    trainee = make_trainee(user=make_user(Role.TRAINEE))
    return make_certificate(make_completion(trainee), verification_code=CODE)


def test_a_strangers_wrong_birth_dates_do_not_lock_the_holder_out(certificate, client):
    wrong = [_claim(client, WRONG, "203.0.113.1") for _try in range(8)]
    assert wrong == [400] * 5 + [429] * 3
    assert _claim(client, RIGHT, "203.0.113.1") == 429
    assert _claim(client, RIGHT, "203.0.113.2") == 200


def test_a_strangers_wrong_codes_of_letters_do_not_lock_the_official_out(client):
    person = make_trainee()
    letter = letters_for(by=SYSTEM, trainees=Trainee.objects.filter(pk=person.pk))[0]
    chosen = {"password": "một mật khẩu đủ dài", "again": "một mật khẩu đủ dài"}

    def claim(code: str, address: str) -> int:
        posted = {"handle": letter.sign_in_name, "code": code, **chosen}
        answer = client.post(reverse("claim_by_code"), posted, REMOTE_ADDR=address)
        return int(answer.status_code)

    wrong = [claim("2222-2222-2222", "203.0.113.1") for _try in range(8)]
    assert wrong == [400] * 6 + [429] * 2
    assert claim(letter.code, "203.0.113.2") == 302


def test_a_refused_try_is_in_the_log_without_what_was_tried_at(certificate, client, caplog):
    for _try in range(6):
        _claim(client, WRONG, "203.0.113.1")
    assert "too many birth dates from 203.0.113.1" in caplog.text
    assert CODE not in caplog.text


def test_the_page_of_a_code_and_the_claim_share_their_tries(certificate, client):
    address = reverse("verify_code", args=[CODE])
    for _try in range(5):
        client.post(address, {"birth": WRONG}, REMOTE_ADDR="203.0.113.1")
    assert _claim(client, RIGHT, "203.0.113.1") == 429


def test_many_addresses_together_get_no_further_and_the_holder_still_gets_in(certificate, client):
    answers = [_claim(client, WRONG, f"203.0.113.{n // 5}") for n in range(40)]
    assert answers == [400] * 40
    under_attack = [_claim(client, WRONG, "203.0.113.99") for _try in range(4)]
    assert under_attack == [400, 400, 429, 429]
    assert _claim(client, RIGHT, "198.51.100.7") == 200


def test_a_signed_in_bearer_is_never_shut_out(certificate, client):
    client.force_login(certificate.completion.trainee.user)
    answers = [_claim(client, WRONG, "203.0.113.1") for _try in range(8)]
    assert set(answers) == {400}
    assert _claim(client, RIGHT, "203.0.113.1") == 200


def test_whoever_is_signed_in_guesses_no_more_at_the_certificate_of_somebody_else(
    certificate, client
):
    client.force_login(make_user(Role.TRAINEE))
    answers = [_claim(client, WRONG, "203.0.113.1") for _try in range(8)]
    assert answers == [400] * 5 + [429] * 3


def test_the_addresses_of_one_ipv6_network_are_one_visitor(certificate, client):
    answers = [_claim(client, WRONG, f"2001:db8:1:2::{n:x}") for n in range(1, 8)]
    assert answers == [400] * 5 + [429] * 2
    assert _claim(client, RIGHT, "2001:db8:1:3::1") == 200


def test_the_networks_of_one_ipv6_customer_guess_no_birth_date_together(certificate, client):
    answers = [_claim(client, WRONG, f"2001:db8:1:{n:x}::1") for n in range(45)]
    assert answers == [400] * 42 + [429] * 3
    assert _claim(client, RIGHT, "2001:db8:2:1::1") == 200


def test_ipv4_written_as_ipv6_is_the_same_visitor():
    one, other = (
        RequestFactory(REMOTE_ADDR=text).get("/") for text in ("203.0.113.1", "::ffff:203.0.113.1")
    )
    assert throttle.visitor(one) == throttle.visitor(other)


@pytest.mark.parametrize("spelled", [str.upper, str.lower, "\u200b{}".format, " {} ".format])
def test_another_spelling_of_a_trainee_code_is_no_new_try_at_a_letter(client, spelled):
    handle = "HV-7K3M9QXB"
    roles: dict[str, dt.date | None] = {Role.TRAINEE: None}
    user = open_account(by=SYSTEM, email=address_of(handle), full_name="An", roles=roles)
    code = make_code(by=SYSTEM, user=user)
    chosen = {"password": "một mật khẩu đủ dài", "again": "một mật khẩu đủ dài"}
    for _try in range(6):
        posted = {"handle": handle, "code": "2222-2222-2222", **chosen}
        client.post(reverse("claim_by_code"), posted)
    right = {"handle": spelled(handle), "code": code, **chosen}
    assert client.post(reverse("claim_by_code"), right).status_code == 429


@pytest.mark.parametrize(
    "spelled", ["AN@x.vn", " an@x.vn", "an@x.vn\u200b", "\uff41n@x.vn", "a\u2060n@X.vn"]
)
def test_another_spelling_of_an_address_is_no_new_try_at_its_password(client, spelled):
    make_user(email="an@x.vn")
    for n in range(5):
        posted = {"login": "an@x.vn", "password": "wrong"}
        client.post(reverse("account_login"), posted, REMOTE_ADDR=f"203.0.113.{n}")
    client.post(reverse("account_login"), {"login": spelled, "password": "pw"})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("spelled", ["AN@x.vn", " an@x.vn ", "an@x.vn\u200b", "\uff41n@x.vn"])
def test_an_address_is_the_same_however_it_is_spelled(client, spelled):
    """What the limit takes for one address, signing in takes for one too."""
    make_user(email="an@x.vn")
    client.post(reverse("account_login"), {"login": spelled, "password": "pw"})
    assert "_auth_user_id" in client.session
