import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from common import charts, formats
from common.charts import Mark, Point
from counting.replay import Count, GroupBy
from targets.progress import milestones
from targets.progress.growth import GrowthQuarter, growth_by_quarter, target_line


def growth_points(count: Count) -> list[Point]:
    """The number at the end of every month in which it changed, and at the as-of day."""
    months = count.parts(GroupBy.MONTH).items()
    return points_of_months({month: part.persons for month, part in months}, count.as_of)


def points_of_months(new_in: dict[str, int], as_of: dt.date) -> list[Point]:
    """``new_in``: newly counted people by month, such as ``2026-03``."""
    total, found = 0, list[Point]()
    for month, new in sorted(new_in.items()):
        total += new
        year, number = map(int, month.split("-"))
        end = dt.date(year + number // 12, number % 12 + 1, 1) - dt.timedelta(days=1)
        found.append(Point(min(end, as_of), total))
    if found and found[-1].day < as_of:
        found.append(Point(as_of, total))
    return found


def growth_picture(count: Count) -> dict[str, Any]:
    """The number by quarter against the line to its targets: drawings, and their table's rows."""
    goals = milestones(count)
    line = target_line(count, goals)
    quarters = list(growth_by_quarter(count, line))
    if not quarters:
        return {}
    return {
        "charts": charts.in_both_sizes(
            [Point(one.day, one.total) for one in quarters],
            [Mark(one.due_on, one.minimum, formats.number(one.minimum), one.met) for one in goals],
            title=_("People trained by quarter, against the targets"),
            description=_description(count),
            name="growth",
            plan=line,
        ),
        "rows": [_row(one) for one in reversed(quarters)],
    }


def _description(count: Count) -> str:
    text = _(
        "The stepped line shows the people counted by the end of each quarter, up to %(persons)s "
        "on %(day)s; the dashed line leads evenly to the targets, which are diamonds. The table "
        "below has the same figures."
    )
    return text % {"persons": formats.number(count.persons), "day": formats.day(count.as_of)}


def _row(one: GrowthQuarter) -> tuple[str, str, str, str, str]:
    needed, ahead = "–", "–"
    if one.needed is not None:
        needed, ahead = formats.number(one.needed), formats.signed(one.total - one.needed)
    figures = formats.number(one.new), formats.number(one.total)
    return one.quarter.label, *figures, needed, ahead
