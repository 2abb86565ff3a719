"""Archive packages: what is due, packed with its hashes, approved by a second member, deleted."""

import datetime as dt
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.choices import Role
from accounts.models import User
from audit.models import AuditEntry
from audit.services import SYSTEM
from audit.services.seals import seal_pending
from audit.services.verification import verify
from common import clock
from common.personal_data import Subject
from counting.counter import counted
from evaluations.models import FollowUp
from jobs import services as jobs
from jobs.models import Job, JobState
from people.choices import RequestKind, RequestState
from people.models import DataRequest, Letter, Trainee
from people.services import data_requests
from people.services.merges import merge
from retention.choices import PackageState
from retention.errors import RetentionError
from retention.manifest import NAME, verify_package
from retention.models import ArchivePackage, DueList, RetentionRule
from retention.services import deletion, packages, privacy
from retention.services.due import due_on, list_due_records
from retention.services.kinds import KINDS
from retention.services.rules import set_rule
from retention.services.tables import table_of
from tests.factories import make_completion, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db
YEARS_LATER = dt.date(2036, 2, 1)


def confirm(kind: str, years: int | None = 5, *, is_confirmed: bool = True) -> RetentionRule:
    return set_rule(
        by=SYSTEM,
        kind=KINDS[kind],
        years=years,
        legal_basis="Thông tư",
        is_confirmed=is_confirmed,
        valid_from=clock.today(),
        reason="Đã thống nhất",
    )


@pytest.fixture(autouse=True)
def _years_later():
    with clock.set_to(YEARS_LATER):
        yield


@pytest.fixture
def office() -> User:
    return make_user(Role.PROGRAMME_OFFICE)


@pytest.fixture
def colleague() -> User:
    return make_user(Role.PROGRAMME_OFFICE)


@pytest.fixture
def person() -> Trainee:
    return make_trainee(full_name="Trần Thị Bích")


@pytest.fixture
def letter(person) -> Letter:
    moment = dt.datetime(2028, 5, 4, 3, tzinfo=dt.UTC)
    body = "Số định danh 001085012345, điện thoại 0912345678."
    return Letter.objects.create(
        trainee=person, language="vi", subject="Thư", body=body, printed_at=moment
    )


@pytest.fixture
def follow_up(person) -> FollowUp:
    completion = make_completion(person, make_run())
    one = FollowUp.objects.create(
        completion=completion, months=3, respondent="trainee", closes_on=dt.date(2028, 9, 1)
    )
    one.file.save("vi-du.txt", ContentFile("Ví dụ".encode()))
    return one


def job_of(package: ArchivePackage) -> Job:
    return Job.objects.get(pk=str(package.job_id))


def packed(office: User, *kinds: str, until_year: int = 2035) -> ArchivePackage:
    package = packages.request_package(
        by=office.as_actor(), user=office, kinds=kinds, until_year=until_year, purpose="Nộp lưu"
    )
    jobs.run(str(package.job_id))
    package.refresh_from_db()
    assert package.made_at, job_of(package).error_message
    return package


def approve(colleague: User, package: ArchivePackage) -> ArchivePackage:
    approved = deletion.approve_deletion(
        by=colleague.as_actor(), user=colleague, package=package, decision="12/QĐ-ABC"
    )
    jobs.run(str(approved.job_id))
    approved.refresh_from_db()
    return approved


def opened(package: ArchivePackage) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(package.file.read()))


# What is due ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "is_due"), [(dt.date(2033, 12, 31), False), (dt.date(2034, 1, 1), True)]
)
def test_years_run_from_the_end_of_the_year_in_which_a_record_was_closed(letter, day, is_due):
    with clock.set_to(dt.date(2029, 1, 1)):
        confirm("letters", 5)
    found = next(due for due in due_on(day) if due.kind.name == "letters")
    assert found.records == int(is_due)


def test_nothing_is_due_before_the_office_gives_a_time(letter):
    call_command("load_reference")
    assert RetentionRule.objects.count() == len(KINDS)
    assert not RetentionRule.objects.filter(is_confirmed=True).exists()
    assert [due.records for due in due_on(clock.today())] == [0] * len(KINDS)


def test_a_former_rule_stays_and_holds_for_its_days():
    with clock.set_to(dt.date(2030, 1, 1)):
        confirm("letters", 10)
    confirm("letters", 5)
    rules = RetentionRule.objects
    assert rules.in_force_on(dt.date(2035, 1, 1))["letters"].years == 10
    assert rules.in_force_on(YEARS_LATER)["letters"].years == 5


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("letters", {"reason": " "}, "reason_missing"),
        ("letters", {"legal_basis": " "}, "basis_missing"),
        ("letters", {"valid_from": dt.date(2036, 1, 31)}, "in_past"),
        ("completions", {}, "kept_for_good"),
        ("audit_log", {}, "kept_for_good"),
    ],
)
def test_a_rule_needs_reason_and_basis_and_cannot_end_what_the_number_rests_on(kind, values, code):
    given: dict[str, Any] = {
        "years": 5,
        "legal_basis": "Thông tư",
        "is_confirmed": True,
        "valid_from": YEARS_LATER,
        "reason": "Vì thế",
    }
    with pytest.raises(RetentionError) as refused:
        set_rule(by=SYSTEM, kind=KINDS[kind], **given | values)
    assert refused.value.code == code
    assert not RetentionRule.objects.exists()


