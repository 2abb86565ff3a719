"""What one may not see is answered the same whether it exists or not (issue 14, point 10)."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM, digest
from common import clock
from people.matching import NEW, Incoming, Verdict, match_all
from people.models import CandidatePair, Trainee, number_digest
from people.services.bulk import PersonData, amend
from tests.api.conftest import Visitor
from tests.architecture.test_access import ours
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db
TAKEN, FREE = "001185001234", "001185004321"
NAME, BORN = "Lê Văn Hòa", dt.date(1985, 2, 1)


@pytest.fixture(autouse=True)
def _plenty(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def own() -> Agency:
    return make_agency("own")


@pytest.fixture
def stranger() -> Trainee:
    return make_trainee(
        make_agency("other"),
        full_name=NAME,
        birth_date=BORN,
        email="hoa@other.vn",
        personal_number=TAKEN,
    )


@pytest.fixture
def coordinator(own: Agency) -> User:
    return make_coordinator(own)


def person(number: str, **changes: Any) -> dict[str, Any]:
    named = {"full_name": NAME, "birth_date": BORN.isoformat(), "agency": "own"}
    return named | {"personal_number": number} | changes


def same(text: str) -> str:
    """An answer without what differs of any two: codes, digits as sent, instants, tokens."""
    text = re.sub(r"HV-\w{8}", "CODE", text)
    text = re.sub(r"\*{9}\d{3}", "NUMBER", text)
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "TOKEN", text)
    text = re.sub(r'name="seen" value="\w+"', "SEEN", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+\+07:00", "INSTANT", text)


def headers(answer: Any) -> dict[str, str]:
    """All but what depends on the answer's own code, what counts calls, and what names them."""
    of_this_call = {
        "ETag", "Content-Length", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-ID",
    }  # fmt: skip
    return {name: value for name, value in answer.items() if name not in of_this_call}


# ── A personal number that somebody elsewhere bears ───────────────────────────────────


