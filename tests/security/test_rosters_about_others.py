"""Rosters about another agency's person: they nominate, and ask for the transfer; no more.

The table of all bulk paths is ``test_bulk_paths``; here stands what the sender of a roster sees and
gets afterwards. Each way sends one row about a person of another agency, as somebody would who
knows the trainee code, the birth date and the name without accents. Nothing of the person changes,
the sender reads nothing that it did not write itself, and gets neither letter nor number.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from people.errors import PeopleError
from people.models import Trainee, TransferRequest
from people.services.bulk import PersonData, amend, save_amended
from people.services.corrections import transfer
from people.services.guess_limit import MOST_GUESSES
from people.services.privacy import begin_erasure, carry_on
from people.services.transfer_requests import accept_transfer, decline_transfer
from rosters.importing import import_job, row_editing
from rosters.models import RosterImport
from tests.api.conftest import Visitor
from tests.common.workbooks import workbook
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_succession,
    make_trainee,
)
from tests.rosters.desk import Desk, found_in, outcomes
from tests.security.test_other_agencies import readable

NAME, NAME_AS_SENT = "Quách Thị Bí Mật", "Quach Thi Bi Mat"
BORN, BORN_AS_SENT = dt.date(1985, 3, 12), "12/03/1985"
# What is stored of the person and was not typed by the sender.
SECRETS = {
    "full_name": NAME,
    "sex": "female",
    "unit": "Phòng Rất Kín",
    "position": "Chánh thanh tra",
    "email": "bi.mat@bo-a.example",
    "phone": "0912345678",
    "personal_number": "001185012345",
}
SHOWN_AS = SECRETS | {"personal_number": "*********345", "sex": "Nữ", "agency": "Bộ Đương nhiệm"}
HEADINGS = ["Họ và tên", "Ngày sinh", "Mã học viên", "Email", "Điện thoại", "Chức vụ", "Đơn vị"]
TYPED = ["ke.gian@bo-b.example", "0987654321", "Chuyên viên", "Vụ Cử Đi"]


@dataclass
class Scene:
    """Somebody of one agency, and a coordinator of another who sends a list about them."""

    desk: Desk
    person: Trainee
    folder: Path

    @property
    def agency(self) -> Agency:
        return self.desk.agency

    @property
    def run(self) -> CourseRun:
        return self.desk.run

    def row(self, **changed: Any) -> list[Any]:
        said = {"name": NAME_AS_SENT, "birth": BORN_AS_SENT, "code": self.person.code} | changed
        return [said["name"], said["birth"], said["code"], *TYPED]

    def put(self, *rows: list[Any]) -> RosterImport:
        return self.desk.put(workbook(HEADINGS, *(rows or [self.row()])))


@pytest.fixture
def scene(db, django_capture_on_commit_callbacks, tmp_path) -> Scene:
    desk = Desk(django_capture_on_commit_callbacks)
    former = make_agency(name_vi="Bộ Đương nhiệm")
    person = make_trainee(former, birth_date=BORN, **SECRETS)
    return Scene(desk, person, tmp_path)


# Ways to send ------------------------------------------------------------------------------


def by_page(scene: Scene) -> None:
    scene.desk.enter(scene.put())


def by_page_sent_again(scene: Scene) -> None:
    by_page(scene)
    assert outcomes(scene.desk.enter(scene.put())) == ["unchanged"]


def by_mended_row(scene: Scene) -> None:
    upload = scene.put(scene.row(birth="01/01/1990"))
    assert outcomes(upload) == ["rejected"]
    cells = row_editing.cells_of(upload, 2) | {"birth": BORN_AS_SENT}
    row_editing.edit_row(**scene.desk.who, upload=upload, row_number=2, cells=cells)
    scene.desk.enter(scene.desk.again(upload))


def by_page_confirmed_by_a_colleague(scene: Scene) -> None:
    upload = scene.put()
    scene.desk.user = make_coordinator(scene.agency)
    scene.desk.enter(upload)


def by_command(scene: Scene) -> None:
    file = scene.folder / "roster.xlsx"
    file.write_bytes(workbook(HEADINGS, scene.row()))
    call_command("import_roster", str(file), run=scene.run.code, agency=scene.agency.slug)


PATHS: dict[str, Callable[[Scene], object]] = {
    "roster by page": by_page,
    "roster sent again": by_page_sent_again,
    "mended row": by_mended_row,
    "roster confirmed by a colleague": by_page_confirmed_by_a_colleague,
    "import_roster": by_command,
}


# What must hold --------------------------------------------------------------------------


def on_record(person: Trainee) -> dict[str, Any]:
    row: dict[str, Any] = dict(Trainee.objects.filter(pk=person.pk).values().get())
    return row


@pytest.mark.parametrize("path", PATHS)
def test_no_field_of_another_agencys_person_changes(scene, path):
    before = on_record(scene.person)
    PATHS[path](scene)
    after = on_record(scene.person)
    assert {field for field in before if before[field] != after[field]} == set()


@pytest.mark.parametrize("path", PATHS)
def test_the_sender_reads_nothing_that_it_did_not_write(scene, path):
    PATHS[path](scene)
    # A result of theirs, so that there is something to be seen.
    for place in Enrollment.objects.filter(trainee=scene.person):
        make_completion(scene.person, scene.run, sending_agency=scene.agency, enrollment=place)
    told = {
        address: {name for name, value in SHOWN_AS.items() if value in text}
        for address, text in pages_of(scene).items()
    }
    assert {address: found for address, found in told.items() if found} == {}


def pages_of(scene: Scene) -> dict[str, str]:
    """Everything that shows people, as the sender's coordinator gets it."""
    client = Client()
    client.force_login(scene.desk.user)
    code, run = scene.person.code, scene.run.code
    asked = [
        reverse("my"),
        reverse("run", args=[run]),
        reverse("roster_file", args=[run, "csv"]),
        reverse("roster_file", args=[run, "xlsx"]),
        reverse("people"),
        reverse("people_accounts") + "?q=bi+mat",
        reverse("transfer_requests"),
        reverse("certificates"),
        reverse("rosters"),
        *(reverse("roster", args=[upload.pk]) for upload in RosterImport.objects.all()),
        *(
            reverse(name, args=[run, place.pk])
            for place in Enrollment.objects.filter(trainee=scene.person)
            for name in ("withdraw_enrollment", "replace_enrollment")
        ),
    ]
    texts = {address: body_of(client.get(address)) for address in asked}
    visitor = Visitor(scene.desk.user)
    for address in ("trainees/", "enrollments/", "completions/", "certificates/", "attendance/"):
        texts[f"api {address}"] = body_of(visitor.get(address))
    texts["api place"] = body_of(visitor.get(f"enrollments/{run}/{code}/"))
    return texts


