"""The list of people as a file: the people of the page, recognised by an import."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Coordinator
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from common.spreadsheets import open_sheets
from enrollment.models import Enrollment
from people.models import Trainee
from people.services.corrections import transfer
from people.services.merges import merge
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import PEOPLE
from rosters.exporting.columns import roster_columns
from rosters.fields import IMPORTED_KEYS, PEOPLE_KEYS
from rosters.importing.layouts.headings import field_of
from rosters.models import RosterExport
from tests.architecture.world import adopt_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)
from tests.rosters.desk import Desk, found_in, outcomes

pytestmark = pytest.mark.django_db

NUMBER = "001080123456"
FILTERS: list[dict[str, str]] = [
    {},
    {"status": "not_yet"},
    {"status": "trained"},
    {"status": "enrolled"},
    {"agency": "bo-a"},
    {"q": "Le", "agency": "bo-b", "status": "not_yet"},
]


def seen_by_all(role: str) -> User:
    user = make_user(role)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.fixture
def readers() -> dict[str, User]:
    """Readers, and people with no, one or two enrollments, or with two records."""
    here, there, run = make_agency("bo-a"), make_agency("bo-b"), make_run()
    adopt_rule(run)
    for at in range(51):
        make_trainee(here, full_name=f"Lê Văn {chr(65 + at % 23)}")
    moved, trained, doubled = (make_trainee(here, full_name=f"Lê Thị {name}") for name in "ABC")
    for one in (moved, doubled):
        make_enrollment(run, one)
        make_enrollment(make_run(), one)
    make_completion(trained, run, enrollment=make_enrollment(run, trained, state="completed"))
    transfer(by=PROGRAMME_OFFICE, trainee=moved, agency=there, on=clock.today())
    merge(by=PROGRAMME_OFFICE, survivor=make_trainee(there), absorbed=doubled)
    make_enrollment(run, make_trainee(there, full_name="", erased_at=clock.now()))
    both = make_trainer(run)
    both.role_grants.create(role=Role.COORDINATOR)
    Coordinator.objects.create(user=both, agency=there)
    return {
        "office": seen_by_all("programme_office"),
        "auditor": seen_by_all("auditor"),
        "coordinator": make_coordinator(here),
        "trainer": make_trainer(run),
        "trainer who coordinates": User.objects.get(pk=both.pk),
    }


def on_the_page(client: Client, asked: dict[str, str]) -> list[str]:
    """The codes of the people on all pages of the list."""
    codes: list[str] = []
    onward = ""
    while True:
        text = client.get(reverse("people"), asked | ({"after": onward} if onward else {})).text
        codes += re.findall(r'<a href="/people/(HV-\w+)/">', text)
        found = re.search(r'rel="next" href="[^"]*after=(HV-\w+)"', text)
        if not found:
            return codes
        onward = found[1]


def in_the_file(client: Client, **asked: str) -> list[tuple]:
    data = {"form": "xlsx", "columns": [*PEOPLE_KEYS]} | asked
    answer = client.post(reverse("export_people"), data)
    head, *rows = [row.values for row in open_sheets(answer.getvalue())[0].rows()]
    assert len(head) == len(PEOPLE_KEYS)
    return rows


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "reader", ["office", "auditor", "coordinator", "trainer", "trainer who coordinates"]
)
def test_the_file_has_the_people_of_the_page_in_the_same_order(readers, client, reader):
    client.force_login(readers[reader])
    at = PEOPLE_KEYS.index("trainee_code")
    for asked in FILTERS:
        if reader == "coordinator" and asked.get("agency") == "bo-b":
            continue  # not theirs to choose
        rows = in_the_file(client, **asked)
        assert [row[at] for row in rows] == on_the_page(client, asked), asked
        details = AuditEntry.objects.filter(action="people_exported").latest("pk").details
        assert details["rows"] == len(rows)


def test_people_who_were_never_enrolled_are_in_the_file(readers, client):
    client.force_login(readers["coordinator"])
    assert len(in_the_file(client, status="not_yet")) == 51


def test_the_list_leads_to_its_file_with_what_it_is_narrowed_by(client):
    agency = make_agency()
    client.force_login(make_coordinator(agency))
    asked = {"q": "hoa", "agency": agency.slug, "status": "not_yet"}
    (address,) = re.findall(
        r'href="(/people/export/\?[^"]+)"', client.get(reverse("people"), asked).text
    )
    form = client.get(f"{address.replace('&amp;', '&')}&reason=x").context["form"]
    assert form.initial == asked


def test_another_agency_is_not_to_be_chosen(client):
    make_agency("bo-khac")
    client.force_login(make_coordinator(make_agency()))
    asked = {"form": "csv", "columns": "full_name", "agency": "bo-khac"}
    answer = client.post(reverse("export_people"), asked)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["agency"])


def test_what_was_asked_for_is_on_record_without_the_name(readers, client):
    client.force_login(readers["office"])
    in_the_file(client, q="Le", agency="bo-a", status="not_yet")
    scope = AuditEntry.objects.get(action="people_exported").details["scope"]
    assert scope.startswith("of=people, agency=bo-a, status=not_yet, q=")
    assert "Le" not in scope


@pytest.mark.parametrize(
    ("role", "asked", "number"),
    [
        ("programme_office", {}, "*********456"),
        ("auditor", {"reason": "Kiểm tra của thanh tra"}, "*********456"),
        ("programme_office", {"reason": "Kiểm tra của thanh tra"}, NUMBER),
    ],
)
def test_numbers_are_masked_unless_the_right_and_the_reason_are_given(client, role, asked, number):
    make_trainee(personal_number=NUMBER)
    client.force_login(seen_by_all(role))
    (row,) = in_the_file(client, **asked)
    assert row[PEOPLE_KEYS.index("personal_number")] == number
    details = AuditEntry.objects.get(action="people_exported").details
    is_whole = number == NUMBER
    assert (details["whole_numbers"], "reason" in details) == (is_whole, is_whole)


def test_a_file_without_their_column_is_not_recorded_as_having_whole_numbers(client):
    client.force_login(seen_by_all("programme_office"))
    asked = {"form": "csv", "columns": "full_name", "reason": "Kiểm tra của thanh tra"}
    client.post(reverse("export_people"), asked)
    assert not AuditEntry.objects.get(action="people_exported").details["whole_numbers"]


# Long lists ------------------------------------------------------------------------------


def wanted(**asked: str) -> dict[str, Any]:
    return {"of": PEOPLE, "fields": [*PEOPLE_KEYS], "form": "csv", **asked}


@pytest.fixture
def written(django_capture_on_commit_callbacks):
    """Has somebody's list written by a job."""

    def write(user: User, **asked: str) -> RosterExport:
        with django_capture_on_commit_callbacks(execute=True):
            asked_for = export_requests.request_export(
                by=user.as_actor(), user=user, wanted=wanted(**asked)
            )
        return RosterExport.objects.get(pk=asked_for.pk)

    return write