@pytest.mark.both_engines
@pytest.mark.parametrize("name", [NAME, "Trần Thị Khác"])
def test_the_api_answers_the_same_whether_a_number_exists_elsewhere(
    coordinator, stranger, name
) -> None:
    api = Visitor(coordinator)
    answers = [api.post("trainees/", person(number, full_name=name)) for number in (TAKEN, FREE)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert same(answers[0].content.decode()) == same(answers[1].content.decode())
    assert headers(answers[0]) == headers(answers[1])
    again = [api.get(f"trainees/{answer.json()['code']}/") for answer in answers]
    assert same(again[0].content.decode()) == same(again[1].content.decode())
    repeated = [api.post("trainees/", person(n, full_name=name)) for n in (TAKEN, FREE)]
    assert [one.json()["code"] for one in repeated] == ["already_known"] * 2


@pytest.mark.both_engines
def test_nothing_of_the_person_elsewhere_changes_and_the_office_compares_the_two(
    coordinator, stranger
) -> None:
    before = Trainee.objects.filter(pk=stranger.pk).values().get()
    code = Visitor(coordinator).post("trainees/", person(TAKEN, email="x@own.vn")).json()["code"]
    assert Trainee.objects.filter(pk=stranger.pk).values().get() == before
    entered = Trainee.objects.get(code=code)
    pair = CandidatePair.objects.get()
    assert {pair.first_id, pair.second_id} == {entered.pk, stranger.pk}
    assert not CandidatePair.objects.visible_to(coordinator).exists()


def test_what_was_sent_is_read_back_as_with_any_other_person(coordinator, stranger, client) -> None:
    client.force_login(coordinator)
    pages = []
    for number in (TAKEN, FREE):
        code = Visitor(coordinator).post("trainees/", person(number)).json()["code"]
        shown = client.post(reverse("reveal_number", args=[code]), {"reason": "Đối chiếu hồ sơ"})
        assert number[-3:] in shown.content.decode()
        address = reverse("correct_person", args=[code])
        form = client.get(address).context["form"]
        sent = {name: form[name].value() or "" for name in form.fields} | {"unit": "Phòng A"}
        assert client.post(address, sent).status_code == 302
        pages.append(same(client.get(reverse("person", args=[code])).content.decode()))
    assert pages[0] == pages[1]


def test_correcting_a_number_answers_the_same_whether_it_exists_elsewhere(
    coordinator, stranger, own, client
) -> None:
    client.force_login(coordinator)
    answers = []
    for number in (TAKEN, FREE):
        row = make_trainee(own, full_name=NAME, birth_date=BORN)
        address = reverse("correct_person", args=[row.code])
        form = client.get(address).context["form"]
        sent = {name: form[name].value() or "" for name in form.fields}
        answers.append(client.post(address, sent | {"personal_number": number}, follow=True))
        row.refresh_from_db()
        assert row.personal_number == number
    assert [answer.redirect_chain[0][1] for answer in answers] == [302, 302]
    first, second = (same(answer.content.decode()) for answer in answers)
    assert first == second
    stranger.refresh_from_db()
    assert stranger.personal_number_digest == number_digest(TAKEN)


def test_what_one_may_see_is_still_shown(coordinator, own, office) -> None:
    make_trainee(own, full_name=NAME, birth_date=BORN, personal_number=TAKEN)
    for visitor in (Visitor(coordinator), office):
        answers = [
            visitor.post("trainees/", person(TAKEN)),
            visitor.post("trainees/", person(TAKEN, full_name="Trần Thị Khác")),
        ]
        assert [one.json()["code"] for one in answers] == ["already_known", "number_conflict"]


@pytest.fixture
def office() -> Visitor:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return Visitor(user)


def test_a_try_goes_on_record_without_the_number(coordinator, stranger) -> None:
    for number in (TAKEN, FREE):
        Visitor(coordinator).post("trainees/", person(number))
    hit, miss = AuditEntry.objects.filter(action="person_entered").order_by("id")
    assert hit.details["number_borne_elsewhere"] == digest(TAKEN)
    assert "number_borne_elsewhere" not in miss.details
    assert TAKEN not in str(list(AuditEntry.objects.values()))


def test_numbers_that_a_user_sends_are_limited_whether_they_exist_or_not(
    coordinator, stranger, monkeypatch
) -> None:
    monkeypatch.setattr("people.limits.NUMBERS_AN_HOUR", 1)
    api = Visitor(coordinator)
    assert api.post("trainees/", person(FREE)).status_code == 201
    answers = [api.post("trainees/", person(number)) for number in (TAKEN, "001185009999")]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert answers[0].content == answers[1].content
    assert answers[0]["Retry-After"] == "3600"
    without = {k: v for k, v in person(FREE).items() if k != "personal_number"}
    assert api.post("trainees/", without).status_code == 201


def test_a_claimed_number_becomes_ones_own_once_it_is_free(coordinator, stranger) -> None:
    code = Visitor(coordinator).post("trainees/", person(TAKEN)).json()["code"]
    row = Trainee.objects.get(code=code)
    assert (row.personal_number_digest, row.claimed_number_digest) == (None, number_digest(TAKEN))
    row.personal_number = FREE
    row.save()
    assert (row.personal_number_digest, row.claimed_number_digest) == (number_digest(FREE), "")


@pytest.mark.parametrize("with_code", [True, False])
def test_a_roster_finds_ones_own_person_by_the_number_that_they_claim(
    coordinator, stranger, own, with_code
) -> None:
    code = Visitor(coordinator).post("trainees/", person(TAKEN)).json()["code"]
    row = Incoming(NAME, BORN, personal_number=TAKEN, trainee_code=code if with_code else "")
    (match,) = match_all([row], own={own.pk})
    assert match.verdict == Verdict.KNOWN
    assert match.trainee
    assert match.trainee.code == code
    assert amend(match.trainee, PersonData(NAME, BORN, personal_number=TAKEN)) == {}


# ── Everything else that names something ──────────────────────────────────────────────


def _codes(stranger: Trainee) -> tuple[str, str]:
    return stranger.code, "HV-22222222"


BY_CODE: dict[str, Callable[[Visitor, str], Any]] = {
    "read": lambda api, code: api.get(f"trainees/{code}/"),
    "change": lambda api, code: api.patch(f"trainees/{code}/", {"unit": "X"}, If_Match="*"),
    "change without a version": lambda api, code: api.patch(f"trainees/{code}/", {"unit": "X"}),
    "change from another version": lambda api, code: api.patch(
        f"trainees/{code}/", {"unit": "X"}, If_Match='"0"'
    ),
    "explain": lambda api, code: api.get(f"explain/{code}/"),
    "filter enrollments": lambda api, code: api.get(f"enrollments/?trainee={code}"),
    "filter completions": lambda api, code: api.get(f"completions/?trainee={code}"),
    "filter attendance": lambda api, code: api.get(f"attendance/?trainee={code}"),
    "search": lambda api, code: api.get(f"trainees/?search={code}"),
    "nominate": lambda api, code: api.post("enrollments/", {"run": "OPEN", "trainee": code}),
    "enrollment": lambda api, code: api.get(f"enrollments/OPEN/{code}/"),
    "approve": lambda api, code: api.post(f"enrollments/OPEN/{code}/approve/"),
    "reject": lambda api, code: api.post(f"enrollments/OPEN/{code}/reject/"),
    "withdraw": lambda api, code: api.post(f"enrollments/OPEN/{code}/withdraw/"),
    "completion": lambda api, code: api.get(f"completions/OPEN/{code}/"),
    "with a key": lambda api, code: api.post(
        "enrollments/", {"run": "OPEN", "trainee": code}, Idempotency_Key=f"k{code}"
    ),
}


@pytest.mark.parametrize("what", BY_CODE)
def test_a_trainee_code_of_another_agency_is_as_unknown_as_none(
    coordinator, stranger, what
) -> None:
    run = make_run(code="OPEN", starts_on=dt.date(2099, 1, 1), ends_on=dt.date(2099, 1, 2))
    make_enrollment(run, stranger)
    answers = [BY_CODE[what](Visitor(coordinator), code) for code in _codes(stranger)]
    assert answers[0].status_code == answers[1].status_code
    assert same(answers[0].content.decode()) == same(answers[1].content.decode())
    assert headers(answers[0]) == headers(answers[1])


PAGES = ("person", "correct_person", "reveal_number", "explain")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_distinguishes_a_trainee_code_of_another_agency_from_none(
    coordinator, stranger, client, name, method
) -> None:
    client.force_login(coordinator)
    answers = [
        getattr(client, method)(reverse(name, args=[code]), {"reason": "x"})
        for code in _codes(stranger)
    ]
    assert answers[0].status_code == answers[1].status_code
    assert same(answers[0].content.decode()) == same(answers[1].content.decode())


@pytest.mark.parametrize("page", ["nominate", "people_accounts"])
def test_choosing_people_finds_nobody_elsewhere(coordinator, stranger, client, page) -> None:
    run = make_run(starts_on=dt.date(2099, 1, 1), ends_on=dt.date(2099, 1, 2))
    client.force_login(coordinator)
    address = reverse(page, args=[run.code] if page == "nominate" else [])
    for one, other in (_codes(stranger), (NAME, "Lê Văn Không")):
        pages = []
        for text in (one, other):
            if page == "nominate":
                answer = client.post(address, {"find": "1", "q": text})
            else:
                answer = client.get(address, {"q": text})
            pages.append(
                same(answer.content.decode().replace(quote_plus(text), "Q").replace(text, "Q"))
            )
        assert pages[0] == pages[1]


def _is_of_a_run(name: str) -> bool:
    try:
        return "/runs/CODE/" in reverse(name, args=["CODE"])
    except NoReverseMatch:
        return False


RUN_PAGES = [(name, route) for name, route in ours() if _is_of_a_run(name)]


@pytest.mark.parametrize("visitor", ["coordinator", "trainer", "trainee"])
def test_the_code_of_somebody_elses_draft_is_as_unknown_as_none(
    coordinator, client, visitor
) -> None:
    make_run(code="DRAFT", state="draft")
    visitors = {
        "coordinator": lambda: coordinator,
        "trainer": lambda: make_trainer(make_run()),
        "trainee": lambda: make_trainee(user=make_user(Role.TRAINEE)).user,
    }
    client.force_login(visitors[visitor]())
    assert len(RUN_PAGES) > 20
    for name, _route in RUN_PAGES:
        for method in ("get", "post"):
            answers = [getattr(client, method)(reverse(name, args=[c])) for c in ("DRAFT", "UNKNO")]
            assert answers[0].status_code == answers[1].status_code, (name, method)
            assert _text(answers[0]).replace("DRAFT", "UNKNO") == _text(answers[1]), (name, method)


def _text(answer: Any) -> str:
    return same(b"".join(answer).decode(errors="replace"))


BY_RUN: dict[str, Callable[[Visitor, str], Any]] = {
    "read": lambda api, code: api.get(f"runs/{code}/"),
    "change": lambda api, code: api.patch(f"runs/{code}/", {"capacity": 3}, If_Match="*"),
    "nominate": lambda api, code: api.post("enrollments/", {"run": code, "trainee": "HV-22222222"}),
    "mark": lambda api, code: api.post(
        "attendance/",
        {
            "run": code,
            "evidence": "trainers_mark",
            "marks": [{"session": 1, "trainee": "HV-22222222", "mark": "present"}],
        },
    ),
    "close": lambda api, code: api.post(f"runs/{code}/close/"),
    "session": lambda api, code: api.get(f"sessions/{code}/1/"),
    "move": lambda api, code: api.patch(f"sessions/{code}/1/", {"topic": "AI"}, If_Match="*"),
    "take off": lambda api, code: api.post(f"sessions/{code}/1/remove/"),
    "filter": lambda api, code: api.get(f"sessions/?run={code}"),
    "enrollments": lambda api, code: api.get(f"enrollments/?run={code}"),
}


@pytest.mark.parametrize("what", BY_RUN)
def test_the_api_knows_no_draft_of_somebody_else(coordinator, what) -> None:
    make_run(code="DRAFT", state="draft")
    for user in (coordinator, make_trainer(make_run())):
        answers = [BY_RUN[what](Visitor(user), code) for code in ("DRAFT", "UNKNO")]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].content.replace(b"DRAFT", b"UNKNO") == answers[1].content