def body_of(response: Any) -> str:
    assert response.status_code == 200, response
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return readable(body)


@pytest.mark.parametrize("path", PATHS)
def test_neither_page_nor_search_nor_explanation_opens(scene, path):
    PATHS[path](scene)
    client, code = Client(), scene.person.code
    client.force_login(scene.desk.user)
    for name in ("person", "explain", "correct_person"):
        assert client.get(reverse(name, args=[code])).status_code == 404, name
    visitor = Visitor(scene.desk.user)
    assert visitor.get(f"trainees/{code}/").status_code == 404
    assert visitor.get("trainees/?search=bi mat").json()["results"] == []
    assert visitor.get("enrollments/?search=bi mat").json()["results"] == []


@pytest.mark.parametrize("path", PATHS)
def test_neither_letter_nor_link_nor_number_is_given(scene, path):
    PATHS[path](scene)
    client, code = Client(), scene.person.code
    client.force_login(scene.desk.user)
    reveal = client.post(reverse("reveal_number", args=[code]), {"reason": "to compare"})
    assert reveal.status_code == 404
    for name in ("print_letters", "invite_people"):
        client.post(reverse(name), {"code": [code]})
    assert not User.objects.filter(trainee__pk=scene.person.pk).exists()


@pytest.mark.parametrize("path", PATHS)
def test_the_person_is_nominated_by_the_sender_and_their_transfer_asked_for(scene, path):
    PATHS[path](scene)
    place = Enrollment.objects.get(trainee=scene.person)
    request = TransferRequest.objects.get()
    assert (place.sending_agency, place.position, place.unit) == (scene.agency, *TYPED[2:])
    assert (request.trainee, request.to_agency, request.state) == (
        scene.person, scene.agency, "pending",
    )  # fmt: skip


# Rosters ---------------------------------------------------------------------------------


def test_a_code_and_a_name_without_accents_take_over_nobody(scene, mailoutbox):
    """The attack as it was reported."""
    upload = scene.put(scene.row(birth=""))
    assert outcomes(upload) == ["rejected"]
    scene.desk.enter(upload, partial=True)
    assert not Enrollment.objects.filter(trainee=scene.person).exists()
    assert not TransferRequest.objects.exists()
    assert scene.person.email == on_record(scene.person)["email"]
    assert mailoutbox == []


def test_a_row_about_another_agencys_person_counts_as_matched(scene):
    upload = scene.put()
    assert outcomes(upload) == ["matched"]
    assert [finding.code for finding in found_in(upload).results[0].warnings] == ["transfer_asked"]


