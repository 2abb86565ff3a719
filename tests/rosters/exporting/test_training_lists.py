"""HR's lists of training: one row per person, and people by courses."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from agencies.choices import SuccessionKind
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE
from common import clock
from common.spreadsheets import open_sheets
from counting.explanation import explain
from courses.models import Course
from enrollment.models import Completion
from people.models import Trainee
from people.services.corrections import transfer
from people.services.merges import merge
from profiles.training_status import TrainingStatuses
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import MATRIX, PEOPLE
from rosters.exporting.rows import people_rows
from rosters.fields import PEOPLE_KEYS, TRAINING_KEYS
from tests.api.conftest import Visitor
from tests.architecture.world import adopt_rule, make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_succession,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db
COUNTED, OTHER = "AI-A", "XX-B"


@pytest.fixture
def agency() -> Agency:
    return make_agency("bo-a", name_vi="Bộ A")


@pytest.fixture
def courses() -> tuple[Course, Course]:
    """A course that counts under the rule, and one that does not."""
    counted, other = make_course(COUNTED, periods=16), make_course(OTHER, periods=8)
    adopt_rule(make_run(counted))
    return counted, other


def completed(person: Trainee, course: Course, day: dt.date, **fields: Any) -> Completion:
    run = make_run(course, starts_on=day, ends_on=day)
    return make_completion(person, run, **fields)


def lines(user: User, **asked: Any) -> list[dict[str, str]]:
    """The rows of a reader's list, by the keys of its columns."""
    wanted = {"of": PEOPLE, "fields": ["trainee_code", *TRAINING_KEYS], "form": "plain-csv"}
    pieces = export_requests.stream_export(by=user.as_actor(), user=user, wanted=wanted | asked)
    _head, *rows = csv.reader(io.StringIO(b"".join(pieces).decode()))
    return [dict(zip(wanted["fields"], row, strict=True)) for row in rows]


@pytest.mark.both_engines
def test_a_row_says_what_a_person_has_behind_them(agency, courses):
    counted, other = courses
    person = make_trainee(agency)
    first = completed(person, other, dt.date(2025, 5, 6))
    make_certificate(
        first, number=3, state="revoked", revoked_at=clock.now(), revocation_reason="x"
    )
    make_certificate(completed(person, counted, dt.date(2026, 3, 9)), number=12)
    completed(person, counted, dt.date(2026, 6, 1))
    (row,) = lines(make_coordinator(agency))
    assert row == {
        "trainee_code": person.code,
        "agency_today": "Bộ A",
        "training_status": "đã được bồi dưỡng",
        "first_course": f"{OTHER} · Khóa {OTHER}",
        "first_completed_on": "2025-05-06",
        "last_course": f"{COUNTED} · Khóa {COUNTED}",
        "last_completed_on": "2026-06-01",
        "courses_completed": "2",
        "periods_completed": "40",
        "certificate_numbers": "0003/2026/AI; 0012/2026/AI",
        "certificate_states": "đã thu hồi; đã cấp",
        "counted": "có",
        "why_not_counted": "",
        "still_to_learn": "",
    }


def test_who_is_not_counted_has_the_reasons_of_their_page(agency, courses):
    _counted, other = courses
    trained_elsewhere, enrolled, nobody = (make_trainee(agency) for _ in range(3))
    completed(trained_elsewhere, other, dt.date(2025, 5, 6))
    make_enrollment(make_run(), enrolled)
    for row in lines(make_coordinator(agency)):
        reasons = " ".join(reason.message for reason in explain(row["trainee_code"]).reasons)
        assert (row["counted"], row["why_not_counted"]) == ("không", reasons)
        assert reasons
    assert {row["trainee_code"] for row in lines(make_coordinator(agency), status="enrolled")} == {
        enrolled.code
    }
    assert nobody.code in {row["trainee_code"] for row in lines(make_coordinator(agency))}


@pytest.mark.both_engines
def test_status_and_count_are_those_of_the_pages_for_everybody(agency, courses):
    counted, other = courses
    people = [make_trainee(agency) for _ in range(8)]
    for at, person in enumerate(people):
        if at % 2:
            completed(person, counted, dt.date(2025, 1, 1 + at))
        if at % 3 == 0:
            completed(person, other, dt.date(2026, 1, 1 + at))
        if at > 4:
            make_enrollment(make_run(), person)
    void = completed(people[0], counted, dt.date(2026, 2, 2))
    Completion.objects.filter(pk=void.pk).update(voided_at=clock.now(), void_reason="Nhập nhầm")
    merge(by=PROGRAMME_OFFICE, survivor=people[2], absorbed=people[1])
    statuses = TrainingStatuses().of(person.pk for person in people)
    rows = {row["trainee_code"]: row for row in lines(make_coordinator(agency))}
    assert people[1].code not in rows
    for person in people[:1] + people[2:]:
        row = rows[person.code]
        assert row["training_status"] == str(statuses[person.pk].label)
        assert row["counted"] == ("có" if explain(person.code).counted else "không")
    assert rows[people[2].code]["last_completed_on"] == "2025-01-02"  # of the absorbed row