def test_a_long_list_is_a_job_and_a_shorter_one_comes_at_once(client):
    agency, born = make_agency(), dt.date(1980, 1, 1)
    Trainee.objects.bulk_create(
        Trainee(agency=agency, full_name="Nguyễn Văn An", birth_date=born)
        for _ in range(export_requests.STREAMED + 1)
    )
    client.force_login(make_coordinator(agency))
    asked = {"form": "csv", "columns": "full_name"}
    answer = client.post(reverse("export_people"), asked)
    assert answer["Location"] == reverse("job", args=[RosterExport.objects.get().job_id])
    Trainee.objects.filter(pk=Trainee.objects.latest("pk").pk).delete()
    answer = client.post(reverse("export_people"), asked)
    assert answer.getvalue().count(b"\n") == export_requests.STREAMED + 1


def test_a_job_writes_the_list_sends_a_mail_and_records_it(written, mailoutbox):
    agency = make_agency()
    make_trainee(agency, full_name="Lê Văn An")
    make_trainee(full_name="Lê Văn Bình")
    export = written(make_coordinator(agency), status="not_yet")
    content = export_requests.file_of(export).decode()
    assert ("Lê Văn An" in content, "Lê Văn Bình" in content) == (True, False)
    assert reverse("export_file", args=[export.pk]) in mailoutbox[0].body
    details = AuditEntry.objects.get(action="people_exported").details
    assert (details["rows"], details["scope"]) == (1, "of=people, status=not_yet")


@pytest.mark.both_engines
def test_a_written_list_closes_once_somebody_on_it_is_with_another_agency(client, written):
    agency = make_agency()
    person, user = make_trainee(agency), make_coordinator(agency)
    address = reverse("export_file", args=[written(user).pk])
    client.force_login(user)
    assert client.get(address).status_code == 200
    transfer(by=PROGRAMME_OFFICE, trainee=person, agency=make_agency(), on=clock.today())
    assert client.get(address).status_code == 403


def test_a_written_list_stays_open_though_two_on_it_were_one(client, written):
    agency = make_agency()
    one, other, user = make_trainee(agency), make_trainee(agency), make_coordinator(agency)
    address = reverse("export_file", args=[written(user).pk])
    merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
    client.force_login(user)
    assert client.get(address).status_code == 200


def test_many_people_are_written_with_as_many_queries_as_one():
    user, agency = seen_by_all("auditor"), make_agency()
    assert user.reads_everything  # a user's roles are asked for once

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            b"".join(export_requests.stream_export(by=user.as_actor(), user=user, wanted=wanted()))
        return len(asked)

    make_trainee(agency)
    one = queries()
    for _ in range(20):
        make_trainee(agency)
    assert queries() == one


# And in again ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_list_sent_back_to_a_class_makes_nobody_new(
    client, django_capture_on_commit_callbacks, form
):
    desk = Desk(django_capture_on_commit_callbacks)
    namesake: dict[str, Any] = {"full_name": "Lê Thị An", "birth_date": dt.date(1980, 2, 1)}
    said = {"sex": "female", "phone": "0912345678", "email": "a@example.gov.vn", "unit": "Vụ A"}
    placed = make_trainee(desk.agency, **namesake, **said, position="=1+1", personal_number=NUMBER)
    make_trainee(desk.agency, **namesake)
    make_enrollment(desk.run, placed)
    make_trainee(desk.agency, full_name="Lê Văn Bình", birth_date=None, birth_year=1980)
    before = list(Trainee.objects.order_by("pk").values())
    client.force_login(desk.user)
    asked = {"form": form, "columns": [*PEOPLE_KEYS]}
    upload = desk.put(client.post(reverse("export_people"), asked).getvalue(), f"x.{form}")
    assert not [result.errors for result in found_in(upload).results if result.errors]
    assert set(outcomes(upload)) <= {"unchanged", "matched"}
    desk.enter(upload)
    assert list(Trainee.objects.order_by("pk").values()) == before
    assert Enrollment.objects.filter(run=desk.run).count() == 3


def test_no_column_of_the_list_is_taken_for_another_on_the_way_in():
    for column in roster_columns(PEOPLE_KEYS):
        expected = column.key if column.key in IMPORTED_KEYS else None
        assert field_of(column.heading) == expected
