"""Attendance by session and the spread of scores, as charts with their tables."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from common import bar_charts, clock, formats
from common.bar_charts import Column
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Attendance, Enrollment
from enrollment.services.completion import COUNTS_AS_ATTENDED

HIGHEST = 10
_IN_CLASS = (EnrollmentState.ENROLLED, EnrollmentState.COMPLETED, EnrollmentState.NOT_COMPLETED)


def attendance_chart(run: CourseRun) -> dict[str, Any] | None:
    """None before the first session."""
    sessions = [one for one in run.sessions.all() if one.starts_at <= clock.now()]
    people = Enrollment.objects.filter(run=run, state__in=_IN_CLASS)
    total = people.count()
    if not sessions or not total:
        return None
    marks = Attendance.objects.filter(enrollment__in=people, mark__in=COUNTS_AS_ATTENDED)
    by_session = marks.order_by().values("session").annotate(people=Count("pk"))
    attended = dict(by_session.values_list("session", "people"))
    figures = [(one, attended.get(one.pk, 0)) for one in sessions]
    return {
        "chart": bar_charts.bars(
            [Column(str(one.number), total, present) for one, present in figures],
            title=_("Attendance by session"),
            description=_("Frames are the people in the class, bars those who attended."),
            name="attendance",
        ),
        "rows": [
            (
                _("Session %(number)s, %(day)s")
                % {"number": one.number, "day": formats.day(one.starts_at)},
                f"{formats.number(present)} / {formats.number(total)}",
            )
            for one, present in figures
        ],
    }


def score_chart(scores: Sequence[Decimal]) -> dict[str, Any] | None:
    """How many scores lie between each whole mark and the next; the highest is with the last."""
    if not scores:
        return None
    found = Counter(min(int(score), HIGHEST - 1) for score in scores)
    spread = [(f"{low}–{low + 1}", found[low]) for low in range(HIGHEST)]
    return {
        "chart": bar_charts.bars(
            [Column(label, None, number) for label, number in spread],
            title=_("Scores"),
            description=_("The table beneath holds the same figures."),
            name="scores",
        ),
        "rows": [(label, formats.number(number)) for label, number in spread if number],
    }
