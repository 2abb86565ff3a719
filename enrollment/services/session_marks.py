"""Marks of one session from a device that may have been offline since it read the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor
from common import formats
from courses.models import Session
from courses.services import require_unended
from courses.services.timetables import lock_run
from enrollment.choices import Evidence, Mark
from enrollment.models import Attendance
from enrollment.services.attendance import no_seat, record_attendance
from enrollment.sheets import SessionMark


@dataclass(frozen=True)
class SentMark:
    """``seen``: the marks that the device has shown or sent before, "" for none."""

    enrollment_id: int
    mark: Mark
    seen: frozenset[str]


@dataclass(frozen=True)
class Saved:
    """``refused``: by enrollment, why a mark was not saved."""

    count: int
    refused: dict[int, str]


def mark_session(*, by: Actor, session: Session, sent: Sequence[SentMark]) -> Saved:
    """Record what nobody changed meanwhile; a mark that is stored already is left as it is."""
    with transaction.atomic():
        run = lock_run(session.run)
        require_unended(run)
        stored = {one.enrollment_id: one for one in session.attendances.all()}
        seated = set(run.enrollments.holding_a_seat().values_list("id", flat=True))
        refused, new = {}, []
        for one in sent:
            before = stored.get(one.enrollment_id)
            if one.enrollment_id not in seated:
                refused[one.enrollment_id] = no_seat().message
            elif before and before.mark == one.mark:
                continue
            elif before and before.mark not in one.seen:
                refused[one.enrollment_id] = _changed_meanwhile(before, one.mark)
            else:
                new.append(SessionMark(one.enrollment_id, session.pk, one.mark))
        if new:
            record_attendance(by=by, run=run, marks=new, evidence=Evidence.TRAINERS_MARK)
    return Saved(len(new), refused)


def _changed_meanwhile(stored: Attendance, sent: Mark) -> str:
    text = _(
        "%(by)s marked “%(stored)s” meanwhile, at %(at)s: that stays, “%(sent)s” was not saved."
    )
    return text % {
        "by": stored.recorded_by,
        "stored": Mark(stored.mark).label,
        "at": formats.instant(stored.recorded_at),
        "sent": sent.label,
    }
