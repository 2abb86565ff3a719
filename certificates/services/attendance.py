"""Confirmations of attendance: numbers first, in one transaction; files afterwards, one by one.

As with certificates, an interrupted run is finished by starting it again.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited_action
from certificates.attendance_paper import attendance_paper
from certificates.choices import Register
from certificates.errors import CertificateError, CertificateInputError
from certificates.job_types import WRITE_CONFIRMATIONS, RunPayload
from certificates.message_kinds import ATTENDANCE_CONFIRMED
from certificates.models import (
    AttendanceConfirmation,
    IssuingTerms,
    RegisterYear,
    Signer,
    new_verification_code,
)
from certificates.querysets import ConfirmationQuerySet
from certificates.services.preflight import HeldBack, issuing_signer
from certificates.services.printed_fields import (
    hash_of,
    picture,
    texts_of_signer,
    verification_url,
)
from certificates.services.register_numbers import locked_year
from common import clock, formats
from common.bulk import in_list
from common.dates import format_date
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.models import Attendance, Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.completion import (
    COUNTS_AS_ATTENDED,
    AttendanceRecord,
    attendance_records,
    minutes_of,
)
from jobs import services as jobs
from notices.services.messages import Messages
from people.models import Merge, Trainee
from people.querysets import resolved
from people.services.recipients import recipients_of


def qualifying(run: CourseRun) -> list[AttendanceRecord]:
    """Who may have a confirmation and has none yet. Error: as of ``entitled``."""
    confirmed = AttendanceConfirmation.objects.filter(enrollment=OuterRef("pk"))
    return attendance_records(entitled(run).exclude(Exists(confirmed)))


def entitled(run: CourseRun) -> EnrollmentQuerySet:
    """Who attended a session and has no result that stands, in roster order.

    Error: ``class_not_closed``: until then nobody knows who completes.
    """
    if run.state != RunState.CLOSED:
        raise CertificateError(
            "class_not_closed", _("Attendance is confirmed once the class is closed.")
        )
    attended = Attendance.objects.filter(enrollment=OuterRef("pk"), mark__in=COUNTS_AS_ATTENDED)
    rows = run.enrollments.filter(Exists(attended), trainee__erased_at=None)
    return rows.exclude(trainee__in=in_list(_completed(run))).in_roster_order()


def _completed(run: CourseRun) -> set[int]:
    """Ids of trainees in the class, also where another row of the person has the result."""
    results = set(run.completions.not_voided().values_list("trainee_id", flat=True))
    survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    done = {resolved(row, survivors) for row in results}
    enrolled = run.enrollments.values_list("trainee_id", flat=True)
    return {row for row in enrolled if resolved(row, survivors) in done}


def chosen_of(run: CourseRun, codes: Collection[str]) -> set[int]:
    """The enrollments of trainees of a class by their codes. Error: ``unknown_trainee``."""
    rows = run.enrollments.filter(trainee__code__in=codes)
    found = list(rows.values_list("pk", "trainee__code"))
    if unknown := sorted(set(codes) - {code for _pk, code in found}):
        message = _("Class %(run)s has nobody with the code %(code)s.")
        values = {"run": run.code, "code": unknown[0]}
        raise CertificateInputError("unknown_trainee", message % values)
    return {pk for pk, _code in found}


def held_back(run: CourseRun, chosen: Collection[int]) -> list[HeldBack]:
    """Who of the enrollments chosen gets no confirmation, and why. Error: as of ``entitled``."""
    able = {record.outcome.enrollment.pk for record in qualifying(run)}
    rows = run.enrollments.filter(pk__in=set(chosen) - able).select_related("trainee")
    confirmed = AttendanceConfirmation.objects.filter(enrollment__in=rows)
    has_one, completed = set(confirmed.values_list("enrollment_id", flat=True)), _completed(run)
    found = []
    for row in rows.in_roster_order():
        code, message = _why_not(row, row.pk in has_one, row.trainee_id in completed)
        found.append(HeldBack(row.trainee.code, row.trainee.full_name, code, message))
    return found


def _why_not(enrollment: Enrollment, has_one: bool, has_completed: bool) -> tuple[str, str]:
    if enrollment.trainee.erased_at:
        message = _("This person's data were erased at their request: there is no name to print.")
        return "erased", message
    if has_one:
        return "already", _("This person has already been given a confirmation.")
    if has_completed:
        return "completed", _("This person has completed the class, which a certificate says.")
    return "nothing_attended", _("This person attended no session of the class.")


# Numbering ------------------------------------------------------------------------------


def issue_confirmations(
    *, by: Actor, run: CourseRun, owner: User | None, chosen: Collection[int] | None = None
) -> list[AttendanceConfirmation]:
    """Number what ``register_confirmations`` finds; a job makes the files."""
    issued = register_confirmations(by=by, run=run, chosen=chosen)
    start_writing(by=by, run=run, owner=owner)
    return issued


def start_writing(*, by: Actor, run: CourseRun, owner: User | None) -> None:
    if owed(run).exists():
        payload = RunPayload(run=run.pk)
        jobs.start(WRITE_CONFIRMATIONS, payload=payload, owner=owner, by=by, ends_with_rights=False)


def register_confirmations(
    *, by: Actor, run: CourseRun, chosen: Collection[int] | None = None
) -> list[AttendanceConfirmation]:
    """Number a confirmation for everybody who qualifies, or for the enrollments chosen of them.

    Errors: ``class_not_closed``, ``no_signer``, ``no_name``, ``sample_signer``.
    """
    signer = signer_of(run)
    with audited_action("attendance_confirmations_issued", by=by):
        with locked_year(Register.CONFIRMATIONS) as counter:
            found = [
                record
                for record in qualifying(run)
                if chosen is None or record.outcome.enrollment.pk in chosen
            ]
            issued = [numbered(record, counter, signer) for record in found]
            AttendanceConfirmation.objects.bulk_create(issued, batch_size=500)
        audit_details(run=run.code, issued=len(issued))
    return issued


def signer_of(run: CourseRun) -> Signer:
    return issuing_signer(IssuingTerms.objects.filter(run=run).first())


def numbered(
    record: AttendanceRecord, counter: RegisterYear, signer: Signer
) -> AttendanceConfirmation:
    counter.last_number += 1
    confirmation = AttendanceConfirmation(
        enrollment=record.outcome.enrollment,
        register=counter.register,
        year=counter.year,
        register_number=counter.last_number,
        verification_code=new_verification_code(),
        signer=signer,
        issued_at=clock.now(),
    )
    code = confirmation.verification_code
    confirmation.printed = _printed(record, signer) | {
        "issued_on": formats.local_day(confirmation.issued_at).isoformat(),
        "register_number": confirmation.register_label,
        "verification_code": code,
        "verification_url": verification_url(code),
    }
    return confirmation


def _printed(record: AttendanceRecord, signer: Signer) -> dict[str, Any]:
    """Every text of the paper, as printed."""
    attended = [
        session for session, mark in record.sessions if mark and mark.mark in COUNTS_AS_ATTENDED
    ]
    run = record.outcome.enrollment.run
    return {
        **texts_of_signer(signer),
        **_person(record),
        "body_name": signer.body.name,
        "course_title": run.course.title_vi,
        "run_code": run.code,
        "days": formats.days(run.starts_on, run.ends_on),
        "attended": len(attended),
        "sessions_held": len(record.sessions),
        "hours_attended": _hours(minutes_of(attended)),
        "hours_held": _hours(minutes_of(session for session, _mark in record.sessions)),
        "sessions": [
            {
                "number": session.number,
                "day": format_date(formats.local_day(session.starts_at)),
                "hours": formats.hours(session.starts_at, session.ends_at),
                "topic": session.topic,
            }
            for session in attended
        ],
        "picture": hash_of(signer.picture or signer.body.seal),
    }


def _person(record: AttendanceRecord) -> dict[str, Any]:
    enrollment = record.outcome.enrollment
    survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    person = Trainee.objects.get(pk=resolved(enrollment.trainee_id, survivors))
    birth = person.birth_date or person.birth_year
    is_day = isinstance(birth, dt.date)
    unit, agency = enrollment.unit or person.unit, enrollment.sending_agency.name_vi
    return {
        "full_name": person.full_name,
        "birth": birth.isoformat() if isinstance(birth, dt.date) else birth,
        "birth_text": format_date(birth) if isinstance(birth, dt.date) else str(birth or ""),
        "birth_is_day": is_day,
        "position": enrollment.position or person.position,
        "workplace": unit if agency in unit else ", ".join(filter(None, (unit, agency))),
    }


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".").replace(".", ",")


# Files ----------------------------------------------------------------------------------


def owed(run: CourseRun) -> ConfirmationQuerySet:
    waiting = AttendanceConfirmation.objects.without_file().filter(enrollment__run=run)
    return waiting.in_register_order()


def write_confirmations(run: CourseRun) -> Iterator[AttendanceConfirmation]:
    """Make and store the files that the class still owes, and tell their holders."""
    for confirmation in owed(run):
        image = confirmation.printed_value("picture")
        content = attendance_paper(confirmation.printed, picture(image) if image else b"")
        with transaction.atomic():
            _store(confirmation, content)
        yield confirmation


def _store(confirmation: AttendanceConfirmation, content: bytes) -> None:
    rows = AttendanceConfirmation.objects.without_file().select_for_update(of=("self",))
    if not rows.filter(pk=confirmation.pk).exists():
        return  # somebody else was faster
    name = f"certificates/{confirmation.year}/{confirmation.file_name}"
    # An interrupted run may have left this file: replace it, else storage adds a suffix.
    default_storage.delete(name)
    confirmation.file.name = default_storage.save(name, ContentFile(content))
    confirmation.sha256 = hashlib.sha256(content).hexdigest()
    confirmation.notified_at = clock.now()
    confirmation.save(update_fields=["file", "sha256", "notified_at"])
    _tell(confirmation)


def _tell(confirmation: AttendanceConfirmation) -> None:
    messages = Messages()
    code = confirmation.verification_code
    values = {
        "full_name": confirmation.printed_value("full_name"),
        "course": confirmation.printed_value("course_title"),
        "run": confirmation.printed_value("run_code"),
        "site": f"{settings.SITE_URL}{reverse('attendance_confirmation', args=[code])}",
        "link": verification_url(code),
    }
    for recipient in recipients_of([confirmation.enrollment.trainee]):
        messages.add(ATTENDANCE_CONFIRMED, recipient, lambda: values)
    messages.send()
