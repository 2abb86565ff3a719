"""Numbering, printing, correcting, revoking, verifying."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import Certificate, IssuingTerms, Key, Signer, new_verification_code
from certificates.services import keys, privacy
from certificates.services.corrections import reissue, revoke
from certificates.services.issuance import (
    CertificateBuilder,
    register_certificates,
    store,
    without_file,
    write_files,
)
from certificates.services.preflight import present_signer
from certificates.services.verification import verify_code, verify_file
from common import clock
from common.personal_data import Subject
from courses.models import CourseRun
from enrollment.services.completion import void_completion
from enrollment.services.results import correct_completion
from people.services.merges import merge
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


def numbers() -> list[int]:
    return list(Certificate.objects.order_by("id").values_list("register_number", flat=True))


def pdf_of(certificate: Certificate) -> bytes:
    with certificate.file.open() as file:
        return bytes(file.read())


def test_a_run_is_numbered_without_gaps_in_roster_order(run: CourseRun) -> None:
    result = issue_for_run(by=OFFICE, run=run)
    names = [certificate.printed_value("full_name") for certificate in result.issued]
    assert numbers() == [1, 2, 3]
    assert names == ["Nguyễn An", "Lê Thị Ánh", "Trần Văn Đức"]


def test_issuing_again_touches_only_what_is_missing(run: CourseRun) -> None:
    issue_for_run(by=OFFICE, run=run)
    make_completion(make_trainee(), run)
    result = issue_for_run(by=OFFICE, run=run)
    assert (len(result.issued), result.already) == (1, 3)
    assert numbers() == [1, 2, 3, 4]


def test_a_batch_that_died_is_finished_by_the_next_one(run: CourseRun) -> None:
    register_certificates(by=OFFICE, run=run)
    half_way = write_files(run)
    next(half_way)
    del half_way
    issue_for_run(by=OFFICE, run=run)
    _folders, files = default_storage.listdir("certificates/2026")
    assert numbers() == [1, 2, 3]
    assert len(files) == 3
    assert not Certificate.objects.filter(sha256="").exists()


def test_a_file_left_by_a_killed_batch_is_written_over(run: CourseRun) -> None:
    register_certificates(by=OFFICE, run=run)
    for certificate in write_files(run):
        Certificate.objects.filter(pk=certificate.pk).update(unsigned_sha256="", sha256="", file="")
    issue_for_run(by=OFFICE, run=run)
    assert len(default_storage.listdir("certificates/2026")[1]) == 3


@pytest.mark.parametrize("is_built_before", [True, False])
def test_whoever_is_erased_before_the_file_is_stored_gets_none(run, is_built_before) -> None:
    register_certificates(by=OFFICE, run=run)
    certificate = without_file(run)[0]
    built = CertificateBuilder().build(certificate) if is_built_before else None
    person = certificate.completion.trainee
    privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    if built:
        store([(certificate, built)])
    else:
        list(write_files(run))
    certificate.refresh_from_db()
    assert certificate.file.name == ""
    assert not any("000001" in file.name for file in settings.MEDIA_ROOT.rglob("*.pdf"))


def test_the_certificate_prints_what_is_frozen_in_it(run: CourseRun) -> None:
    issued = issue_for_run(by=OFFICE, run=run).issued[1]
    assert issued.printed_value("register_number") == "0002/2026/AI"
    assert issued.printed_value("authority") == ["BỘ TRƯỞNG", "VỤ TRƯỞNG"]
    assert issued.printed_value("ends_on") == "2026-03-11"


def test_the_year_of_the_register_is_that_of_hanoi(run: CourseRun) -> None:
    with clock.set_to(dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)):
        register_certificates(by=OFFICE, run=run)
    assert set(Certificate.objects.values_list("year", flat=True)) == {2027}


def test_an_issued_file_verifies(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    assert verify_file(pdf_of(certificate)).state == "valid"


def test_a_file_with_one_byte_changed_is_altered(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    content = pdf_of(certificate)
    found = verify_file(content + b"\n")
    assert (found.state, found.certificate) == ("altered", certificate)


def test_a_stranger_s_file_is_unknown() -> None:
    assert verify_file(b"%PDF-1.7 nothing of ours").state == "unknown"


def test_a_code_is_read_without_hyphens_and_in_small_letters(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    typed = certificate.verification_code.replace("-", " ").lower()
    assert verify_code(typed).certificate == certificate


def test_a_revoked_certificate_stays_on_the_register_with_its_reason(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    revoke(by=OFFICE, certificate=certificate, reason="Cấp nhầm")
    assert verify_file(pdf_of(certificate)).state == "revoked"
    assert Certificate.objects.get(pk=certificate.pk).revocation_reason == "Cấp nhầm"


def test_a_revoked_certificate_is_not_issued_again_by_the_batch(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    revoke(by=OFFICE, certificate=certificate, reason="Cấp nhầm")
    assert issue_for_run(by=OFFICE, run=run).issued == []


def test_verification_says_revoked_as_soon_as_the_completion_is_void(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    void_completion(by=OFFICE, completion=certificate.completion, reason="Sai kết quả")
    assert verify_code(certificate.verification_code).state == "revoked"


def test_a_correction_issues_a_new_number_and_points_to_it(run: CourseRun) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    trainee = old.completion.trainee
    trainee.full_name = "Nguyễn Ân"
    trainee.save()
    new = reissue(by=OFFICE, certificate=old, reason="Sai họ tên")
    old.refresh_from_db()
    assert (old.state, old.superseded_by) == ("superseded", new)
    assert (new.register_number, new.printed_value("full_name")) == (4, "Nguyễn Ân")
    assert old.printed_value("full_name") == "Nguyễn An"


def test_the_certificate_of_a_corrected_result_supersedes_the_old_one(run: CourseRun) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    first = correct_completion(
        by=OFFICE, completion=old.completion, reason="Sai điểm", score=Decimal(8)
    )
    correct_completion(by=OFFICE, completion=first, reason="Vẫn sai", score=Decimal(9))
    (new,) = issue_for_run(by=OFFICE, run=run).issued
    old.refresh_from_db()
    assert (old.public_state, old.superseded_by, new.supersedes) == ("superseded", new, old)


def test_a_certificate_revoked_by_mistake_is_replaced_by_another(run: CourseRun) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    revoke(by=OFFICE, certificate=old, reason="Nhầm người")
    new = reissue(by=OFFICE, certificate=old, reason="Thu hồi nhầm")
    old.refresh_from_db()
    assert (old.public_state, old.superseded_by, new.public_state) == ("revoked", new, "issued")


def test_a_certificate_is_not_replaced_twice(run: CourseRun) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    reissue(by=OFFICE, certificate=old, reason="Sai họ tên")
    with pytest.raises(CertificateError, check=lambda error: error.code == "not_live"):
        reissue(by=OFFICE, certificate=old, reason="Sai họ tên")


def test_a_correction_follows_the_issuing_terms_of_the_class(run: CourseRun) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    IssuingTerms.objects.create(run=run, names_must_be_confirmed=True)
    with pytest.raises(CertificateError, check=lambda error: error.code == "name_unconfirmed"):
        reissue(by=OFFICE, certificate=old, reason="Sai họ tên")


def test_a_correction_without_a_file_says_that_it_is_on_the_register(
    run: CourseRun, django_capture_on_commit_callbacks
) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    with django_capture_on_commit_callbacks() as after_commit:
        new = reissue(by=OFFICE, certificate=old, reason="Sai họ tên")
    keys.retire_key(by=OFFICE, key=Key.objects.get(use="signature"))
    with pytest.raises(CertificateError, check=lambda error: error.code == "file_owed"):
        after_commit[0]()
    assert [*without_file(run)] == [new]


def test_the_signer_of_the_class_signs_instead_of_the_latest(run: CourseRun) -> None:
    latest = present_signer()
    other = Signer.objects.create(body=latest.body, name="Lê Văn Hai", title="Phó Vụ trưởng")
    IssuingTerms.objects.create(run=run, signer=other)
    issued = issue_for_run(by=OFFICE, run=run).issued
    assert {certificate.signer for certificate in issued} == {other}
    assert issued[0].printed_value("signer_name") == "Lê Văn Hai"


def test_a_signer_of_the_class_whose_term_is_over_stops_the_batch(run: CourseRun) -> None:
    gone = Signer.objects.create(
        body=present_signer().body, name="Lê Văn Hai", title="Phó Vụ trưởng",
        valid_to=dt.date(2020, 1, 1),
    )  # fmt: skip
    IssuingTerms.objects.create(run=run, signer=gone)
    with pytest.raises(CertificateError, check=lambda error: error.code == "no_signer"):
        issue_for_run(by=OFFICE, run=run)


def test_a_merged_person_s_certificate_prints_the_survivor_s_name(run: CourseRun) -> None:
    completion = run.completions.order_by("trainee__sort_key").first()
    assert completion
    survivor = make_trainee(full_name="Nguyễn Thị An")
    merge(by=OFFICE, survivor=survivor, absorbed=completion.trainee)
    issue_for_run(by=OFFICE, run=run)
    assert completion.certificates.get().printed_value("full_name") == "Nguyễn Thị An"


def test_a_name_the_fonts_cannot_print_is_held_back_and_takes_no_number() -> None:
    run = make_run()
    make_completion(make_trainee(full_name="Nguyễn 𓀀 An"), run)
    make_completion(make_trainee(full_name="Trần Bình"), run)
    result = issue_for_run(by=OFFICE, run=run)
    assert [held.code for held in result.held_back] == ["missing_glyphs"]
    assert numbers() == [1]


def test_nobody_in_force_to_sign_stops_the_batch(run: CourseRun) -> None:
    Signer.objects.update(valid_to=dt.date(2020, 1, 1))
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "no_signer"


def test_codes_are_sixteen_letters_that_are_not_mistaken_for_each_other() -> None:
    group = "[2-9A-HJKMNP-Z]{4}"
    assert re.fullmatch(f"({group}-){{3}}{group}", new_verification_code())
