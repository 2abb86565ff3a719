"""A run's certificates as long work: pause, resume, cancel, messages, ZIP, one file to print."""

import io
import zipfile

import pikepdf
import pytest
from django.core.files.storage import default_storage

from accounts.models import NO_MAILBOX
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import BatchState
from certificates.errors import CertificateError
from certificates.job_types import ISSUE_CERTIFICATES
from certificates.models import Batch, Certificate
from certificates.services import batches, issuance
from certificates.services.bundles import files_of, zip_chunks
from certificates.services.issuance import register_certificates
from certificates.services.notifications import awaiting_notification, notify_holders
from courses.models import CourseRun
from jobs.models import Job
from notices.models import Notice
from people.models import Letter
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def outbox(settings) -> None:
    """As in production: what is sent waits in the outbox."""
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"


def start(run: CourseRun) -> Batch:
    batch = batches.start_batch(by=OFFICE, run=run, owner=None)
    batch.refresh_from_db()
    return batch


def test_a_batch_issues_everything_and_merges_it_for_printing(run: CourseRun) -> None:
    batch = start(run)
    assert batch.state == BatchState.DONE
    assert Certificate.objects.exclude(sha256="").count() == 3
    with batch.merged.open() as file, pikepdf.open(io.BytesIO(file.read())) as merged:
        assert len(merged.pages) == 3


def test_what_the_certificates_have_in_common_is_merged_once(run: CourseRun) -> None:
    batch = start(run)
    files = [one.file.size for one in Certificate.objects.all()]
    assert batch.merged.size < 1.2 * max(files)


