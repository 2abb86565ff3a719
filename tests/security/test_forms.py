"""Every form of the site answers whatever stands in it with a page, never with a server error.

The forms are read off the pages that the table of rights opens, so a new form is found by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

from tests.architecture.test_access import _VISITORS, RIGHTS
from tests.architecture.world import World, make_world

pytestmark = pytest.mark.django_db

GARBAGE = "☃ '; DROP TABLE x; -- <b> 2026-99-99 %s {0}"
FILLINGS = {
    "nothing": "",
    "garbage": GARBAGE,
    "a zero byte": "a\x00b",
    "a number without end": "9" * 400,
    "minus one": "-1",
    "the last day": "9999-12-31",
    "too long": "ạ" * 100_000,
}
ANSWERS = {200, 302, 400, 403, 404, 405, 409, 413, 422}
# Controls of forms that no page of the small world shows: its one class is over.
UNSEEN = {
    "agency_kind": ["results", "reason"],
    "answer_evaluation": ["ticket", "name", "last_digits"],
    "check_in": ["ticket", "name", "last_digits"],
    "claim_by_link": ["password1", "password2"],
    "confirm_address": [],
    "decide_enrollment": ["expected_state"],
    "discard_evaluations": ["reason"],
    "end_token": [],
    "evaluation_text": ["reason"],
    "follow_up": ["use", "example", "link"],
    "split_assignments": ["agency", "completions", "people"],
    "mark_attendance": ["cell"],
    "own_address": ["email"],
    "new_report": ["starts_on", "ends_on", "agreed_persons", "number", "dated", "signer"],
    "print_letters": ["code"],
    "reopen_task": [],
    "request_enrollment": [],
    "resit": ["score", "sat_on"],
    "retry_job": [],
    "reveal_number": ["reason"],
    "roster_row": ["full_name"],
    "run_scores": ["score-1"],
    "single_sign_on": [],
    "staff_number": ["number"],
    "take_scores": ["file"],
    "take_seat_back": [],
    "undo_roster": [],
    "walk_in": ["code"],
    "withdraw_enrollment": ["expected_state"],
    "withdraw_transfer": [],
}
# Forms of libraries, which tests/accounts/test_changing_sign_in.py walks; the admin has none.
OF_LIBRARIES = ("account_", "admin:", "mfa_", "usersessions_")
WRITERS = ["office", "trainer", "coordinator", "trainee"]
LANGUAGES = ["vi", "en"]


@dataclass
class Form:
    """A form of a page: where it leads, and its controls with what stands in them."""

    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.select = address, list[Form](), ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = dict(attributes)
        if tag == "form":
            method = (has.get("method") or "get").lower()
            self.forms.append(Form(method, has.get("action") or self.address))
        elif not self.forms:
            return
        elif tag == "option" and self.select and ("selected" in has or not self._chosen):
            self._chosen = has.get("value") or ""
        elif name := has.get("name"):
            self._control(tag, name, has)

    def _control(self, tag: str, name: str, has: dict[str, str | None]) -> None:
        form = self.forms[-1]
        if has.get("type") == "file":
            form.files.add(name)
        elif has.get("type") not in {"checkbox", "radio"} or "checked" in has:
            form.values[name] = has.get("value") or ""
        else:
            form.values.setdefault(name, "")
        self.select = name if tag == "select" else ""

    @property
    def _chosen(self) -> str:
        return self.forms[-1].values[self.select]

    @_chosen.setter
    def _chosen(self, value: str) -> None:
        self.forms[-1].values[self.select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def client_of(world: World, visitor: str, language: str) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    if user := world.visitors[visitor]:
        client.force_login(user)
    return client


def forms_for(world: World, client: Client, visitor: str) -> Iterator[tuple[str, Form]]:
    """Each form that the pages show this visitor, once, with the name of its route."""
    seen: set[tuple[str, str, frozenset[str]]] = set()
    for route, address in opened_by(world, visitor):
        page = client.get(address)
        if not page["Content-Type"].startswith("text/html"):
            continue
        parser = _Forms(address)
        parser.feed(page.content.decode())
        for form in parser.forms:
            key = (form.method, form.action, frozenset({*form.values, *form.files}))
            if key not in seen:
                seen.add(key)
                yield resolve(form.action.split("?")[0]).url_name or route, form
    for route, names in UNSEEN.items():
        address = reverse(route, kwargs=world.kwargs.get(route))
        yield route, Form("post", address, dict.fromkeys(names, ""))


def opened_by(world: World, visitor: str) -> Iterator[tuple[str, str]]:
    column = _VISITORS.index(visitor)
    for (method, route), answers in RIGHTS.items():
        if method == "GET" and answers[column] in {"200", "422"}:
            yield route, reverse(route, kwargs=world.kwargs.get(route))


def sent(client: Client, form: Form, values: dict[str, Any]) -> int:
    """The status of the answer; whatever was done is undone."""
    with transaction.atomic():
        answer = getattr(client, form.method)(form.action, values)
        transaction.set_rollback(True)
    if answer.status_code == 500:
        print(form.action, repr(answer.exc_info[1]))  # noqa: T201  # told where a test fails
    return int(answer.status_code)


def file_of(filling: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("x" * 300 + ".xlsx", filling.encode())


def filled(form: Form, filling: str) -> dict[str, Any]:
    """Every control of the form holds the same bad value."""
    files = {name: file_of(filling) for name in form.files} if filling else {}
    return {**dict.fromkeys(form.values, filling), **files}


def flaws(world: World, visitor: str, language: str, spoilt: Any) -> list[str]:
    client = client_of(world, visitor, language)
    found = []
    for route, form in forms_for(world, client, visitor):
        for told, values in spoilt(form):
            status = sent(client, form, values)
            if status not in ANSWERS:
                found.append(f"{form.method} {route}, {told}: {status}")
    return found


def everywhere(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    for told, filling in FILLINGS.items():
        if len(filling) * len(form.values) < 800_000:  # above, the server refuses the whole body
            yield told, filled(form, filling)


def one_by_one(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in [*form.values, *form.files]:
        for told, filling in FILLINGS.items():
            value = filling if name in form.values else file_of(filling)
            yield f"{told} in {name}", {**form.values, name: value}


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("visitor", "language"),
    [("office", "vi"), ("trainer", "en"), ("coordinator", "vi"), ("trainee", "en")],
)
def test_a_form_full_of_nonsense_is_answered_with_a_page(db, visitor, language):
    assert flaws(make_world(), visitor, language, everywhere) == []


@pytest.mark.full
@pytest.mark.both_engines
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("visitor", WRITERS)
def test_one_wrong_field_among_right_ones_is_answered_with_a_page(db, visitor, language):
    assert flaws(make_world(), visitor, language, one_by_one) == []


def test_the_walk_finds_the_forms(db):
    """Every action of the table that a page offers somebody is among them."""
    world = make_world()
    found = {
        route
        for visitor in WRITERS
        for route, form in forms_for(world, client_of(world, visitor, "vi"), visitor)
        if form.method == "post"
    }
    # One button without a field, shown in a state that this small world does not have.
    only_later = {
        "compare_again", "quality_again", "stage_rest", "read_notifications", "resume_messages",
        # On the sign-in page of a demo; and posted by a mail provider.
        "demo_sign_in", "take_bounce",
        # In a class under way, by somebody who has a seat.
        "run_unit", "run_test", "save_attempt",
        # On a list that is narrowed.
        "new_filter",
        # Of a draft of a framework, a class with people to confirm, a package of records.
        "adopt_framework", "run_confirmations", "approve_record_deletion", "remove_package_file",
        # By a link in a message.
        "name_by_link",
        # Once a number was entered that can be guessed.
        "verify_by_number",
    }  # fmt: skip
    posted = {
        route for method, route in RIGHTS if method == "POST" and not route.startswith(OF_LIBRARIES)
    }
    assert posted - found == only_later
