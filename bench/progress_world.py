"""A programme of any size for the benchmark of the counter: people, completions, some merges."""

import datetime as dt
import random
from typing import Any

AGENCIES, RUNS, DAYS, BATCH = 200, 40, 3_000, 20_000
KINDS = ("ministry", "province", "government_agency", "state_corporation", "state_group")


class Programme:
    """Grows to a number of completions, of three tenths as many people."""

    def __init__(self) -> None:
        from agencies.choices import sector_of
        from agencies.models import Agency
        from audit.services import SYSTEM
        from common import clock
        from courses.models import Course, CourseRun
        from lms.reference import load_reference

        load_reference(by=SYSTEM)
        self.random, self.today = random.Random(699), clock.today()
        kinds = [KINDS[n % len(KINDS)] for n in range(AGENCIES)]
        self.agencies = [
            Agency.objects.create(slug=f"bench-{n}", name_vi=f"Cơ quan đo {n}", kind=kind)
            for n, kind in enumerate(kinds)
        ]
        self.facts = [(one.pk, one.kind, sector_of(one.kind)) for one in self.agencies]
        self.course = Course.objects.filter(code="AI-101").get()
        self.runs = [
            CourseRun.objects.create(
                course=self.course, code=f"BENCH-{n}", starts_on="2020-01-06",
                ends_on="2020-01-07", capacity=1,
            ).pk
            for n in range(RUNS)
        ]  # fmt: skip
        self.people: list[int] = []
        self.laps: list[int] = []
        self.done = 0

    def grow(self, completions: int) -> None:
        """Add completions up to a size; one in fifty is void, one person in a hundred merged."""
        from common.bulk import insert_many
        from people.models import Merge, Trainee

        first_new = len(self.people)
        for start in range(first_new, completions * 3 // 10, BATCH):
            size = min(BATCH, completions * 3 // 10 - start)
            rows = [
                Trainee(
                    code=f"HV-{n:08}",
                    full_name="Nguyễn Văn A",
                    agency_id=self.facts[n % AGENCIES][0],
                )
                for n in range(start, start + size)
            ]
            self.people += [row.pk for row in insert_many(rows)]
            self.laps += [0] * size
        Merge.objects.bulk_create(
            Merge(survivor_id=one, absorbed_id=other, recorded_by="bench")
            for one, other in zip(
                self.people[first_new::100], self.people[first_new + 1 :: 100], strict=False
            )
        )
        while self.done < completions:
            size = min(BATCH, completions - self.done)
            insert_many([self._completion(self.done + n) for n in range(size)])
            self.done += size

    def _completion(self, number: int) -> Any:
        from enrollment.models import Completion

        person = number % len(self.people)
        self.laps[person] += 1
        agency, kind, sector = self.facts[self.random.randrange(AGENCIES)]
        on = self.today - dt.timedelta(days=self.random.randrange(DAYS) + 1)
        at = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
        void = self.random.random() < 0.02
        return Completion(
            trainee_id=self.people[person], run_id=self.runs[(person + self.laps[person]) % RUNS],
            course_code=self.course.code, periods=16, completed_on=on, grade="passed",
            attendance_percent=100, rule_met="attendance>=80", evidence="signed_sheet",
            sending_agency_id=agency, agency_kind=kind, sector=sector, recorded_at=at,
            recorded_by="bench", voided_at=at if void else None,
            void_reason="entered by mistake" if void else "",
        )  # fmt: skip
