"""Certificates of several classes or of a period: one ZIP, one PDF to print, for a while."""

import datetime as dt
import io
import zipfile
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from accounts.models import User
from agencies.models import Agency, Coordinator
from audit.models import AuditEntry
from certificates.errors import CertificateError
from certificates.models import Bundle, Certificate
from certificates.services import certificate_bundles as bundles
from certificates.services.privacy import erase
from common import clock
from common.personal_data import Subject
from courses.models import CourseRun
from jobs import services as jobs
from jobs.models import JobState
from tests.architecture.world import make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db


def page_of(text: str) -> bytes:
    """A PDF of one page that is known again by its width."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(100 + len(text), 200))
        pdf.save(made)
    return made.getvalue()


@pytest.fixture
def agency() -> Agency:
    return make_agency("bo-a")


@pytest.fixture
def classes(agency) -> list[CourseRun]:
    """Two classes of the agency, of two and one people, named against the register's order."""
    runs = [
        make_run(code=code, starts_on=day, ends_on=day)
        for code, day in (("LOP/B", dt.date(2026, 5, 5)), ("LOP-A", dt.date(2026, 6, 6)))
    ]
    certify(agency, runs[0], "Lê Văn Xuân", 1)
    certify(agency, runs[0], "Lê Thị An", 2)
    certify(agency, runs[1], "Đỗ Ý", 3)
    return runs


def certify(agency: Agency, run: CourseRun, name: str, number: int) -> Certificate:
    person = make_trainee(agency, full_name=name)
    printed = {"full_name": name}
    certificate = make_certificate(make_completion(person, run), number=number, printed=printed)
    default_storage.delete(str(certificate.file.name))
    default_storage.save(str(certificate.file.name), ContentFile(page_of("x" * number)))
    return certificate


def revoke(number: int) -> None:
    Certificate.objects.filter(register_number=number).update(
        state="revoked", revoked_at=clock.now(), revocation_reason="Sai"
    )


@pytest.fixture
def made(django_capture_on_commit_callbacks):
    def make(user: User, **wanted: Any) -> Bundle:
        chosen = {"runs": [], "agency": "", "since": "", "until": ""} | wanted
        with django_capture_on_commit_callbacks(execute=True):
            bundle = bundles.request_bundle(by=user.as_actor(), user=user, wanted=chosen)
        return Bundle.objects.get(pk=bundle.pk)

    return make


def names_in(bundle: Bundle) -> list[str]:
    with zipfile.ZipFile(bundles.file_of(bundle, "archive")) as packed:
        return packed.namelist()


@pytest.mark.both_engines
def test_classes_come_in_one_archive_by_class_and_name(agency, classes, made, mailoutbox):
    bundle = made(make_coordinator(agency), runs=["LOP-A", "LOP/B"])
    assert names_in(bundle) == [
        "LOP-A/AI-2026-0003-do-y.pdf",
        "LOP-B/AI-2026-0002-le-thi-an.pdf",
        "LOP-B/AI-2026-0001-le-van-xuan.pdf",
    ]
    assert reverse("certificate_bundles") in mailoutbox[0].body
    assert AuditEntry.objects.get(action="certificates_bundled").details["certificates"] == 3


def test_the_merged_pages_are_in_the_same_order(agency, classes, made):
    bundle = made(make_coordinator(agency), since="2026-01-01")
    with pikepdf.open(bundles.file_of(bundle, "merged")) as merged:
        assert [int(page.mediabox[2]) for page in merged.pages] == [103, 102, 101]


def test_a_period_has_the_certificates_of_its_completions(agency, classes, made):
    bundle = made(make_coordinator(agency), since="2026-06-01", until="2026-06-30")
    assert names_in(bundle) == ["LOP-A/AI-2026-0003-do-y.pdf"]


def test_the_single_files_in_the_archive_are_those_that_were_issued(agency, classes, made):
    bundle = made(make_coordinator(agency), runs=["LOP-A"])
    with zipfile.ZipFile(bundles.file_of(bundle, "archive")) as packed:
        certificate = Certificate.objects.get(register_number=3)
        assert packed.read(packed.namelist()[0]) == certificate.file.read()


def test_nobody_gets_certificates_that_they_may_not_see(agency, classes, made):
    other = make_agency()
    certify(other, classes[1], "Người Khác", 9)
    bundle = made(make_coordinator(agency), runs=["LOP-A"])
    assert len(bundle.certificate_ids) == 1
    with pytest.raises(CertificateError) as refused:
        made(make_coordinator(make_agency()), runs=["LOP-A"])
    assert refused.value.code == "no_certificates"


def test_each_certificate_is_asked_for_again_when_the_files_are_made(
    agency, classes, django_capture_on_commit_callbacks
):
    user = make_coordinator(agency)
    with django_capture_on_commit_callbacks(execute=True):
        wanted = {"runs": ["LOP-A", "LOP/B"]}
        bundle = bundles.request_bundle(by=user.as_actor(), user=user, wanted=wanted)
        revoke(3)
    bundle.refresh_from_db()
    assert len(bundle.certificate_ids) == 2


