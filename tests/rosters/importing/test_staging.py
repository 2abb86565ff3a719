"""An upload is checked, shown, and only then imported; doing it twice does no harm."""

import datetime as dt
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from audit.services import SYSTEM
from common import clock
from common.encryption import box
from enrollment.models import Enrollment, NominationLetter
from jobs.models import JobState
from people.models import Trainee
from rosters.choices import ImportState, Outcome
from rosters.errors import RosterError
from rosters.importing import check_job, import_job, staging
from rosters.models import RosterImport
from tests.factories import make_agency, make_coordinator, make_run
from tests.rosters.desk import report_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

GOOD = "Họ và tên,Ngày sinh,Số CCCD\nNguyễn Văn An,12/03/1980,\nTrần Thị Bình,01/02/1990,\n"
BAD = GOOD + "Lê Văn Cường,31/02/1990,\n"


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """Runs the jobs that an action starts as soon as it ends."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def put(at_once):
    """Stages a file and lets its check run."""
    agency, run = make_agency(), make_run(ends_on=dt.date(2099, 1, 2))
    user = make_coordinator(agency)

    def staged(text: str, name: str = "roster.csv", **further) -> RosterImport:
        with at_once():
            upload = staging.stage(
                by=user.as_actor(),
                user=user,
                run=run,
                agency=agency,
                file_name=name,
                content=text.encode(),
                **further,
            )
        return again(upload)

    return staged


def again(upload: RosterImport) -> RosterImport:
    return RosterImport.objects.select_related("job", "uploaded_by").get(pk=upload.pk)


def confirm(upload: RosterImport, **options) -> None:
    user = upload.uploaded_by
    assert user is not None
    staging.confirm(by=user.as_actor(), user=user, upload=upload, **options)


def test_checking_writes_nothing(put):
    upload = put(GOOD)
    report = report_of(upload)
    assert report is not None
    assert (len(report.results), report.rejected) == (2, 0)
    assert upload.state == ImportState.STAGED
    assert Trainee.objects.count() == Enrollment.objects.count() == 0


def test_file_rows_and_findings_rest_encrypted(put):
    upload = put(BAD)
    assert "Cường" in box().decrypt(bytes(upload.content)).decode()
    rows = zlib.decompress(box().decrypt(bytes(upload.parts.get().content))).decode()
    assert "Cường" in rows
    assert "31/02/1990" in rows
    with connection.cursor() as cursor:
        cursor.execute('SELECT "report", "table" FROM rosters_rosterimport')
        assert all(kept.startswith("gAAAA") for kept in cursor.fetchone())


def test_what_is_confirmed_is_entered(put, at_once):
    upload = put(GOOD)
    with at_once():
        confirm(upload)
    upload = again(upload)
    assert upload.state == ImportState.IMPORTED
    assert Enrollment.objects.count() == 2


def test_rejected_rows_block_the_others_until_somebody_allows_a_partial_import(put, at_once):
    upload = put(BAD)
    with at_once():
        confirm(upload)
    upload = again(upload)
    assert upload.job is not None
    assert (upload.state, upload.job.state) == (ImportState.STAGED, JobState.FAILED)
    assert Enrollment.objects.count() == 0
    with at_once():
        confirm(upload, partial=True)
    assert Enrollment.objects.count() == 2


def test_nothing_is_entered_twice(put, at_once):
    upload = put(GOOD)
    with at_once():
        confirm(upload)
    with pytest.raises(RosterError):
        confirm(again(upload))
    import_job.import_upload(upload.pk, by=SYSTEM, partial=False)
    assert Enrollment.objects.count() == 2


def test_two_clicks_start_one_import(put):
    upload = put(GOOD)
    confirm(upload)
    with pytest.raises(RosterError) as refused:
        confirm(again(upload))
    assert refused.value.code == "not_staged"


def test_a_file_that_cannot_be_read_is_refused(put):
    upload = put("<html><table></table></html>", name="roster.xlsx")
    assert upload.state == ImportState.REFUSED
    assert upload.job
    assert upload.job.error_message


def test_what_is_discarded_is_gone(put):
    upload = put(GOOD)
    staging.discard(by=SYSTEM, upload=upload)
    upload = again(upload)
    assert (upload.state, bytes(upload.content), upload.report) == (
        ImportState.DISCARDED,
        b"",
        None,
    )
    assert Trainee.objects.count() == 0


def test_a_file_above_the_limit_is_refused(put, settings):
    settings.ROSTER_MAX_BYTES = 10
    with pytest.raises(RosterError) as refused:
        put(GOOD)
    assert refused.value.code == "file_too_large"


def test_uploads_are_forgotten_when_their_time_is_over(put):
    upload = put(GOOD)
    assert staging.erase_expired() == 0
    with clock.set_to(clock.now() + dt.timedelta(days=31)):
        assert staging.erase_expired() == 1
    assert again(upload).report is None


def test_the_letter_of_a_roster_is_linked_to_its_enrollments(put, at_once):
    upload = put(GOOD, letter={"number": "12/CV-TCCB", "dated": dt.date(2026, 3, 2)})
    with at_once():
        confirm(upload)
    letters = (
        Enrollment.objects.values_list("letter__number", "letter__dated").order_by().distinct()
    )
    assert list(letters) == [("12/CV-TCCB", dt.date(2026, 3, 2))]


@pytest.fixture
def sent(at_once, client):
    """Uploads a roster with the scan of its letter, as a coordinator does."""

    def send(text: str) -> RosterImport:
        with at_once():
            assert client.post("/rosters/new/", letter_form(client, text)).status_code == 302
        return again(RosterImport.objects.get())

    return send


def letter_form(client, text: str) -> dict[str, object]:
    agency, run = make_agency(), make_run(ends_on=dt.date(2099, 1, 2))
    client.force_login(make_coordinator(agency))
    return {
        "run": run.code,
        "agency": agency.slug,
        "file": SimpleUploadedFile("roster.csv", text.encode()),
        "letter_number": "12/CV-TCCB",
        "letter_dated": "2026-03-02",
        "letter_signer": "Trần Văn A",
        "letter_file": SimpleUploadedFile("cv.pdf", b"%PDF-1.7"),
    }


def test_a_letter_is_on_record_with_signer_and_file_once_its_roster_is_entered(sent, at_once):
    upload = sent(GOOD)
    assert not NominationLetter.objects.exists()
    assert b"%PDF" not in bytes(upload.letter_file)
    with at_once():
        confirm(upload)
    letter = NominationLetter.objects.get()
    assert (letter.number, letter.signer_name) == ("12/CV-TCCB", "Trần Văn A")
    assert letter.file.read() == b"%PDF-1.7"
    assert bytes(again(upload).letter_file) == b""


def test_what_is_discarded_takes_its_letter_along(sent):
    upload = sent(GOOD)
    staging.discard(by=SYSTEM, upload=upload)
    assert not NominationLetter.objects.exists()
    assert bytes(again(upload).letter_file) == b""


def test_an_import_that_enters_nobody_leaves_no_scan_behind(sent, at_once, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with at_once():
        confirm(sent(BAD))
    assert not NominationLetter.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["roster.txt", "roster.TSV", "roster.csv"])
def test_unicode_text_as_excel_saves_it_is_taken(at_once, client, name):
    agency, run = make_agency(), make_run(ends_on=dt.date(2099, 1, 2))
    client.force_login(make_coordinator(agency))
    file = SimpleUploadedFile(name, GOOD.replace(",", "\t").encode("utf-16"))
    with at_once():
        client.post("/rosters/new/", {"run": run.code, "agency": agency.slug, "file": file})
    report = report_of(RosterImport.objects.get())
    assert report is not None
    assert report.count(Outcome.CREATED) == 2


def test_a_missing_prerequisite_is_a_warning_in_preview_and_result(put, at_once):
    run = make_run()
    upload = put(GOOD)
    upload.run.course.prerequisites.add(run.course)
    with at_once():
        check_job.plan_again(upload)
        confirm(upload)
    report = report_of(again(upload))
    assert report is not None
    found = [[warning.code for warning in result.warnings] for result in report.results]
    assert found == [["prerequisite_missing"]] * 2
    assert report.enrolled == 2