# ── Addresses of accounts ─────────────────────────────────────────────────────────────


def test_sending_links_does_not_reveal_that_an_address_has_an_account(
    coordinator, own, client
) -> None:
    make_user(Role.TRAINER, email="taken@x.vn")
    client.force_login(coordinator)
    pages = []
    for address in ("taken@x.vn", "free@x.vn"):
        row = make_trainee(own, full_name=NAME, birth_date=BORN, email=address)
        sent = {"code": row.code}
        answers = [client.post(reverse("invite_people"), sent, follow=True) for _ in range(2)]
        pages.append([same(a.content.decode()).replace(address, "ADDRESS") for a in answers])
        Trainee.objects.filter(pk=row.pk).delete()
    assert pages[0] == pages[1]


def test_a_failed_sign_in_does_not_reveal_who_exists() -> None:
    make_user(email="taken@x.vn")
    texts = []
    for name in ("taken@x.vn", "nobody@x.vn"):
        answer = Client().post(reverse("account_login"), {"login": name, "password": "wrong"})
        texts.append((answer.status_code, same(answer.content.decode()).replace(name, "LOGIN")))
    assert texts[0] == texts[1]


def test_a_password_reset_does_not_reveal_who_exists() -> None:
    make_user(email="taken@x.vn")
    answers = [
        Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in ("taken@x.vn", "nobody@x.vn")
    ]
    texts = [
        same(a.content.decode()).replace("taken@", "x@").replace("nobody@", "x@") for a in answers
    ]
    assert texts[0] == texts[1]
    assert answers[0].redirect_chain == answers[1].redirect_chain