def test_nothing_is_made_for_somebody_whose_term_has_ended_meanwhile(
    agency, classes, django_capture_on_commit_callbacks
):
    user = make_coordinator(agency)
    with django_capture_on_commit_callbacks(execute=True):
        bundle = bundles.request_bundle(by=user.as_actor(), user=user, wanted={"runs": ["LOP-A"]})
        Coordinator.objects.filter(user=user).update(until=clock.today() - dt.timedelta(days=1))
    bundle.refresh_from_db()
    assert bundle.job is not None
    assert (bundle.archive.name, bundle.job.error_code) == ("", "rights_changed")


@pytest.mark.both_engines
def test_the_files_close_once_somebody_in_them_is_with_another_agency(
    client, agency, classes, made
):
    user = make_coordinator(agency)
    bundle = made(user, runs=["LOP-A"])
    address = reverse("certificate_bundle_file", args=[bundle.pk, "archive"])
    client.force_login(user)
    assert client.get(address).status_code == 200
    Coordinator.objects.filter(user=user).update(until=clock.today() - dt.timedelta(days=1))
    assert client.get(address).status_code == 403


def test_the_files_of_others_are_not_found(client, agency, classes, made):
    bundle = made(make_coordinator(agency), runs=["LOP-A"])
    client.force_login(make_coordinator(agency))
    address = reverse("certificate_bundle_file", args=[bundle.pk, "merged"])
    assert client.get(address).status_code == 404


def test_a_certificate_revoked_since_closes_the_files(client, agency, classes, made):
    user = make_coordinator(agency)
    bundle = made(user, runs=["LOP-A"])
    revoke(3)
    client.force_login(user)
    answer = client.get(reverse("certificate_bundle_file", args=[bundle.pk, "archive"]))
    assert answer["Location"] == reverse("certificate_bundles")


def test_a_killed_job_that_begins_again_leaves_one_of_each_file(
    agency, classes, made, monkeypatch, django_capture_on_commit_callbacks
):
    user = make_coordinator(agency)
    monkeypatch.setattr(bundles, "merged_file", lambda *_args: 1 / 0)
    bundle = made(user, runs=["LOP-A"])  # dies between the two files
    assert (bundle.archive.name, bundle.job.state) == ("", JobState.FAILED)
    monkeypatch.undo()
    with django_capture_on_commit_callbacks(execute=True):
        jobs.retry(job=bundle.job, by=user.as_actor())
    bundle.refresh_from_db()
    assert len(names_in(bundle)) == 1
    assert len(default_storage.listdir("bundles")[1]) == 2
    assert AuditEntry.objects.filter(action="certificates_bundled").count() == 1


def test_what_a_killed_job_left_is_erased_when_its_time_is_over(agency, classes, made, monkeypatch):
    monkeypatch.setattr(bundles, "merged_file", lambda *_args: 1 / 0)
    bundle = made(make_coordinator(agency), runs=["LOP-A"])
    with clock.set_to(bundle.expires_at + dt.timedelta(minutes=1)):
        assert (bundles.erase_expired(), bundles.erase_expired()) == (1, 0)
    assert default_storage.listdir("bundles")[1] == []


def test_files_expire_and_are_erased(client, agency, classes, made):
    user = make_coordinator(agency)
    bundle = made(user, runs=["LOP-A"])
    client.force_login(user)
    with clock.set_to(bundle.expires_at + dt.timedelta(minutes=1)):
        with pytest.raises(CertificateError):
            bundles.file_of(bundle, "archive")
        assert bundles.erase_expired() == 1
    assert default_storage.listdir("bundles")[1] == []


def test_an_erasure_takes_files_that_hold_the_person(agency, classes, made):
    bundle, other = (made(make_coordinator(agency), runs=[code]) for code in ("LOP-A", "LOP/B"))
    person = Certificate.objects.get(register_number=3).completion.trainee
    erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    assert not Bundle.objects.get(pk=bundle.pk).archive
    assert Bundle.objects.get(pk=other.pk).archive


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "runs"),
        ({"runs": "KHONG-CO"}, "runs"),
        ({"since": "2026-06-01", "until": "2026-05-01"}, "until"),
    ],
)
def test_the_page_says_what_is_missing(client, agency, classes, asked, field):
    client.force_login(make_coordinator(agency))
    answer = client.post(reverse("certificate_bundles"), asked)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])


def test_the_page_says_that_the_merged_file_is_for_printing(client, agency, classes, made):
    user = make_user("auditor")
    made(user, runs=["LOP-A"])
    client.force_login(make_coordinator(agency))
    text = client.get(reverse("certificate_bundles"), headers={"accept-language": "en"}).text
    assert "for printing only: it has no digital signatures" in " ".join(text.split())
