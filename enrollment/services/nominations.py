"""Nomination letters, and who has to approve next."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from courses.choices import ApprovalPolicy
from courses.models import CourseRun
from enrollment.choices import Approver, EnrollmentState
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.models import Enrollment, NominationLetter


@audited("nomination_letter_recorded")
def record_letter(
    *,
    by: Actor,
    run: CourseRun,
    agency: Agency,
    number: str,
    dated: dt.date,
    signer_name: str = "",
    signer_title: str = "",
    file: File[Any] | None = None,
) -> NominationLetter:
    """Record an agency's nomination letter.

    The same number and date again is the same letter: only a missing signer or file is added.
    """
    if not number.strip():
        raise EnrollmentError("number_missing", _("A letter needs its number and symbol."))
    if dated > clock.today():
        raise EnrollmentInputError("in_the_future", _("A letter cannot be dated in the future."))
    # A second group may come with the same letter.
    letter, _created = NominationLetter.objects.get_or_create(
        run=run,
        agency=agency,
        number=number.strip(),
        dated=dated,
        defaults={"recorded_by": by.label},
    )
    letter.signer_name = letter.signer_name or signer_name
    letter.signer_title = letter.signer_title or signer_title
    letter.save(update_fields=["signer_name", "signer_title"])
    if file and not letter.file:
        letter.file.save(f"letter-{letter.pk}.{_extension(file.name)}", file)
    audit_details(run=run.code, agency=agency.slug, number=number)
    return letter


def _extension(name: str | None) -> str:
    return (name or "").rpartition(".")[2].lower()[:8] or "bin"


@dataclass(frozen=True, slots=True)
class NextStep:
    who: Approver
    since: dt.datetime


def next_step(enrollment: Enrollment) -> NextStep | None:
    """None where nobody has to approve."""
    if enrollment.state not in (EnrollmentState.NOMINATED, EnrollmentState.REQUESTED):
        return None
    policy = enrollment.run.course.approval
    waits_for_agency = enrollment.agency_approved_at is None and policy in (
        ApprovalPolicy.AGENCY,
        ApprovalPolicy.BOTH,
    )
    if waits_for_agency:
        return NextStep(Approver.AGENCY, enrollment.state_since)
    return NextStep(Approver.OFFICE, enrollment.agency_approved_at or enrollment.state_since)
