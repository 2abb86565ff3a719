"""An import is undone: enrollments, changes, and people on whom nothing else depends."""

import datetime as dt

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from audit.services import SYSTEM
from common.errors import DomainError
from enrollment.models import Enrollment
from people.choices import RemovalObstacle
from people.models import CandidatePair, Trainee
from people.services.corrections import correct
from people.services.merges import merge
from rosters.choices import ImportState, Outcome
from rosters.importing import import_job, staging
from rosters.models import RosterImport
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)
from tests.rosters.desk import report_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

HEADINGS = "Họ và tên,Ngày sinh,Số CCCD,Chức vụ,Mã học viên\n"
AN = "Nguyễn Văn An,12/03/1980,001080123456,Chuyên viên,\n"
BINH = "Trần Thị Bình,01/02/1990,,Phó phòng,\n"


class Desk:
    """An agency's coordinator with a run to send people to."""

    def __init__(self, at_once) -> None:
        self.at_once = lambda: at_once(execute=True)
        self.agency, self.run = make_agency(), make_run(ends_on=dt.date(2099, 1, 2))
        self.user = make_coordinator(self.agency)

    def enter(self, *rows: str) -> RosterImport:
        by, user = self.user.as_actor(), self.user
        with self.at_once():
            upload = staging.stage(
                by=by, user=user, run=self.run, agency=self.agency, file_name="roster.csv",
                content="".join([HEADINGS, *rows]).encode(),
            )  # fmt: skip
        with self.at_once():
            staging.confirm(by=by, user=user, upload=upload)
        return RosterImport.objects.get(pk=upload.pk)

    def undo(self, upload: RosterImport) -> RosterImport:
        import_job.undo(by=self.user.as_actor(), upload=upload)
        return RosterImport.objects.select_related("agency").get(pk=upload.pk)


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


def test_enrollments_are_cancelled_and_new_people_removed(desk):
    upload = desk.undo(desk.enter(AN, BINH))
    assert upload.state == ImportState.UNDONE
    assert (upload.report["gone"], upload.report["stay"]) == (2, [])
    assert not Enrollment.objects.live().exists()
    desk.run.refresh_from_db()
    assert desk.run.seats_taken == 0
    assert not Trainee.objects.named().exists()


def test_nothing_names_the_removed_people_any_more(desk):
    desk.undo(desk.enter(AN))
    (row,) = Trainee.objects.all()
    assert row.full_name == row.code
    assert (row.birth_year, row.position, row.personal_number) == (None, "", None)
    assert (row.personal_number_digest, row.personal_number_tail) == (None, "")
    assert row.likeness_key == ""
    assert "nguyen van an" not in (row.match_key, row.search_key)


def test_the_same_roster_enters_them_again(desk):
    desk.undo(desk.enter(AN, BINH))
    report = report_of(desk.enter(AN, BINH))
    assert report is not None
    assert [result.outcome for result in report.results] == [Outcome.CREATED] * 2
    assert Trainee.objects.named().count() == 2


def test_their_candidate_pairs_go_with_them(desk):
    make_trainee(full_name="Trần Thị Bình", birth_date=dt.date(1990, 2, 1))
    upload = desk.enter(BINH)
    assert CandidatePair.objects.count() == 1
    desk.undo(upload)
    assert not CandidatePair.objects.exists()
    assert Trainee.objects.named().count() == 1


def test_known_people_stay_and_get_back_what_they_had(desk):
    known = make_trainee(desk.agency, full_name="Lê Thị Hòa", position="Chuyên viên")
    upload = desk.enter(f"Lê Thị Hòa,,,Vụ phó,{known.code}\n")
    assert Trainee.objects.get().position == "Vụ phó"
    upload = desk.undo(upload)
    assert (Trainee.objects.get().position, Trainee.objects.get().erased_at) == (
        "Chuyên viên",
        None,
    )
    assert upload.report["gone"] == 0


def another_place(person):
    make_enrollment(make_run(), person)


def account(person):
    person.user = make_user("trainee")
    person.save()


def compared(person):
    merge(by=SYSTEM, survivor=make_trainee(), absorbed=person)


def told_apart(person):
    CandidatePair.objects.create(first=person, second=make_trainee(), state="different")
    CandidatePair.objects.create(first=person, second=make_trainee())


def corrected(person):
    correct(by=SYSTEM, trainee=person, seen=person.edition, values={"position": "Vụ trưởng"})


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        (another_place, RemovalObstacle.OTHER_ENROLLMENT),
        (account, RemovalObstacle.ACCOUNT),
        (compared, RemovalObstacle.COMPARED),
        (told_apart, RemovalObstacle.COMPARED),
        (corrected, RemovalObstacle.CHANGED),
    ],
)
def test_who_got_anything_later_stays(desk, later, reason):
    upload = desk.enter(AN, BINH)
    person = Trainee.objects.get(full_name="Trần Thị Bình")
    later(person)
    upload = desk.undo(upload)
    assert upload.report["gone"] == 1
    assert upload.report["stay"] == [[person.code, reason.value]]
    assert Trainee.objects.get(pk=person.pk).full_name == "Trần Thị Bình"


def test_the_page_names_who_stays_and_why(desk, client):
    upload = desk.enter(AN, BINH)
    person = Trainee.objects.get(full_name="Trần Thị Bình")
    another_place(person)
    desk.undo(upload)
    client.force_login(desk.user)
    page = client.get(reverse("roster", args=[upload.pk])).content.decode()
    assert reverse("person", args=[person.code]) in page
    assert str(RemovalObstacle.OTHER_ENROLLMENT.label) in page


def test_an_undone_import_is_one_entry_with_its_numbers(desk):
    desk.undo(desk.enter(AN, BINH))
    (entry,) = AuditEntry.objects.filter(action="roster_undone")
    assert (entry.details["enrollments"], entry.details["people"]) == (2, 2)
    # Within another action ``remove_people`` leaves no entry of its own.
    assert not AuditEntry.objects.filter(action="people_removed").exists()


def test_an_import_with_attendance_cannot_be_undone(desk):
    upload = desk.enter(AN)
    place = Enrollment.objects.get()
    session = desk.run.sessions.first()
    place.attendances.create(session=session, mark="present", evidence="trainers_mark")
    with pytest.raises(DomainError) as refused:
        desk.undo(upload)
    assert refused.value.code == "built_upon"
    assert Enrollment.objects.live().count() == 1
