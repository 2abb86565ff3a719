import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.vietnamese import match_key
from courses.models import Session
from enrollment.choices import Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.attendance import record_attendance
from enrollment.services.check_in import LATE_AFTER
from enrollment.sheets import SessionMark
from enrollment.sheets.conference import Stay

Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class LogOutcome:
    present: int
    late: int
    too_short: int
    unknown: tuple[str, ...]


@audited("conference_log_recorded")
def record_conference_log(
    *, by: Actor, session: Session, stays: Sequence[Stay], minutes: int
) -> LogOutcome:
    """Mark whoever attended at least ``minutes`` of the session; several stays add up.

    Whoever stayed too short gets no mark. Raises EnrollmentError ``wrong_time_zone`` where the
    log would fit if shifted by hours, ``another_day`` where it does not fit, ``bad_minutes``.
    """
    length = int((session.ends_at - session.starts_at).total_seconds()) // 60
    if not 1 <= minutes <= length:
        text = _("The session lasts %(length)s minutes: require between 1 and %(length)s of them.")
        raise EnrollmentError("bad_minutes", text % {"length": length})
    _require_overlap(session, stays)
    spans, unknown = _by_enrollment(session, stays)
    marks, too_short = [], 0
    for enrollment_id, person_spans in spans.items():
        if _minutes(_clipped(person_spans, session)) < minutes:
            too_short += 1
            continue
        # Lateness is judged by the first arrival, even when somebody reconnects later.
        first = min(start for start, _end in person_spans)
        mark = Mark.LATE if first > session.starts_at + LATE_AFTER else Mark.PRESENT
        marks.append(SessionMark(enrollment_id, session.pk, mark))
    if marks:
        record_attendance(by=by, run=session.run, marks=marks, evidence=Evidence.CONFERENCE_LOG)
    late = sum(mark.mark == Mark.LATE for mark in marks)
    audit_details(run=session.run.code, session=session.number, rows=len(stays), marks=len(marks))
    return LogOutcome(len(marks) - late, late, too_short, tuple(sorted(unknown)))


def _by_enrollment(
    session: Session, stays: Sequence[Stay]
) -> tuple[dict[int, list[Span]], set[str]]:
    """The stays of each enrollment, matched by e-mail, else by a name that only one person has."""
    seats = Enrollment.objects.filter(run=session.run_id).holding_a_seat()
    by_email: dict[str, int] = {}
    by_name: dict[str, list[int]] = defaultdict(list)
    for enrollment in seats.select_related("trainee__user"):
        who = enrollment.trainee
        # Logs may show either the address on file or that of the account.
        for address in (who.email, who.user.email if who.user else ""):
            if address:
                by_email[address.lower()] = enrollment.pk
        by_name[who.match_key].append(enrollment.pk)
    spans: dict[int, list[Span]] = defaultdict(list)
    unknown = set()
    for stay in stays:
        namesakes = by_name.get(match_key(stay.name), []) if stay.name else []
        enrollment_id = by_email.get(stay.email.lower()) or (
            namesakes[0] if len(namesakes) == 1 else None
        )
        if enrollment_id:
            spans[enrollment_id].append((stay.joined, stay.left))
        else:
            unknown.add(stay.name or stay.email)
    return dict(spans), unknown


def _require_overlap(session: Session, stays: Sequence[Stay]) -> None:
    if not stays or any(_overlaps(stay, session, dt.timedelta(0)) for stay in stays):
        return
    # A log in another time zone fits once shifted by whole hours; try the smallest shift first.
    shifts = sorted((dt.timedelta(hours=h) for h in range(-14, 15) if h), key=abs)
    shift = max(shifts, key=lambda shift: _overlap(stays, session, shift))
    if 2 * sum(_overlaps(stay, session, shift) for stay in stays) > len(stays):
        hours = int(shift.total_seconds() // 3600)
        text = _(
            "The log would match this session if its times were %(hours)s hours later: choose the "
            "time zone in which it was recorded."
        )
        raise EnrollmentError("wrong_time_zone", text % {"hours": f"{hours:+d}"})
    raise EnrollmentError("another_day", _("No one in this log attended this session."))


def _overlaps(stay: Stay, session: Session, shift: dt.timedelta) -> bool:
    return stay.joined + shift < session.ends_at and stay.left + shift > session.starts_at


def _overlap(stays: Sequence[Stay], session: Session, shift: dt.timedelta) -> dt.timedelta:
    zero = dt.timedelta(0)
    starts_at, ends_at = session.starts_at - shift, session.ends_at - shift
    each = (min(stay.left, ends_at) - max(stay.joined, starts_at) for stay in stays)
    return sum((length for length in each if length > zero), zero)


def _clipped(spans: Iterable[Span], session: Session) -> list[Span]:
    cut = (
        (max(start, session.starts_at), min(end, session.ends_at)) for start, end in sorted(spans)
    )
    return [(start, end) for start, end in cut if end > start]


def _minutes(spans: list[Span]) -> int:
    """Whole minutes covered; two devices at once count once. ``spans`` come in order of start."""
    covered, until = dt.timedelta(0), None
    for start, end in spans:
        begin = start if until is None else max(start, until)
        if end > begin:
            covered += end - begin
            until = end
    return int(covered.total_seconds()) // 60
