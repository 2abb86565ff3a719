"""A programme of any size for the benchmark of the counter: people, completions, some merges.

Inserted by statements inside the database, a million rows at a time. Values are derived from the
row's number, so that every engine has the same programme.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

AGENCIES, RUNS, DAYS = 200, 40, 3_000
KINDS = ("ministry", "province", "government_agency", "state_corporation", "state_group")

NUMBERS = """
WITH RECURSIVE numbers(number) AS (
    SELECT CAST(%s AS bigint) UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < %s
)
"""
_PEOPLE = f"""
INSERT INTO people_trainee (
    code, full_name, sex, agency_id, unit, position, email, phone, personal_number_tail,
    claimed_number_digest, sort_key, search_key, match_key, likeness_key, recorded_at
)
{NUMBERS}
SELECT 'HV-' || CAST(10000000 + number AS text), 'Nguyễn Văn A', '', a.id, '', '', '', '', '',
    '', '', '', '', '', %s
FROM numbers JOIN bench_agency a ON a.n = number %% {AGENCIES}
ORDER BY number
"""  # noqa: S608  # of literals
_MERGES = f"""
INSERT INTO people_merge (survivor_id, absorbed_id, reason, recorded_at, recorded_by, undone_by)
{NUMBERS}
SELECT %s + number, %s + number + 1, '', %s, 'bench', '' FROM numbers WHERE number %% 100 = 0
"""  # noqa: S608  # of literals
# One multiplier for each drawn value; squaring spreads neighbours apart.
_DRAWN = "(number + 1) * (number + 1) %% 2147483647 * {} %% 2147483647"
_COMPLETIONS = f"""
INSERT INTO enrollment_completion (
    trainee_id, run_id, course_code, periods, completed_on, grade, attendance_percent, rule_met,
    remark, evidence, sending_agency_id, agency_kind, sector, recorded_at, recorded_by,
    voided_at, void_reason
)
{NUMBERS},
drawn AS (
    SELECT number %% %s AS person, %s + number / %s AS lap,
        {_DRAWN.format(48271)} %% {AGENCIES} AS agency,
        {_DRAWN.format(69621)} %% {DAYS} AS day,
        {_DRAWN.format(39373)} %% 50 = 0 AS is_void
    FROM numbers
)
SELECT %s + person, r.id, %s, 16, d.completed_on, 'passed', 100, 'attendance>=80',
    '', 'signed_sheet', a.id, a.kind, a.sector, d.recorded_at, 'bench',
    CASE WHEN is_void THEN d.recorded_at END,
    CASE WHEN is_void THEN 'entered by mistake' ELSE '' END
FROM drawn
JOIN bench_agency a ON a.n = agency
JOIN bench_day d ON d.n = day
JOIN bench_run r ON r.n = (person + lap) %% {RUNS}
"""  # noqa: S608  # of literals


class Programme:
    """Grows to a number of completions, of three tenths as many people."""

    def __init__(self) -> None:
        from audit.services import SYSTEM
        from common import clock
        from courses.models import Course
        from lms.reference import load_reference

        load_reference(by=SYSTEM)
        self.today, self.course = clock.today(), Course.objects.get(code="AI-101")
        self.done = self.people = self.laps = 0
        make_table("agency", "id bigint, kind text, sector text", make_agencies())
        make_table("run", "id bigint", [(pk,) for pk in _runs(self.course)])
        days = [self.today - dt.timedelta(days=number + 1) for number in range(DAYS)]
        make_table(
            "day",
            "completed_on date, recorded_at timestamp with time zone",
            [(day, dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)) for day in days],
        )

    def grow(self, completions: int) -> None:
        """Add completions up to a size; one in fifty is void, one person in a hundred merged."""
        from common import clock
        from people.models import Trainee

        people, now = completions * 3 // 10, clock.now()
        execute(_PEOPLE, [self.people, people, now])
        first = Trainee.objects.order_by("pk").values_list("pk", flat=True)[0]
        execute(_MERGES, [self.people, people, first, first, now])
        self.people = people
        drawn = [self.done, completions, people, self.laps, people]
        execute(_COMPLETIONS, [*drawn, first, self.course.code])
        self.laps += completions // people + 1
        self.done = completions


def make_agencies() -> list[tuple[Any, ...]]:
    from agencies.choices import sector_of
    from agencies.models import Agency

    kinds = [KINDS[n % len(KINDS)] for n in range(AGENCIES)]
    agencies = [
        Agency.objects.create(slug=f"bench-{n}", name_vi=f"Cơ quan đo {n}", kind=kind)
        for n, kind in enumerate(kinds)
    ]
    return [(one.pk, str(one.kind), str(sector_of(one.kind))) for one in agencies]


def _runs(course: Any) -> list[int]:
    from courses.models import CourseRun

    return [
        CourseRun.objects.create(
            course=course, code=f"BENCH-{n}", starts_on="2020-01-06", ends_on="2020-01-07",
            capacity=1,
        ).pk
        for n in range(RUNS)
    ]  # fmt: skip


def make_table(name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """A temporary table of the values that can be drawn, by number."""
    from django.db import connection

    numbered = ((n, *row) for n, row in enumerate(rows))
    placeholders = ", ".join(["%s"] * (columns.count(",") + 2))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE bench_{name} (n integer PRIMARY KEY, {columns})")
        if connection.vendor != "postgresql":
            cursor.executemany(f"INSERT INTO bench_{name} VALUES ({placeholders})", list(numbered))  # noqa: S608  # of literals
            return
        with cursor.copy(f"COPY bench_{name} FROM STDIN") as copy:
            for row in numbered:
                copy.write_row(row)


def execute(statement: str, values: list[Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