def test_whichever_field_disagrees_the_sentence_is_the_same(scene):
    other = make_trainee(scene.person.agency)
    rows = [
        scene.row(birth="13/03/1985"),
        scene.row(name="Quach Thi Khac"),
        scene.row(birth=""),
        scene.row(birth="1985"),
        scene.row(code="HV-22222222"),
        scene.row(code=other.code),
    ]
    findings = [result.errors for result in found_in(scene.put(*rows)).results]
    assert len({(found.column, found.code, found.reason) for (found,) in findings}) == 1


def test_a_namesake_of_another_agency_is_no_news_to_the_sender(scene):
    """Otherwise a list of all days of a year tells a birth date."""
    upload = scene.put(scene.row(name=NAME, code=""))
    assert outcomes(upload) == ["created"]
    scene.desk.enter(upload)
    entered = Trainee.objects.get(agency=scene.agency)
    assert entered.pairs_as_second.filter(first=scene.person).exists()


def test_after_too_many_rows_that_do_not_agree_no_other_is_looked_at(scene):
    days = [scene.row(birth=f"{day:02}/01/1990") for day in range(1, MOST_GUESSES + 1)]
    upload = scene.put(*days, scene.row())
    *wrong, right = found_in(upload).results
    assert {result.errors[0].code for result in wrong} == {"conflict"}
    assert right.errors[0].code == "too_many_guesses"
    again = found_in(scene.put()).results[0]
    assert again.errors[0].code == "too_many_guesses"
    record = AuditEntry.objects.get(action="matches_refused")
    assert record.details["rows"] == MOST_GUESSES


def test_the_same_rows_checked_again_are_no_further_tries(scene):
    days = [scene.row(birth=f"{day:02}/01/1990") for day in range(1, MOST_GUESSES)]
    upload = scene.put(*days, scene.row())
    for _ in range(3):
        cells = row_editing.cells_of(upload, 2)
        row_editing.edit_row(**scene.desk.who, upload=upload, row_number=2, cells=cells)
    assert outcomes(upload)[-1] == "matched"


def test_mending_one_row_again_and_again_is_guessing(scene):
    upload = scene.put(scene.row(birth="01/01/1990"))
    for day in range(1, MOST_GUESSES + 3):
        cells = row_editing.cells_of(upload, 2) | {"birth": f"{day:02}/02/1990"}
        row_editing.edit_row(**scene.desk.who, upload=upload, row_number=2, cells=cells)
    cells = row_editing.cells_of(upload, 2) | {"birth": BORN_AS_SENT}
    row_editing.edit_row(**scene.desk.who, upload=upload, row_number=2, cells=cells)
    assert found_in(upload).results[0].errors[0].code == "too_many_guesses"


def test_the_page_of_the_roster_leads_to_the_requests_that_it_made(scene):
    by_page(scene)
    client = Client()
    client.force_login(scene.desk.user)
    page = body_of(client.get(reverse("roster", args=[RosterImport.objects.get().pk])))
    assert f'class="button" href="{reverse("transfer_requests")}"' in page


def test_undoing_an_import_withdraws_what_it_asked_for(scene):
    upload = scene.desk.enter(scene.put())
    import_job.undo(by=scene.desk.user.as_actor(), upload=upload)
    assert TransferRequest.objects.get().state == "withdrawn"


@pytest.mark.parametrize("how", ["moved", "erased"])
def test_nothing_is_written_of_whoever_left_while_a_list_was_compared(scene, how):
    person = make_trainee(scene.agency, full_name="Lê An", email="cu@x.vn")
    read = Trainee.objects.get(pk=person.pk)
    changed = amend(read, PersonData("Lê An", email="moi@x.vn"))
    if how == "moved":
        transfer(by=SYSTEM, trainee=person, agency=make_agency(), on=dt.date(2026, 1, 1))
    else:
        carry_on(begin_erasure(by=SYSTEM, trainee=person), by=SYSTEM)
    before = on_record(person)
    with pytest.raises(PeopleError) as refused:
        save_amended(by=SYSTEM, amended=[(read, changed)])
    assert refused.value.code == "changed_meanwhile"
    assert on_record(person) == before


def test_undoing_an_import_changes_nothing_of_whoever_has_left_since(scene):
    person = make_trainee(scene.agency, full_name="Lê An", birth_date=BORN, email="cu@x.vn")
    row = scene.row(name="Lê An", code=person.code)
    upload = scene.desk.enter(scene.put(row))
    transfer(by=SYSTEM, trainee=person, agency=make_agency(), on=dt.date(2026, 1, 1))
    before = on_record(person)
    import_job.undo(by=scene.desk.user.as_actor(), upload=upload)
    assert before["email"] == TYPED[0]
    assert on_record(person) == before


