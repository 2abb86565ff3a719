"""Many number at once: the register stays gapless, and nobody gets two, on both engines."""

import pytest
from django.db import Error, IntegrityError, connection

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import Certificate, RegisterYear
from certificates.services.corrections import reissue, revoke
from certificates.services.issuance import register_certificates
from courses.models import CourseRun
from tests.enrollment.test_seats_under_concurrency import all_at_once
from tests.factories import make_agency, make_completion, make_run, make_trainee

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]
NAMES = ("Trần Văn Đức", "Lê Thị Ánh", "Nguyễn An", "Vũ Bình")


def a_class() -> CourseRun:
    run, agency = make_run(), make_agency()
    for name in NAMES:
        make_completion(make_trainee(agency, full_name=name), run)
    return run


def numbers() -> list[int]:
    return sorted(Certificate.objects.values_list("register_number", flat=True))


def test_classes_that_are_numbered_at_once_share_the_register_without_a_gap(office):
    runs = [a_class() for _ in range(4)]
    errors = all_at_once(
        *(lambda run=run: register_certificates(by=OFFICE, run=run) for run in runs)
    )
    assert errors == []
    assert numbers() == list(range(1, 17))
    assert RegisterYear.objects.get().last_number == 16


def test_a_class_that_is_numbered_six_times_at_once_is_numbered_once(office):
    run = a_class()
    errors = all_at_once(*(lambda: register_certificates(by=OFFICE, run=run) for _ in range(6)))
    assert errors == []
    assert numbers() == [1, 2, 3, 4]


def test_a_batch_that_fails_takes_no_number(office, monkeypatch):
    run = a_class()
    register_certificates(by=OFFICE, run=run)
    late = make_completion(make_trainee(), run)
    monkeypatch.setattr("certificates.services.issuance.supersede_corrected", _fail)
    with pytest.raises(RuntimeError):
        register_certificates(by=OFFICE, run=run)
    monkeypatch.undo()
    register_certificates(by=OFFICE, run=run)
    assert numbers() == [1, 2, 3, 4, 5]
    assert late.certificates.get().register_number == 5


def _fail(_certificate: object) -> None:
    raise RuntimeError("in the middle of the action")


def test_a_certificate_that_is_corrected_twice_at_once_has_one_successor(office):
    run = a_class()
    first = register_certificates(by=OFFICE, run=run).issued[0]
    errors = all_at_once(
        *(lambda: reissue(by=OFFICE, certificate=first, reason="Sai họ tên") for _ in range(3))
    )
    assert [error.code for error in errors if isinstance(error, CertificateError)] == [
        "not_live"
    ] * 2
    assert first.completion.certificates.live().count() == 1
    assert numbers() == [1, 2, 3, 4, 5]


def test_the_database_allows_one_live_certificate_per_completion(office):
    first, second, *_rest = register_certificates(by=OFFICE, run=a_class()).issued
    twin = Certificate.objects.get(pk=second.pk)
    twin.pk, twin.completion = None, first.completion
    twin.serial_number, twin.register_number = "AI26999999", 99
    twin.verification_code = "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    with pytest.raises(IntegrityError):
        twin.save()
    revoke(by=OFFICE, certificate=first, reason="Cấp nhầm")
    twin.save()
    assert first.completion.certificates.live().get() == twin


@pytest.mark.parametrize(
    "forbidden", ["DELETE FROM {table}", "UPDATE {table} SET printed = '{{}}'"]
)
def test_the_database_deletes_and_rewrites_no_certificate(office, forbidden):
    register_certificates(by=OFFICE, run=a_class())
    with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
        cursor.execute(forbidden.format(table=Certificate._meta.db_table))
    assert Certificate.objects.exclude(printed={}).count() == 4