def test_a_batch_whose_merging_failed_is_resumed_for_that_alone(
    run: CourseRun, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(batches, "merged_file", lambda *_args: 1 / 0)
        batch = start(run)
    assert (batch.state, batch.merged.name) == (BatchState.DONE, "")
    before = list(Certificate.objects.values_list("sha256", flat=True))
    batches.resume_batch(by=OFFICE, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    assert batch.merged
    assert list(Certificate.objects.values_list("sha256", flat=True)) == before


def test_files_are_stored_together_or_not_at_all(run: CourseRun, monkeypatch) -> None:
    def fail_after_the_files(*_args):
        assert len(default_storage.listdir("certificates/2026")[1]) == 3
        raise OSError("the disk is full")

    monkeypatch.setattr(issuance, "update_many", fail_after_the_files)
    batch = start(run)
    assert batch.state == BatchState.RUNNING
    assert set(Certificate.objects.values_list("unsigned_sha256", "file")) == {("", "")}


def test_no_file_but_a_certificate_is_called_pdf(run: CourseRun, settings) -> None:
    start(run)
    assert len(list(settings.MEDIA_ROOT.rglob("*.pdf"))) == 3


def test_the_result_of_the_job_has_counts_and_the_page_of_the_batch(run: CourseRun) -> None:
    batch = start(run)
    result = Job.objects.get(kind=ISSUE_CERTIFICATES.kind).result
    assert (result["issued"], result["owed"], result["held_back"]) == (3, 0, 0)
    assert result["page"] == f"/certificates/batches/{batch.pk}/"


def test_a_second_batch_waits_until_the_first_is_over(run: CourseRun) -> None:
    Batch.objects.create(run=run, state=BatchState.PAUSED)
    with pytest.raises(CertificateError) as refused:
        start(run)
    assert refused.value.code == "batch_open"


@pytest.mark.parametrize("stop", [batches.pause_batch, batches.cancel_batch])
def test_a_stopped_batch_makes_nothing_more_and_a_resumed_one_the_rest(
    run: CourseRun, stop, monkeypatch
) -> None:
    made = []
    store = issuance.store

    def stop_after_the_first(group):
        store(group)
        made.extend(group)
        if len(made) == 1:
            stop(by=OFFICE, batch=Batch.objects.get())

    monkeypatch.setattr(issuance, "store", stop_after_the_first)
    monkeypatch.setattr(issuance, "STORED_AT_ONCE", 1)
    monkeypatch.setattr(batches, "SECONDS_BETWEEN_LOOKS", 0)
    batch = start(run)
    assert batch.state in {BatchState.PAUSED, BatchState.CANCELLED}
    assert Certificate.objects.exclude(sha256="").count() == 1
    batches.resume_batch(by=OFFICE, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    assert sorted(Certificate.objects.values_list("register_number", flat=True)) == [1, 2, 3]
    assert not Certificate.objects.filter(sha256="").exists()


def test_a_batch_that_is_done_is_not_resumed(run: CourseRun) -> None:
    batch = start(run)
    with pytest.raises(CertificateError):
        batches.resume_batch(by=OFFICE, batch=batch)


def test_two_parts_share_the_files_of_a_batch(run: CourseRun, monkeypatch) -> None:
    monkeypatch.setattr(batches, "WORTH_SHARING", 2)
    batch = start(run)
    assert batch.parts == 2
    assert Job.objects.filter(kind=ISSUE_CERTIFICATES.kind).count() == 2
    assert batch.state == BatchState.DONE
    assert Certificate.objects.exclude(sha256="").count() == 3


def test_a_batch_whose_workers_died_is_queued_again_as_long_as_it_makes_headway(
    run: CourseRun,
) -> None:
    register_certificates(by=OFFICE, run=run)
    batch = Batch.objects.create(run=run)
    lost = Job.objects.create(
        kind=ISSUE_CERTIFICATES.kind, actor_label="x", state="failed", error_code="worker_lost"
    )
    batch.jobs.add(lost)
    Batch.objects.update(owed_when_revived=3)
    assert batches.revive_batches() == 0
    Batch.objects.update(owed_when_revived=4)
    assert batches.revive_batches() == 1
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE


def test_namesakes_have_files_of_their_own_in_the_zip(office) -> None:
    run = make_run()
    for _ in range(3):
        make_completion(make_trainee(full_name="Nguyễn Văn Đức"), run)
    certificates = issue_for_run(by=OFFICE, run=run).issued
    packed = b"".join(zip_chunks(files_of(certificates)))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.read(names[0]) == default_storage.open(str(certificates[0].file.name)).read()
    assert names == [f"AI-2026-000{n}-nguyen-van-duc.pdf" for n in (1, 2, 3)]


def test_a_zip_holds_one_file_at_a_time_in_memory() -> None:
    chunks = zip_chunks((f"{n}.pdf", b"x" * 100_000) for n in range(50))
    assert max(map(len, chunks)) < 120_000


def test_nobody_is_notified_until_the_number_of_recipients_is_confirmed(office) -> None:
    run = make_run()
    make_completion(make_trainee(email="an@example.gov.vn"), run)
    make_completion(make_trainee(), run)
    start(run)
    assert not Notice.objects.exists()
    assert awaiting_notification(run).count() == 1
    with pytest.raises(CertificateError) as refused:
        notify_holders(by=OFFICE, run=run, confirmed=2)
    assert refused.value.code == "recipients_changed"
    assert not Notice.objects.exists()
    assert notify_holders(by=OFFICE, run=run, confirmed=1) == 1
    assert Notice.objects.get().recipient == "an@example.gov.vn"


def test_a_holder_without_an_address_gets_one_letter(office) -> None:
    run = make_run()
    make_completion(make_trainee(), run)
    start(run)
    for _again in range(2):
        notify_holders(by=OFFICE, run=run, confirmed=0)
    certificate = Certificate.objects.get()
    letter = Letter.objects.get()
    assert letter.trainee == certificate.completion.trainee
    assert certificate.verification_code in letter.body


def test_the_page_of_a_class_whose_holders_have_no_address_offers_their_letters(
    office, office_client
) -> None:
    run, user = make_run(), make_user("trainee", email=f"hv-1{NO_MAILBOX}")
    make_completion(make_trainee(), run)
    make_completion(make_trainee(user=user), run)
    start(run)
    path = f"/certificates/runs/{run.code}/"
    page = office_client.get(path, headers={"accept-language": "en"})
    assert "2 people will be notified; 2 letters to be printed" in page.content.decode()
    office_client.post(path, {"action": "notify", "confirmed": page.context["recipients"]})
    assert Letter.objects.count() == 2
    assert Notice.objects.get().account == user
    assert "will be notified;" not in office_client.get(path).content.decode()


def test_nobody_is_notified_twice(office) -> None:
    run = make_run()
    make_completion(make_trainee(email="an@example.gov.vn"), run)
    issue_for_run(by=OFFICE, run=run)
    notify_holders(by=OFFICE, run=run, confirmed=1)
    assert notify_holders(by=OFFICE, run=run, confirmed=0) == 0
    assert Notice.objects.count() == 1