def test_once_a_year_the_office_is_told_what_is_due(letter, office, settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    confirm("letters")
    assert list_due_records() == 1
    assert list_due_records() == 0
    line = next(line for line in DueList.objects.get().lines if line["kind"] == "letters")
    assert (line["records"], line["until"]) == (1, "2031-01-01")
    with clock.set_to(dt.date(2037, 1, 1)):
        assert list_due_records() == 1
    assert AuditEntry.objects.filter(action="due_records_listed").count() == 2


# The package ----------------------------------------------------------------------------


def test_a_package_holds_listing_tables_files_and_their_hashes(follow_up, letter, office, tmp_path):
    confirm("use_at_work")
    package = packed(office, "use_at_work", "letters")
    with opened(package) as content:
        names = content.namelist()
        listing = content.read("listing.pdf")
        table = content.read("use_at_work/records.csv").decode()
    assert set(names) == {
        "use_at_work/records.csv", "letters/records.csv", "listing.pdf", NAME,
        f"use_at_work/files/{follow_up.pk}-vi-du.txt",
    }  # fmt: skip
    assert follow_up.completion.trainee.code in table
    with pikepdf.open(io.BytesIO(listing)) as pdf, pdf.open_metadata() as about:
        assert about["pdfaid:part"] == "3"
    path = tmp_path / "package.zip"
    path.write_bytes(package.file.open("rb").read())
    assert verify_package(path) == []
    call_command("verify_archive", path)


def test_personal_numbers_are_masked_also_in_what_people_wrote(letter, office):
    package = packed(office, "letters")
    with opened(package) as content:
        table = content.read("letters/records.csv").decode()
    assert "001085012345" not in table
    assert "*********345" in table
    assert "0912345678" in table


def test_hashes_stay_whole_though_some_hold_twelve_digits_in_a_row(person, office):
    sha256 = f"{'ab' * 20}001085012345{'cd' * 6}"
    printed_at = dt.datetime(2028, 5, 4, 3, tzinfo=dt.UTC)
    body = f'{{"sha256": "{sha256}"}}, 001085012345'
    Letter.objects.create(
        trainee=person, language="vi", subject="Thư", body=body, printed_at=printed_at
    )
    with opened(packed(office, "letters")) as content:
        table = content.read("letters/records.csv").decode()
    assert sha256 in table
    assert table.count("001085012345") == 1


@pytest.mark.parametrize("name", ["001085012345.pdf", "CCCD 001 085 012 345.pdf"])
def test_personal_numbers_are_masked_in_names_of_files(follow_up, office, name):
    follow_up.file.save(name, ContentFile("Ví dụ".encode()))
    with opened(packed(office, "use_at_work")) as content:
        (path,) = [one for one in content.namelist() if "/files/" in one]
    assert path.startswith(f"use_at_work/files/{follow_up.pk}-")
    assert path.endswith("xxxxxxxxx345.pdf")


def changed(path: Path, change: str) -> Path:
    """The package with one file altered, missing or added."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "letters/records.csv" and change != "added":
                if change == "missing":
                    continue
                content += b"x"
            new.writestr(name, content)
        if change == "added":
            new.writestr("more.txt", b"")
    return other


@pytest.mark.parametrize("change", ["altered", "missing", "added"])
def test_verify_archive_names_what_is_not_as_it_was_packed(
    letter, office, tmp_path, change, capsys
):
    path = tmp_path / "package.zip"
    path.write_bytes(packed(office, "letters").file.read())
    with pytest.raises(SystemExit) as ended:
        call_command("verify_archive", changed(path, change), "--json")
    assert ended.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["sound"], len(answer["problems"])) == (False, 1)
    assert ("more.txt" if change == "added" else "letters/records.csv") in answer["problems"][0]


def test_another_file_is_no_package(tmp_path):
    path = tmp_path / "notes.zip"
    path.write_bytes(b"PK")
    with pytest.raises(RetentionError) as refused:
        verify_package(path)
    assert refused.value.code == "no_package"


def test_a_package_whose_job_runs_twice_is_one(letter, office):
    package = packed(office, "letters")
    before = package.sha256
    Job.objects.filter(pk=str(package.job_id)).update(state=JobState.QUEUED, lease_until=None)
    jobs.run(str(package.job_id))
    package.refresh_from_db()
    assert package.sha256 == before
    assert AuditEntry.objects.filter(action="archive_package_made").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
@pytest.mark.skipif(connection.vendor == "sqlite", reason="it has one writer at a time")
def test_a_job_that_packs_for_long_keeps_its_lease_and_can_be_cancelled(
    letter, office, monkeypatch
):
    def cancel() -> None:
        Job.objects.update(cancel_requested=True)
        connection.close()

    def cancelled_meanwhile(*asked: Any) -> Iterator[bytes]:
        thread = threading.Thread(target=cancel)
        thread.start()
        thread.join()
        yield from table_of(*asked)

    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WRITES", 0)
    monkeypatch.setattr(packages, "table_of", cancelled_meanwhile)
    package = packages.request_package(
        by=office.as_actor(), user=office, kinds=["letters"], until_year=2035, purpose="Nộp lưu"
    )
    jobs.run(str(package.job_id))
    assert job_of(package).state == JobState.CANCELLED
    assert ArchivePackage.objects.get().made_at is None


def test_only_years_that_are_over_are_packed(letter, office):
    with pytest.raises(RetentionError) as refused:
        packed(office, "letters", until_year=2036)
    assert refused.value.code == "year_not_over"


# Deletion -------------------------------------------------------------------------------


def test_records_are_deleted_with_who_when_how_many_and_the_hash(
    follow_up, letter, office, colleague, django_capture_on_commit_callbacks
):
    confirm("letters")
    confirm("use_at_work")
    name = str(follow_up.file.name)
    package = approve(colleague, packed(office, "letters", "use_at_work"))
    assert (package.state, package.records_deleted) == (PackageState.DELETED, 2)
    assert not Letter.objects.exists()
    assert not FollowUp.objects.exists()
    assert not default_storage.exists(name)
    entry = AuditEntry.objects.get(action="records_deleted")
    assert entry.actor_label == colleague.as_actor().label
    assert entry.details["sha256"] == package.sha256
    assert entry.details["records"] == 2
    assert entry.details["prepared_by"] == office.as_actor().label
    seal_pending()
    assert not verify().problems


def test_who_prepared_the_package_does_not_approve_the_deletion(letter, office):
    confirm("letters")
    package = packed(office, "letters")
    with pytest.raises(RetentionError) as refused:
        approve(office, package)
    assert refused.value.code == "same_member"
    assert Letter.objects.exists()


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.why_kept])
def test_what_the_number_and_verification_rest_on_is_never_deleted(kind, office, colleague):
    with clock.set_to(dt.date(2028, 1, 1)):
        make_completion(make_trainee(full_name="Lê Văn An"), make_run())
        confirm("letters")
    # Believed by a row that a mistake or an attack has written.
    RetentionRule.objects.create(
        kind=kind, years=1, legal_basis="-", reason="-", is_confirmed=True,
        valid_from=YEARS_LATER, recorded_by="-",
    )  # fmt: skip
    due = next(due for due in due_on(YEARS_LATER) if due.kind.name == kind)
    assert not due.may_be_deleted
    assert due.records == 0


def test_a_copy_of_what_is_kept_cannot_be_approved_for_deletion(person, office, colleague):
    make_completion(person, make_run())
    package = packed(office, "completions")
    with pytest.raises(RetentionError) as refused:
        approve(colleague, package)
    assert refused.value.code == "nothing_to_delete"


def test_an_unconfirmed_time_deletes_nothing(letter, office, colleague):
    confirm("letters", is_confirmed=False)
    package = packed(office, "letters")
    with pytest.raises(RetentionError) as refused:
        approve(colleague, package)
    assert refused.value.code == "nothing_to_delete"


def test_a_longer_time_set_meanwhile_stops_the_deletion(letter, office, colleague):
    confirm("letters")
    package = packed(office, "letters")
    confirm("letters", 50)
    with pytest.raises(RetentionError) as refused:
        approve(colleague, package)
    assert refused.value.code == "not_due"


def test_records_that_changed_since_the_package_stay_and_the_job_says_so(letter, office, colleague):
    confirm("letters")
    package = packed(office, "letters")
    Letter.objects.update(subject="Thư khác")
    approved = approve(colleague, package)
    job = job_of(approved)
    assert (job.state, job.error_code) == (JobState.FAILED, "records_changed")
    assert (Letter.objects.count(), approved.deleted_at) == (1, None)
    packages.withdraw(by=colleague.as_actor(), package=approved, reason="Lập gói khác")
    assert approve(colleague, packed(office, "letters")).records_deleted == 1


def test_nothing_is_deleted_whose_package_is_damaged(letter, office, colleague):
    confirm("letters")
    package = packed(office, "letters")
    default_storage.delete(str(package.file.name))
    default_storage.save(package.file.name, ContentFile(b"damaged"))
    approved = approve(colleague, package)
    assert job_of(approved).error_code == "package_altered"
    assert Letter.objects.exists()


def test_a_deletion_killed_before_its_files_goes_on_with_them(
    follow_up, office, colleague, monkeypatch
):
    confirm("use_at_work")
    name = str(follow_up.file.name)
    package = packed(office, "use_at_work")

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            approve(colleague, package)
    package.refresh_from_db()
    assert (package.left_files, default_storage.exists(name)) == ([name], True)
    jobs.run(str(package.job_id))
    package.refresh_from_db()
    assert (package.left_files, default_storage.exists(name)) == ([], False)
    assert AuditEntry.objects.filter(action="records_deleted").count() == 1


@pytest.mark.both_engines
def test_the_record_of_a_deletion_cannot_be_changed(letter, office, colleague):
    confirm("letters")
    package = approve(colleague, packed(office, "letters"))
    rows = ArchivePackage.objects.filter(pk=package.pk)
    for change in (lambda: rows.update(decision="-"), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_file_leaves_the_server_only_after_the_hand_over(
    letter, office, django_capture_on_commit_callbacks
):
    package = packed(office, "letters")
    by = office.as_actor()
    with pytest.raises(RetentionError) as refused:
        packages.remove_file(by=by, package=package)
    assert refused.value.code == "not_handed_over"
    name = str(package.file.name)
    packages.hand_over(by=by, package=package, handed_over_to="Trung tâm lưu trữ")
    with django_capture_on_commit_callbacks(execute=True):
        packages.remove_file(by=by, package=package)
    assert not default_storage.exists(name)
    with pytest.raises(RetentionError) as refused:
        packages.download(by=by, package=ArchivePackage.objects.get())
    assert refused.value.code == "not_made"


def test_an_erased_person_is_in_no_package_that_waits(letter, office):
    package = packed(office, "letters")
    subject = Subject(letter.trainee.code, (letter.trainee_id,), ())
    assert privacy.erase(subject) == 1
    package.refresh_from_db()
    assert package.state == PackageState.WITHDRAWN
    assert privacy.erase(subject) == 0


def test_an_erased_person_is_in_no_package_whose_deletion_waits(letter, office, colleague):
    confirm("letters")
    package = packed(office, "letters")
    deletion.approve_deletion(
        by=colleague.as_actor(), user=colleague, package=package, decision="12/QĐ-ABC"
    )
    assert privacy.erase(Subject(letter.trainee.code, (letter.trainee_id,), ())) == 1
    package.refresh_from_db()
    assert package.state == PackageState.WITHDRAWN
    jobs.run(str(package.job_id))
    assert job_of(package).error_code == "not_approved"
    assert Letter.objects.exists()


def test_a_request_of_a_merged_person_is_heeded_too(letter, office, colleague):
    survivor = make_trainee()
    merge(by=SYSTEM, survivor=survivor, absorbed=letter.trainee)
    data_requests.ask(by=SYSTEM, trainee=survivor, kind=RequestKind.ACCESS)
    confirm("letters")
    with pytest.raises(RetentionError, check=lambda error: error.code == "request_open"):
        approve(colleague, packed(office, "letters"))


@pytest.mark.parametrize("is_asked_before", [True, False])
def test_nothing_is_deleted_of_whoever_waits_for_an_answer_about_their_data(
    letter, office, colleague, is_asked_before
):
    def ask() -> DataRequest:
        return data_requests.ask(
            by=SYSTEM, trainee=letter.trainee, kind=RequestKind.ACCESS, text="Bản sao"
        )

    confirm("letters")
    package = packed(office, "letters")
    if is_asked_before:
        ask()
        with pytest.raises(RetentionError, check=lambda error: error.code == "request_open"):
            approve(colleague, package)
        return
    approved = deletion.approve_deletion(
        by=colleague.as_actor(), user=colleague, package=package, decision="12/QĐ-ABC"
    )
    asked = ask()
    jobs.run(str(approved.job_id))
    assert job_of(approved).error_code == "request_open"
    data_requests.answer(by=SYSTEM, request=asked, state=RequestState.DONE, text="Đã gửi")
    jobs.retry(job=job_of(approved), by=SYSTEM)
    jobs.run(str(approved.job_id))
    assert not Letter.objects.exists()


def test_the_number_stays_when_everything_due_is_deleted(follow_up, letter, office, colleague):
    before = counted(YEARS_LATER)
    for name, kind in KINDS.items():
        if not kind.why_kept:
            confirm(name, 1)
    approve(colleague, packed(office, *KINDS))
    after = counted(YEARS_LATER)
    assert (after.persons, after.completions) == (before.persons, before.completions)
    assert not DataRequest.objects.filter(state=RequestState.DONE).exists()
