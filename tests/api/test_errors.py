"""One form of error: problem details (RFC 9457) beside code, message and fields."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from certificates.errors import FileLostError
from common.errors import DomainError, InputError
from tests.api.conftest import Visitor
from tests.factories import make_course, make_run
from tests.learning.test_attempts import make_test

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("runs/no-such/", 404, "not_found"),
        ("runs/?state=x", 400, "invalid"),
        ("nowhere/", 404, "not_found"),
    ],
)
def test_an_error_is_problem_json_and_says_the_same_in_both_forms(office, address, status, code):
    answer = office.get(address)
    problem = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.status_code == problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:problem-type:lms:{code}"
    assert problem["detail"] == problem["message"]
    assert problem["instance"] == f"/api/v1/{address.partition('?')[0]}"


def test_a_refusal_without_a_right_or_a_token_is_a_problem_too(api, anybody):
    from tests.factories import make_user

    refused = api(make_user("trainee")).post("courses/", {})
    unknown = anybody.get("courses/")
    assert [refused.json()["status"], unknown.json()["status"]] == [403, 401]
    assert unknown["WWW-Authenticate"] == "Bearer"


def test_what_could_never_be_right_is_400_and_what_contradicts_the_record_409(office):
    sent = {"code": "R-1", "starts_on": "2027-01-04", "ends_on": "2027-01-05", "capacity": 20}
    unknown = office.post("runs/", sent | {"course": "NO-SUCH"})
    sent["course"] = make_course().code
    office.post("runs/", sent)
    taken = office.post("runs/", sent)
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_course")
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")


def test_the_status_is_of_the_class_and_no_spelling_changes_it():
    assert [DomainError(code, "x").status for code in ("unknown_x", "taken")] == [409, 409]
    assert [InputError(code, "x").status for code in ("unknown_x", "taken")] == [400, 400]


def below(kind: type) -> set[type]:
    return {kind}.union(*(below(one) for one in kind.__subclasses__()))


def test_every_error_of_the_domain_answers_400_or_409_and_a_lost_file_404():
    kinds = below(DomainError) - {FileLostError}
    assert FileLostError.status == 404
    assert {one.status for one in kinds} == {400, 409}  # type: ignore[attr-defined]  # kinds are found at run time
    assert all(issubclass(one, InputError) == (one.status == 400) for one in kinds)  # type: ignore[attr-defined]  # kinds are found at run time


def about_input(code: str) -> bool:
    return code.startswith(("unknown_", "date_", "birth_", "invalid_")) or code.endswith(
        ("_before_start", "_in_future", "_do_not_fit")
    )


def test_codes_that_speak_of_input_are_raised_by_a_class_that_answers_400():
    """An aid for who writes the next one; the status itself comes from the class alone."""
    kinds = {one.__name__: one for one in below(DomainError)}
    wrong = []
    for app in (*settings.APPS, "common"):
        for file in (ROOT / app).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text())):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                    continue
                kind = kinds.get(call.func.id)
                code = getattr(call.args[0], "value", "") if call.args else ""
                is_about_input = isinstance(code, str) and about_input(code)
                if kind and is_about_input and not issubclass(kind, InputError):
                    wrong.append(f"{file.relative_to(ROOT)}:{call.lineno} {code}")
    assert wrong == []


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("get", "audiences/a%00/untrained/", None, 404),
        ("get", "tests/{test}/statistics/?run=a%00", None, 400),
        ("post", "evaluations/", {"run": "a\x00"}, 400),
        ("post", "questions/import/", {"course": "\x00", "form": "gift", "content": "x"}, 400),
        ("post", "audiences/import/", {"audiences": [{"slug": "\x00", "title_vi": "A"}]}, 400),
    ],
)
def test_a_key_with_a_nul_names_no_row(
    office: Visitor, method: str, address: str, body: Any, status: int
) -> None:
    """PostgreSQL refuses the very question."""
    place = address.format(test=make_test(make_run()).pk)
    assert office.send(method, place, body).status_code == status
