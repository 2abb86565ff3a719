"""What lists of people say of their training: status, courses, certificates, counted or why not."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from certificates.choices import CertificateState
from certificates.models import Certificate
from common import clock
from common.bulk import in_list
from common.spreadsheets import CellValue
from competencies.progress import Gap, gaps_of
from counting.explanation import missing, on_the_way, with_relations
from counting.groups import unresolved_label
from counting.lineage import NO_COMPLETION, Lineage
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS, Terms, qualifying
from enrollment.choices import IN_PROGRESS
from enrollment.models import Completion, Enrollment
from people.choices import TrainingStatus
from people.models import Merge, Trainee
from people.querysets import resolved


@dataclass(frozen=True, slots=True)
class _Training:
    """One person's. ``results`` and ``certificates`` are those that the reader may see."""

    agency: str
    results: Sequence[Completion]
    certificates: Sequence[Certificate]
    is_counted: bool
    is_enrolled: bool
    reasons: str
    is_known: bool
    gaps: Sequence[Gap]

    @property
    def status(self) -> TrainingStatus:
        if self.is_counted:
            return TrainingStatus.TRAINED
        return TrainingStatus.ENROLLED if self.is_enrolled else TrainingStatus.NOT_YET

    @property
    def counted(self) -> str:
        if not self.is_known:
            return ""
        return _("yes") if self.is_counted else _("no")


_CELLS: Final[Mapping[str, Callable[[_Training], CellValue]]] = {
    "agency_today": lambda one: one.agency,
    "training_status": lambda one: str(one.status.label),
    "first_course": lambda one: _course(one.results[0]) if one.results else "",
    "first_completed_on": lambda one: one.results[0].completed_on if one.results else None,
    "last_course": lambda one: _course(one.results[-1]) if one.results else "",
    "last_completed_on": lambda one: one.results[-1].completed_on if one.results else None,
    "courses_completed": lambda one: len({result.course_code for result in one.results}),
    "periods_completed": lambda one: sum(result.periods for result in one.results),
    "certificate_numbers": lambda one: _joined(c.register_label for c in one.certificates),
    "certificate_states": lambda one: _joined(
        CertificateState(c.public_state).label for c in one.certificates
    ),
    "counted": lambda one: one.counted,
    "why_not_counted": lambda one: one.reasons if one.is_known else "",
    "still_to_learn": lambda one: _joined(one.gaps) if one.is_known else "",
}
_FROM_ENROLLMENTS: Final = frozenset({"training_status", "why_not_counted"})
_FROM_CERTIFICATES: Final = frozenset({"certificate_numbers", "certificate_states"})


def _course(result: Completion) -> str:
    return f"{result.course_code} · {result.run.course.title_vi}"


def _joined(texts: Iterable[Any]) -> str:
    return "; ".join(map(str, texts))


class TrainingColumns:
    """Fills the columns with the ``keys`` for people by their ids, as of now.

    Rows merged into a person are theirs. Results and certificates are those that the ``reader`` may
    see (None sees all); whether and why somebody counts is said where their record says it.
    """

    def __init__(self, reader: User | None, keys: Sequence[str]) -> None:
        self._reader = None if reader is None or reader.reads_everything else reader
        self._keys = keys
        self._now, self._today = clock.now(), clock.today()
        self._rule = CountingRule.objects.in_force(TRAINED_OFFICIALS, self._now)
        self._terms = Terms.of(self._rule) if self._rule else None
        self._survivors = Merge.objects.believed(self._now).survivor_by_absorbed()

    def __call__(self, ids: Sequence[int]) -> dict[int, list[CellValue]]:
        return {
            person: [_CELLS[key](training) for key in self._keys]
            for person, training in self._trainings(ids).items()
        }

    def _trainings(self, ids: Sequence[int]) -> dict[int, _Training]:
        wanted = set(ids)
        merged = [row for row in self._survivors if resolved(row, self._survivors) in wanted]
        rows = [*ids, *merged]
        all_results = Completion.objects.filter(trainee__in=in_list(rows))
        results = self._by_person(with_relations(all_results.earliest_first()))
        enrollments = self._by_person(self._asked(_FROM_ENROLLMENTS, on_the_way(rows)))
        certificates = self._by_person(self._asked(_FROM_CERTIFICATES, self._certificates(rows)))
        believed = all_results.believed(self._now).filter(completed_on__lte=self._today)
        counting = _ids(qualifying(believed, self._terms))
        people = Trainee.objects.filter(pk__in=in_list(ids))
        visible = None if self._reader is None else _ids(all_results.visible_to(self._reader))
        known = wanted if self._reader is None else _ids(people.visible_to(self._reader))
        gaps = gaps_of(ids) if "still_to_learn" in self._keys else {}
        return {
            person: self._training(
                agency,
                results[person],
                enrollments[person],
                certificates[person],
                visible,
                is_counted=any(result.pk in counting for result in results[person]),
                is_known=person in known,
                gaps=gaps.get(person, ()),
            )
            for person, agency in people.values_list("pk", "agency_id")
        }

    def _training(
        self,
        agency: int,
        results: Sequence[Completion],
        enrollments: Sequence[Enrollment],
        certificates: Sequence[Certificate],
        visible: Collection[int] | None,
        *,
        is_counted: bool,
        is_known: bool,
        gaps: Sequence[Gap],
    ) -> _Training:
        shown = [
            one for one in results if not one.voided_at and (visible is None or one.pk in visible)
        ]
        return _Training(
            agency=self._agency_today(agency, results),
            results=shown,
            certificates=certificates,
            is_counted=is_counted,
            is_enrolled=any(one.state in IN_PROGRESS for one in enrollments),
            reasons="" if is_counted else self._reasons(results, enrollments),
            is_known=is_known,
            gaps=gaps,
        )

    def _reasons(self, results: Sequence[Completion], enrollments: Sequence[Enrollment]) -> str:
        if "why_not_counted" not in self._keys:
            return ""
        found = missing(results, enrollments, self._rule, as_of=self._today, known_as_of=self._now)
        return " ".join(reason.message for reason in found)

    def _asked(self, keys: frozenset[str], rows: Iterable[Any]) -> Iterable[Any]:
        return rows if keys.intersection(self._keys) else ()

    def _by_person(self, rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for row in rows:
            completion = row.completion if isinstance(row, Certificate) else row
            found[resolved(completion.trainee_id, self._survivors)].append(row)
        return found

    def _certificates(self, rows: Sequence[int]) -> QuerySet[Certificate]:
        found = Certificate.objects.filter(completion__trainee__in=in_list(rows))
        if self._reader is not None:
            found = found.visible_to(self._reader)
        return found.select_related("completion").order_by("issued_at", "id")

    @cached_property
    def _lineage(self) -> Lineage:
        return Lineage.believed(self._now)

    @cached_property
    def _agency_names(self) -> dict[int, str]:
        return dict(Agency.objects.values_list("pk", "name_vi"))

    def _agency_today(self, agency: int, results: Sequence[Completion]) -> str:
        """After a split it is the one to which their last result was assigned, if any."""
        last = results[-1].pk if results else NO_COMPLETION
        today = self._lineage.today_of(agency, last)
        return unresolved_label() if today is None else self._agency_names[today]


def _ids(rows: QuerySet[Any]) -> set[int]:
    return set(rows.values_list("pk", flat=True))