def test_a_wrong_code_of_a_letter_does_not_reveal_whether_the_trainee_exists() -> None:
    known = make_trainee(user=make_user(Role.TRAINEE))
    answers = [
        Client().post(
            reverse("claim_by_code"),
            {"handle": code, "code": "2222-2222-2222", "password": "x" * 16, "again": "x" * 16},
        )
        for code in (known.code, "HV-22222222")
    ]
    texts = [same(answer.content.decode()) for answer in answers]
    assert texts[0] == texts[1]
    assert answers[0].status_code == answers[1].status_code


# ── At check-in ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    [
        [{"name": NAME, "last_digits": digits} for digits in ("111", "222", "234")],
        [{"code": code} for code in ("HV-22222222", "HV-33333333", "HV-44444444")],
    ],
    ids=["by name", "by code"],
)
def test_looking_for_walk_ins_is_limited_and_misses_go_on_record(
    typed, stranger, client, monkeypatch
) -> None:
    monkeypatch.setattr("enrollment.limits.WALK_INS_AN_HOUR", 2)
    run = make_run(make_course(walk_ins_allowed=True))
    client.force_login(make_trainer(run))
    address = reverse("walk_in", args=[run.code])
    with clock.set_to(run.starts_on):
        tries = [client.post(address, form).status_code for form in typed]
    assert tries == [302, 302, 429]
    assert not run.enrollments.exists()
    entries = AuditEntry.objects.filter(action="walk_in_not_found")
    assert entries.count() == 2
    assert NAME not in str(list(entries.values()))


