"""The programme of ``bench.web``: many people, each with a completion and a certificate."""

import datetime as dt
from typing import Any

BATCH = 5_000
AGENCIES = 100
_DEPARTMENTS = (2, 4, 6)
_DAY = dt.date(1985, 3, 12)
_FAMILY, _GIVEN = ("Nguyễn", "Trần", "Lê", "Đặng"), ("Ánh", "Bình", "Đức", "Ước", "Yến")


def fill(rows: int) -> None:
    """One run in which so many people of a hundred agencies completed and hold a certificate.

    Half of them are of agency a0 and its three departments, every hundredth of a1.
    """
    from agencies.models import Agency
    from courses.models import Course, CourseRun

    course = Course.objects.create(code="C", title_vi="Khóa C", periods=16, delivery="in_person")
    run = CourseRun.objects.create(
        course=course, code="R", starts_on="2026-03-10", ends_on="2026-03-11", capacity=rows
    )
    agencies: list[Agency] = []
    for n in range(AGENCIES):
        above = agencies[0] if n in _DEPARTMENTS else None
        agency = Agency(slug=f"a{n}", name_vi=f"Bộ {n}", kind="ministry", parent=above)
        agency.save()
        agencies.append(agency)
    paper = _paper()
    for start in range(0, rows, BATCH):
        people = _people(range(start, min(start + BATCH, rows)), agencies)
        _certificates(_completions(people, run), start, paper)


def _people(numbers: range, agencies: list[Any]) -> list[Any]:
    from people.models import Trainee

    people = [
        Trainee(
            full_name=f"{_FAMILY[n % 4]} Văn {_GIVEN[n % 5]}",
            agency=agencies[n % AGENCIES if n % 2 else (0, *_DEPARTMENTS)[n // 2 % 4]],
            birth_date=_DAY,
        )
        for n in numbers
    ]
    for person in people:
        person.set_keys()
    return Trainee.objects.bulk_create(people)


def _completions(people: list[Any], run: Any) -> list[Any]:
    from enrollment.models import Completion, Enrollment

    Enrollment.objects.bulk_create(
        Enrollment(run=run, trainee=p, sending_agency=p.agency, state="completed") for p in people
    )
    return Completion.objects.bulk_create(
        Completion(
            run=run, trainee=p, course_code="C", periods=16, completed_on=_DAY, grade="passed",
            attendance_percent=100, rule_met="attendance>=80", evidence="signed_sheet",
            sending_agency=p.agency, agency_kind="ministry", sector="state_agency",
            recorded_by="bench",
        )
        for p in people
    )  # fmt: skip


def _paper() -> dict[str, Any]:
    from certificates.models import CertificateDesign, IssuingBody, Signer

    body = IssuingBody.objects.create(name="Cục Chuyển đổi số quốc gia", place="Hà Nội")
    return {
        "signer": Signer.objects.create(body=body, name="Trần Quốc Hải", title="CỤC TRƯỞNG"),
        "design": CertificateDesign.objects.create(slug="plain", name="Mẫu", html="", css=""),
    }


def _certificates(completions: list[Any], first: int, paper: dict[str, Any]) -> None:
    from certificates.models import Certificate
    from certificates.services.verification import normalised_code

    Certificate.objects.bulk_create(
        Certificate(
            completion=completion, register="AI", year=2026, register_number=number,
            serial_number=f"AI26{number:06d}", sha256=f"{number:064d}", file="certificate.pdf",
            verification_code=normalised_code(f"{number:016d}"),
            printed=_printed(completion, number), **paper,
        )
        for number, completion in enumerate(completions, start=first + 1)
    )  # fmt: skip


def _printed(completion: Any, number: int) -> dict[str, Any]:
    from certificates.pdf import CertificateFields

    return CertificateFields(
        issuing_body="Cục Chuyển đổi số quốc gia", full_name=completion.trainee.full_name,
        course_title="Khóa C", register_number=f"{number}/2026", issued_on=_DAY,
        signer_name="Trần Quốc Hải", verification_code=f"{number:016d}",
        verification_url="https://training.example.gov.vn/verify/",
    ).to_json()  # fmt: skip
