"""What to look at before a period is signed."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit.models import AuditEntry
from courses.choices import RunState
from courses.models import CourseRun
from people.models import CandidatePair
from targets.models import IndicatorValue
from targets.progress.opening import Opening


@dataclass(frozen=True, slots=True)
class Point:
    """Something still open; ``route`` names the page where it is settled, or nothing."""

    code: str
    label: str
    count: int
    route: str = ""


def checklist(opening: Opening) -> list[Point]:
    """Every point, those that are settled with a count of 0."""
    last = opening.count.as_of
    return [
        Point("days_between", _("days between the last signed period and this one"), _gap(opening)),
        Point(
            "completed_between",
            _("people who completed on days outside every signed period"),
            opening.persons.between,
        ),
        Point(
            "open_pairs",
            _("pairs of possible duplicates not yet resolved"),
            CandidatePair.objects.open().count(),
            "pairs",
        ),
        Point(
            "open_runs",
            _("classes that ended by the last day and are not closed"),
            _open_runs(last),
            "runs",
        ),
        Point(
            "waiting_values",
            _("reported values not yet reviewed"),
            IndicatorValue.objects.waiting().filter(measured_on__lte=last).count(),
            "indicators",
        ),
        _unexplained(),
        Point(
            "bridge",
            _("people by whom the figure differs from the last signed one without a reason"),
            _difference(opening),
        ),
    ]


def _gap(opening: Opening) -> int:
    if opening.previous is None:
        return 0
    return (opening.starts_on - opening.previous.ends_on).days - 1


def _open_runs(last: dt.date) -> int:
    settled = (RunState.CLOSED, RunState.CANCELLED)
    return CourseRun.objects.filter(ends_on__lte=last).exclude(state__in=settled).count()


def _unexplained() -> Point:
    """As found last night: reconciling takes too long for a page."""
    entry = AuditEntry.objects.filter(action="reconciled").order_by("-id").first()
    if entry is None:
        return Point(
            "never_reconciled",
            _("never reconciled: the nightly check has not run yet"),
            1,
            "reconcile",
        )
    number = int(entry.details["unexplained"])
    return Point("unexplained", _("unexplained contradictions"), number, "reconcile")


def _difference(opening: Opening) -> int:
    bridge = opening.persons
    explained = bridge.opening + bridge.adjusted + bridge.between + bridge.new
    return abs(bridge.closing - explained)