def test_whoever_was_declined_is_not_asked_for_again_by_the_same_list(scene):
    by_page(scene)
    decline_transfer(
        by=scene.desk.user.as_actor(), request=TransferRequest.objects.get(), reason="Still here"
    )
    scene.desk.enter(scene.put())
    assert TransferRequest.objects.count() == 1


def test_after_acceptance_the_sender_sees_and_updates_the_person(scene):
    by_page(scene)
    accept_transfer(by=scene.desk.user.as_actor(), request=TransferRequest.objects.get())
    client = Client()
    client.force_login(scene.desk.user)
    assert client.get(reverse("person", args=[scene.person.code])).status_code == 200
    scene.desk.enter(scene.put())
    assert on_record(scene.person)["email"] == TYPED[0]


def test_the_senders_own_export_comes_back_unchanged_while_the_transfer_waits(scene):
    by_page(scene)
    client = Client()
    client.force_login(scene.desk.user)
    file: Any = client.get(reverse("roster_file", args=[scene.run.code, "xlsx"]))
    back = scene.desk.put(b"".join(file.streaming_content))
    assert outcomes(back) == ["unchanged"]


def test_the_command_moves_only_with_transfer(scene):
    file = scene.folder / "roster.xlsx"
    file.write_bytes(workbook(HEADINGS, scene.row()))
    options = {"run": scene.run.code, "agency": scene.agency.slug}
    call_command("import_roster", str(file), transfer=True, **options)
    after = on_record(scene.person)
    assert (after["agency_id"], after["email"]) == (scene.agency.pk, TYPED[0])
    assert not TransferRequest.objects.exists()


def test_after_a_merger_the_successors_lists_are_about_their_own_people(scene):
    make_succession(scene.person.agency, scene.agency, on=dt.date(2026, 1, 1))
    scene.desk.user = User.objects.get(pk=scene.desk.user.pk)
    upload = scene.desk.enter(scene.put(scene.row(birth="")))
    assert outcomes(upload) == ["matched"]
    assert on_record(scene.person)["email"] == TYPED[0]


def test_rights_are_asked_again_when_a_checked_roster_is_entered(scene):
    upload = scene.put()
    scene.agency.coordinators.update(until=dt.date(2020, 1, 1))
    upload = scene.desk.enter(upload)
    assert upload.state == "staged"
    assert not Enrollment.objects.filter(trainee=scene.person).exists()


def test_of_a_person_whom_another_agency_merged_away_nothing_changes(scene):
    """The row may be the sender's; the human being is not."""
    own = make_trainee(scene.agency, full_name=NAME, birth_date=BORN)
    scene.person.merges_in.create(absorbed=own, recorded_by="test")
    before = on_record(scene.person), on_record(own)
    scene.desk.enter(scene.put(scene.row(code=own.code)))
    assert (on_record(scene.person), on_record(own)) == before
    assert TransferRequest.objects.get().trainee == scene.person


def test_old_values_of_whoever_has_left_since_the_check_are_not_shown(scene, client):
    colleague = make_trainee(scene.agency, full_name=NAME, birth_date=BORN, phone="0911222333")
    upload = scene.put(scene.row(code=colleague.code))
    client.force_login(scene.desk.user)
    address = reverse("roster", args=[upload.pk])
    assert colleague.phone in client.get(address).content.decode()
    transfer(by=SYSTEM, trainee=colleague, agency=make_agency(), on=clock.today())
    assert colleague.phone not in client.get(address).content.decode()


def test_what_newly_becomes_of_a_former_colleague_is_not_exported(scene):
    """Of whoever once was theirs an agency keeps what it sent, and learns nothing newer."""
    run = make_run()
    former = scene.person.agency
    make_enrollment(run, scene.person, sending_agency=former)
    handler = make_coordinator(former)
    by_page(scene)
    accept_transfer(by=scene.desk.user.as_actor(), request=TransferRequest.objects.get())
    Trainee.objects.filter(pk=scene.person.pk).update(phone="0999999999")
    client = Client()
    client.force_login(handler)
    text = body_of(client.get(reverse("roster_file", args=[run.code, "csv"])))
    assert NAME in text
    assert "0999999999" not in text
    assert scene.agency.name not in text


def test_a_result_of_somebody_elses_person_is_no_result_of_the_senders(scene):
    by_page(scene)
    result = make_completion(scene.person, scene.run, sending_agency=scene.agency)
    assert result not in Completion.objects.visible_to(scene.desk.user)