def test_results_that_a_reader_may_not_see_are_not_in_their_list(agency, courses):
    counted, _other = courses
    former = make_agency("bo-cu")
    person = make_trainee(former)
    make_certificate(completed(person, counted, dt.date(2026, 3, 9)))
    transfer(by=PROGRAMME_OFFICE, trainee=person, agency=agency, on=clock.today())
    (row,) = lines(make_coordinator(agency))
    hidden = ("first_course", "last_course", "certificate_numbers", "first_completed_on")
    assert [row[key] for key in hidden] == [""] * 4
    # As on their page: that they count is said of whoever works here.
    assert (row["counted"], row["training_status"]) == ("có", "đã được bồi dưỡng")
    assert lines(make_coordinator(former)) == []


def test_a_trainer_reads_results_of_the_own_classes_and_no_reasons(agency, courses):
    counted, other = courses
    person = make_trainee(agency)
    own = make_run(other, starts_on=dt.date(2026, 5, 5), ends_on=dt.date(2026, 5, 5))
    make_completion(person, own, enrollment=make_enrollment(own, person, state="completed"))
    completed(person, counted, dt.date(2026, 3, 9))
    (row,) = lines(make_trainer(own))
    assert (row["first_course"], row["courses_completed"]) == (f"{OTHER} · Khóa {OTHER}", "1")
    assert (row["counted"], row["why_not_counted"]) == ("", "")


def test_the_agency_is_followed_to_its_successor_and_a_split_says_so(agency):
    heir, split, part = make_agency("bo-moi", name_vi="Bộ Mới"), make_agency(), make_agency()
    make_succession(agency, heir, on=dt.date(2025, 3, 1))
    make_succession(split, part, heir, on=dt.date(2025, 3, 1), kind=SuccessionKind.SPLIT)
    make_trainee(agency, full_name="Lê An")
    make_trainee(split, full_name="Lê Bình")
    auditor = make_user("auditor")
    assert [row["agency_today"] for row in lines(auditor)] == [
        "Bộ Mới",
        "Chưa phân bổ sau chia tách",
    ]


def test_the_training_of_many_is_read_with_as_many_queries_as_of_one(agency, courses):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            list(people_rows(Trainee.objects.filter(agency=agency), PEOPLE_KEYS))
        return len(asked)

    def trained(number: int) -> None:
        person = make_trainee(agency)
        make_enrollment(make_run(), person)
        make_certificate(completed(person, courses[0], dt.date(2026, 3, 9)), number=number)

    trained(1)
    one = queries()
    for number in range(2, 22):
        trained(number)
    assert queries() == one <= 14


def test_a_list_without_columns_of_training_asks_nothing_of_it(agency):
    make_trainee(agency)
    with CaptureQueriesContext(connection) as asked:
        list(people_rows(Trainee.objects.all(), ["full_name", "unit"]))
    assert len(asked) == 1


# People × courses ------------------------------------------------------------------------


def matrix(user: User, **asked: Any) -> tuple[list[str], list[list[str]]]:
    wanted = {"of": MATRIX, "form": "plain-csv"} | asked
    pieces = export_requests.stream_export(by=user.as_actor(), user=user, wanted=wanted)
    head, *rows = csv.reader(io.StringIO(b"".join(pieces).decode()))
    return head[5:], [[row[2], *row[5:]] for row in rows]


@pytest.fixture
def trained(agency, courses) -> User:
    """The coordinator of three people: one with both courses, one with one twice, one with none."""
    counted, other = courses
    both, twice, _none = (make_trainee(agency, full_name=f"Lê {n}") for n in ("An", "Bình", "Cúc"))
    completed(both, counted, dt.date(2026, 3, 9))
    completed(both, other, dt.date(2025, 5, 6))
    completed(twice, counted, dt.date(2025, 2, 3))
    completed(twice, counted, dt.date(2026, 6, 1))
    return make_coordinator(agency)


@pytest.mark.both_engines
def test_the_matrix_has_the_latest_day_of_each_course_for_everybody(trained):
    heads, rows = matrix(trained)
    assert heads == [f"{COUNTED} · Khóa {COUNTED}", f"{OTHER} · Khóa {OTHER}"]
    assert rows == [
        ["Lê An", "2026-03-09", "2025-05-06"],
        ["Lê Bình", "2026-06-01", ""],
        ["Lê Cúc", "", ""],
    ]