def test_the_digits_of_one_person_are_not_guessed_at_check_in(stranger, client) -> None:
    run = make_run(make_course(walk_ins_allowed=True))
    client.force_login(make_trainer(run))
    address = reverse("walk_in", args=[run.code])
    spellings = (NAME, NAME.upper(), "\u200b".join(NAME))
    with clock.set_to(run.starts_on):
        tries = [
            client.post(
                address, {"name": spellings[number % 3], "last_digits": f"{500 + number}"}
            ).status_code
            for number in range(11)
        ]
    assert tries == [302] * 10 + [429]


def test_the_office_sees_that_two_rows_were_entered_with_one_number(
    coordinator, stranger, office
) -> None:
    Visitor(coordinator).post("trainees/", person(TAKEN))
    make_trainee(stranger.agency, full_name=NAME, birth_date=BORN)
    Visitor(coordinator).post(
        "trainees/", {k: v for k, v in person("").items() if k != "personal_number"}
    )
    client = Client(headers={"accept-language": "en"})
    client.force_login(office.user)
    said = [
        "same personal number" in client.get(reverse("pair", args=[pair.pk])).content.decode()
        for pair in CandidatePair.objects.order_by("pk")
    ]
    assert said[0]
    assert not any(said[1:])


@pytest.mark.both_engines
def test_whoever_comes_second_at_the_same_moment_is_answered_as_the_first(
    coordinator, stranger, monkeypatch
) -> None:
    """The number is free while it is looked up and borne when the row is written."""
    looks: Iterator[Any] = iter([[NEW], match_all])

    def first_look_finds_nobody(rows: Any) -> Any:
        look = next(looks)
        return look if isinstance(look, list) else look(rows)

    monkeypatch.setattr("people.services.registration.match_all", first_look_finds_nobody)
    answer = Visitor(coordinator).post("trainees/", person(TAKEN))
    assert answer.status_code == 201
    assert Trainee.objects.get(code=answer.json()["code"]).claimed_number_digest
