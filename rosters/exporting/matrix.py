"""Who completed which course, and when: a row for each person, a column for each course."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property

from django.db.models import Q

from accounts.models import User
from common.bulk import in_list
from common.spreadsheets import CellValue, Column
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from people.models import Merge
from people.querysets import TraineeQuerySet, resolved
from rosters.exporting.columns import roster_columns
from rosters.exporting.rows import ID, people_rows, with_cells

PERSON_KEYS = ("index", "trainee_code", "full_name", "unit", "agency")


class CourseMatrix:
    """The days on which people completed courses, from ``since`` to ``until``.

    Where somebody completed a course several times it is the latest day. Results are those that the
    ``reader`` may see (None sees all); those of rows merged into a person are theirs.
    """

    def __init__(
        self,
        people: TraineeQuerySet,
        *,
        reader: User | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
    ) -> None:
        self._people = people
        self._survivors = Merge.objects.not_undone().survivor_by_absorbed()
        results = Completion.objects.not_voided()
        if reader is not None:
            results = results.visible_to(reader)
        period = {"completed_on__gte": since, "completed_on__lte": until}
        self._results: CompletionQuerySet = results.filter(
            **{name: day for name, day in period.items() if day}
        )

    @cached_property
    def courses(self) -> dict[str, str]:
        """Code → title in Vietnamese, of the courses that anybody of these people completed."""
        theirs = Q(trainee__in=self._people.order_by().values("pk"))
        if self._survivors:
            last = {row: resolved(row, self._survivors) for row in self._survivors}
            found = self._people.filter(pk__in=in_list(set(last.values())))
            here = set(found.values_list("pk", flat=True))
            theirs |= Q(trainee__in=[row for row, person in last.items() if person in here])
        titles = self._results.filter(theirs).order_by("course_code")
        return dict(titles.values_list("course_code", "run__course__title_vi").distinct())

    def days_of(self, ids: Sequence[int]) -> dict[int, list[CellValue]]:
        """A day or None for each of ``courses``, by person."""
        wanted = set(ids)
        merged = [row for row in self._survivors if resolved(row, self._survivors) in wanted]
        results = self._results.filter(trainee__in=in_list([*ids, *merged]))
        in_order = results.order_by("completed_on")
        latest = {
            (resolved(row, self._survivors), course): day
            for row, course, day in in_order.values_list(
                "trainee_id", "course_code", "completed_on"
            )
        }
        return {person: [latest.get((person, code)) for code in self.courses] for person in ids}

    def columns(self) -> list[Column]:
        courses = [
            Column(f"course_{code}", f"{code} · {title}", "date", width=14)
            for code, title in self.courses.items()
        ]
        return [*roster_columns(PERSON_KEYS), *courses]

    def rows(self) -> Iterator[list[CellValue]]:
        people = people_rows(self._people, (*PERSON_KEYS, ID))
        return with_cells(people, self.days_of)
