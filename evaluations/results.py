"""What an evaluation says: averages of indicators, criteria and groups, and one index.

All are worked out exactly from the counters and rounded once. Whatever too few people answered is
left out, and out of every average above it, so that no difference of two figures gives it away.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import F, Sum

from accounts.models import User
from courses.choices import RunState
from evaluations.choices import Source
from evaluations.layouts import Criterion, Key, Layout, Prompt, Section, layout_of
from evaluations.models import AnswerCount, Evaluation, EvaluationForm
from evaluations.querysets import FollowUpQuerySet

# With fewer answers about use at work a coordinator is not told what they say.
FEWEST_ANSWERS = 5
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Average:
    """``value`` is None where it is hidden; ``level`` is the word for it."""

    exact: Fraction | None = None
    value: Decimal | None = None
    level: str = ""
    answers: int = 0


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    prompt: Prompt
    average: Average


@dataclass(frozen=True, slots=True)
class CriterionResult:
    criterion: Criterion
    average: Average
    indicators: Sequence[IndicatorResult]


@dataclass(frozen=True, slots=True)
class SectionResult:
    section: Section
    average: Average
    criteria: Sequence[CriterionResult]


@dataclass(frozen=True, slots=True)
class Results:
    evaluation: Evaluation
    index: Average
    sections: Sequence[SectionResult]

    @property
    def is_hidden(self) -> bool:
        return self.evaluation.is_hidden


Sums = Mapping[Key, tuple[int, int]]


def sums_of(evaluation: Evaluation) -> dict[Key, tuple[int, int]]:
    """By prompt: the number of answers and their sum, added up by the database."""
    counted = AnswerCount.objects.filter(evaluation=evaluation, source__in=Source.values)
    sums = counted.order_by().values_list("item", "trainer")
    rows = sums.annotate(number=Sum("count"), total=Sum(F("count") * F("value")))
    return {Key(item, trainer): (number, total) for item, trainer, number, total in rows}


def results_of(
    evaluation: Evaluation,
    layout: Layout,
    *,
    may_see: Callable[[Section], bool] = lambda section: True,
) -> Results:
    """Hidden averages have no value. ``may_see`` limits the sections, and the index to them:
    from that of all one could work out what is not shown.
    """
    reader = _Reader(evaluation)
    sections = [reader.section(section) for section in layout.sections if may_see(section)]
    return Results(evaluation, reader.rounded(_index(sections)), sections)


def may_read(user: Any, evaluation: Evaluation) -> bool:
    """Trainers only when the class is closed too: its results cannot be an answer to theirs."""
    if evaluation.closed_at is None:
        return False
    return user.reads_everything or evaluation.run.state == RunState.CLOSED


def may_read_index(user: Any, evaluation: Evaluation) -> bool:
    """The stored index is of all trainers of the class; one of several would read of the others."""
    if user.reads_everything or not may_read(user, evaluation):
        return may_read(user, evaluation)
    return all(one.user_id == user.pk for one in evaluation.trainers.all())


def results_for(user: Any, evaluation: Evaluation) -> Results:
    """A trainer reads what is about the class and about themselves, nothing about colleagues."""

    def may_see(section: Section) -> bool:
        about = section.trainer
        return about is None or user.reads_everything or about.user_id == user.pk

    return results_of(evaluation, layout_of(evaluation), may_see=may_see)


def index_of(evaluation: Evaluation, layout: Layout) -> Decimal | None:
    return results_of(evaluation, layout).index.value


def word_by(form: EvaluationForm) -> Callable[[Decimal], str]:
    """The word of the level in which a rounded average lies."""
    levels = list(form.levels.all())

    def word(value: Decimal) -> str:
        return next(
            (level.word for level in levels if level.below is None or value < level.below), ""
        )

    return word


class _Reader:
    def __init__(self, evaluation: Evaluation) -> None:
        self._sums: Sums = {} if evaluation.is_hidden else sums_of(evaluation)
        self._least = evaluation.form.least_forms
        self._word = word_by(evaluation.form)

    def section(self, section: Section) -> SectionResult:
        criteria = [self._criterion(criterion) for criterion in section.criteria]
        average = self.rounded(mean(one.average for one in criteria))
        return SectionResult(section, average, criteria)

    def _criterion(self, criterion: Criterion) -> CriterionResult:
        found = [self._indicator(prompt) for prompt in criterion.indicators]
        return CriterionResult(criterion, self.rounded(mean(one.average for one in found)), found)

    def _indicator(self, prompt: Prompt) -> IndicatorResult:
        number, total = self._sums.get(prompt.key, (0, 0))
        if number < self._least:
            return IndicatorResult(prompt, Average())
        return IndicatorResult(prompt, self.rounded(Fraction(total, number), number))

    def rounded(self, exact: Fraction | None, answers: int = 0) -> Average:
        """The level is that of the figure shown: no two figures alike have two words."""
        if exact is None:
            return Average()
        value = Decimal(exact.numerator) / Decimal(exact.denominator)
        value = value.quantize(_CENT, ROUND_HALF_UP)
        return Average(exact, value, self._word(value), answers)


def mean(averages: Iterable[Average]) -> Fraction | None:
    """Of those that are not hidden."""
    shown = [one.exact for one in averages if one.exact is not None]
    return sum(shown, Fraction(0)) / len(shown) if shown else None


def _index(sections: Sequence[SectionResult]) -> Fraction | None:
    """The weighted mean of the groups; a group about several trainers is the mean of theirs."""
    by_group: dict[int, list[SectionResult]] = {}
    for one in sections:
        by_group.setdefault(one.section.group.pk, []).append(one)
    weights, total = 0, Fraction(0)
    for same in by_group.values():
        value, weight = mean(one.average for one in same), same[0].section.group.weight
        if value is not None:
            weights, total = weights + weight, total + weight * value
    return total / weights if weights else None


def effect_by(key: str, rows: FollowUpQuerySet, reader: User) -> list[dict[str, Any]]:
    """``figures_by``; without ``uses_it`` and ``with_example`` where they would tell a coordinator
    what one of a few people answered.
    """
    found = list(rows.figures_by(key))
    if not reader.reads_everything:
        for row in _of_few(found):
            row["uses_it"] = row["with_example"] = None
    return found


def _of_few(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Groups with too few answers, and further ones until their sum is none of a few either."""
    hidden: list[dict[str, Any]] = []
    for row in sorted(found, key=lambda one: one["answered"]):
        together = sum(one["answered"] for one in hidden)
        if 0 < row["answered"] < FEWEST_ANSWERS or 0 < together < FEWEST_ANSWERS:
            hidden.append(row)
    return hidden
