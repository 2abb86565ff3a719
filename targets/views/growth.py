import datetime as dt

from common.charts import Point
from counting.replay import Count, GroupBy


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
