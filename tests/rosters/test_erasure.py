"""Erasing a person erases the exports that contain them, and no others."""

from typing import Any

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.encryption import box
from enrollment.models import Enrollment
from jobs.models import Job, JobState
from people.models import Erasure, Trainee
from people.services.privacy import begin_erasure, carry_on
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import PEOPLE
from rosters.fields import DEFAULT_KEYS
from rosters.job_types import EXPORT_ROSTER
from rosters.models import RosterExport
from tests.factories import make_enrollment, make_run, make_trainee, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

WANTED: dict[str, Any] = {"run": "", "fields": [*DEFAULT_KEYS], "form": "csv", "reason": ""}


@pytest.fixture
def leaving() -> Enrollment:
    return make_enrollment(make_run(seats_taken=2), make_trainee(full_name="Tôn Nữ Hỷ Khương"))


@pytest.fixture
def staying(leaving) -> Enrollment:
    return make_enrollment(leaving.run, make_trainee(full_name="Lê Thị Hòa"))


@pytest.fixture
def office():
    return make_user("programme_office")


def export_of(owner, held: Any, content: bytes = b"x", **asked: str) -> RosterExport:
    wanted: Any = WANTED | asked
    return RosterExport.objects.create(
        owner=owner,
        wanted=wanted,
        file_name="roster.csv",
        content=box().encrypt(content) if content else b"",
        row_ids=held,
        expires_at=clock.now() + export_requests.RETENTION,
    )


def kept() -> set[RosterExport]:
    """Exports that are not erased."""
    nothing = {"content": b"", "wanted__isnull": True, "row_ids__isnull": True}
    return {*RosterExport.objects.exclude(**nothing)}


def anonymise(trainee: Trainee) -> None:
    carry_on(begin_erasure(by=OFFICE, trainee=trainee), by=OFFICE)


def test_exports_that_contain_an_erased_person_are_erased_and_others_stay(office, leaving, staying):
    export_of(office, [staying.pk, leaving.pk])
    export_of(office, None)  # written before it was kept whom they hold
    others = [export_of(office, [staying.pk]), export_of(office, [])]
    export_of(office, [staying.trainee_id, leaving.trainee_id], of=PEOPLE)
    others.append(export_of(office, [staying.trainee_id], of=PEOPLE))
    anonymise(leaving.trainee)
    assert kept() == {*others}


@pytest.mark.parametrize("searched", ["Hỷ Khương", "hy khuong", "{code}"])
def test_exports_searched_by_the_persons_name_or_code_are_erased(
    office, leaving, staying, searched
):
    export_of(office, None, content=b"", q=searched.format(code=leaving.trainee.code))
    other = export_of(office, None, content=b"", q="Lê Thị Hòa")
    anonymise(leaving.trainee)
    assert kept() == {other}


def ask(user) -> RosterExport:
    return export_requests.request_export(by=user.as_actor(), user=user, wanted=WANTED)


def test_what_is_still_to_be_written_is_written_without_the_person(
    office, leaving, staying, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as queued:
        export = ask(office)
    anonymise(leaving.trainee)
    for start in queued:
        start()
    export.refresh_from_db()
    content = export_requests.file_of(export).decode()
    assert ("Lê Thị Hòa" in content, leaving.trainee.code in content) == (True, False)
    assert export.row_ids == [staying.pk]


def test_a_job_whose_export_is_gone_says_so(office, leaving, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(office)
        RosterExport.objects.filter(pk=export.pk).delete()
    job = Job.objects.get(kind=EXPORT_ROSTER.kind)
    assert (job.state, job.error_code) == (JobState.FAILED, "export_gone")
    assert "hãy chọn lại các dòng và cột" in job.error_message


def test_a_file_written_while_somebody_is_erased_is_not_stored(
    office, leaving, django_capture_on_commit_callbacks
):
    erasure = begin_erasure(by=OFFICE, trainee=leaving.trainee)
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(office)
    export.refresh_from_db()
    assert (bytes(export.content), export.row_ids) == (b"", None)
    assert export.job
    assert export.job.error_code == "somebody_erased"
    carry_on(Erasure.objects.get(pk=erasure.pk), by=OFFICE)