def test_the_matrix_of_a_period_has_its_courses_and_days_alone(trained):
    heads, rows = matrix(trained, since="2025-01-01", until="2025-12-31", status="trained")
    assert heads == [f"{COUNTED} · Khóa {COUNTED}", f"{OTHER} · Khóa {OTHER}"]
    assert rows == [["Lê An", "", "2025-05-06"], ["Lê Bình", "2025-02-03", ""]]
    assert matrix(trained, since="2026-05-01")[0] == [f"{COUNTED} · Khóa {COUNTED}"]


def test_courses_of_a_merged_row_are_in_the_row_of_its_person(agency, courses):
    person, absorbed = make_trainee(agency), make_trainee(agency)
    completed(absorbed, courses[1], dt.date(2025, 5, 6))
    merge(by=PROGRAMME_OFFICE, survivor=person, absorbed=absorbed)
    heads, rows = matrix(make_coordinator(agency))
    assert (len(heads), [row[1] for row in rows]) == (1, ["2025-05-06"])


def test_the_matrix_shows_no_result_that_its_reader_may_not_see(agency, courses):
    person = make_trainee(make_agency())
    completed(person, courses[0], dt.date(2026, 3, 9))
    transfer(by=PROGRAMME_OFFICE, trainee=person, agency=agency, on=clock.today())
    assert matrix(make_coordinator(agency)) == ([], [[person.full_name]])


def test_the_page_shows_the_matrix_and_gives_its_file(client, trained):
    client.force_login(trained)
    asked = {"since": "2025-01-01", "until": "2025-12-31", "status": "trained"}
    page = client.get(reverse("training_matrix"), asked)
    assert [person.full_name for person, _days in page.context["rows"]] == ["Lê An", "Lê Bình"]
    assert "06/05/2025" in page.text
    assert "09/03/2026" not in page.text
    answer = client.post(reverse("training_matrix"), asked | {"form": "xlsx"})
    rows = [row.values for row in open_sheets(answer.getvalue())[0].rows()]
    assert [row[2] for row in rows[1:]] == ["Lê An", "Lê Bình"]
    assert rows[1][6] == dt.date(2025, 5, 6)
    details = AuditEntry.objects.get(action="training_matrix_exported").details
    assert (details["rows"], details["form"]) == (2, "xlsx")


def test_a_period_that_ends_before_it_starts_is_refused(client, trained):
    client.force_login(trained)
    asked = {"since": "2026-01-01", "until": "2025-12-31"}
    for answer in (
        client.get(reverse("training_matrix"), asked),
        client.post(reverse("training_matrix"), asked),
    ):
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["until"])


# For programs ----------------------------------------------------------------------------


def test_the_same_lists_come_by_the_api(trained):
    visitor = Visitor(trained)
    answer = visitor.get("lists/people/?form=plain-csv&columns=full_name,courses_completed")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.getvalue().decode().split("\r\n")[1:] == ["Lê An,2", "Lê Bình,1", "Lê Cúc,0", ""]
    answer = visitor.get("lists/training-matrix/?form=csv&since=2026-05-01")
    assert answer.getvalue().decode().split("\r\n")[2].endswith(";01/06/2026")
    answer = visitor.get("lists/roster/?form=xlsx")
    assert len(list(open_sheets(answer.getvalue())[0].rows())) == 1


@pytest.mark.parametrize(
    "query",
    ["form=pdf", "columns=full_name,salary", "q=001080123456", "since=x", "status=x", "nobody=1"],
)
def test_the_api_names_what_it_cannot_give(trained, query):
    answer = Visitor(trained).get(f"lists/training-matrix/?{query}")
    if query.startswith("columns"):
        answer = Visitor(trained).get(f"lists/people/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [query.split("=")[0]]


def test_the_command_writes_the_list_and_the_matrix(trained, tmp_path, capsys):
    people, table = tmp_path / "people.xlsx", tmp_path / "matrix.csv"
    call_command("export_people", output=str(people), agency="bo-a")
    assert len(list(open_sheets(people)[0].rows())) == 4
    call_command(
        "export_people", output=str(table), matrix=True, plain_csv=True, since=dt.date(2026, 5, 1)
    )
    assert "2026-06-01" in table.read_text()
    with pytest.raises(SystemExit):
        call_command("export_people", output=str(people), agency="bo-la", json=True)
    assert "unknown_agency" in capsys.readouterr().out
