"""Why a person is counted, or what is missing."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from agencies.choices import Sector
from common import clock
from common.bulk import in_list
from common.dates import format_date
from counting.asked import known_by
from counting.errors import CountingInputError
from counting.models import CountingRule
from counting.output import instant_as_text, rule_as_json
from counting.replay import TRAINED_OFFICIALS, qualifying
from courses.choices import RunState
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from enrollment.querysets import CompletionQuerySet, EnrollmentQuerySet
from people.models import Merge, Trainee
from people.querysets import rows_of


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that is missing, and the completion concerned, if any."""

    code: str
    message: str
    completion: Completion | None = None


@dataclass(frozen=True)
class Explanation:
    """Whether, since when and by which completion a person counts, or why not.

    ``trainee`` is the row asked for, ``person`` the surviving row after merges (often the same).
    ``reasons`` is empty where the person counts.
    """

    trainee: Trainee
    person: Trainee
    as_of: dt.date
    known_as_of: dt.datetime
    rule: CountingRule | None
    first: Completion | None
    reasons: tuple[Reason, ...]

    @property
    def counted(self) -> bool:
        return self.first is not None

    @property
    def since(self) -> dt.date | None:
        return self.first.completed_on if self.first else None

    def as_json(self) -> dict[str, Any]:
        merged = self.person.pk != self.trainee.pk
        return {
            "code": self.trainee.code,
            "merged_into": self.person.code if merged else None,
            "counted": self.counted,
            "as_of": self.as_of.isoformat(),
            "known_as_of": instant_as_text(self.known_as_of),
            "rule": rule_as_json(self.rule),
            "since": self.since and self.since.isoformat(),
            "completion": completion_as_json(self.first) if self.first else None,
            "credited_to": _agency_as_json(self.first) if self.first else None,
            "reasons": [_reason_as_json(reason) for reason in self.reasons],
        }


def explain(
    code: str,
    *,
    as_of: dt.date | None = None,
    known_as_of: dt.datetime | dt.date | None = None,
    rule: CountingRule | None = None,
    indicator: str = TRAINED_OFFICIALS,
) -> Explanation:
    """Why the person with a trainee code counts, or what is missing.

    Agrees with ``counted`` for the same day, instant and rule; all rows merged into the person are
    read together. Raises CountingError ``unknown_trainee``.
    """
    trainee = Trainee.objects.filter(code=code.strip().upper()).first()
    if trainee is None:
        message = _("No trainee has the code %(code)s.") % {"code": code}
        raise CountingInputError("unknown_trainee", message)
    known = known_by(known_as_of)
    as_of = as_of or clock.today()
    rule = rule or CountingRule.objects.in_force(indicator, known)
    rows = rows_of(trainee.pk, Merge.objects.believed(known).survivor_by_absorbed())
    completions = Completion.objects.filter(trainee__in=rows)
    believed = completions.believed(known).filter(completed_on__lte=as_of)
    first = with_relations(qualifying(believed, rule).earliest_first()).first()
    reasons = () if first else _reasons(completions, rows, rule, as_of, known)
    person = trainee if rows[0] == trainee.pk else Trainee.objects.get(pk=rows[0])
    return Explanation(trainee, person, as_of, known, rule, first, reasons)


def with_relations(completions: CompletionQuerySet) -> CompletionQuerySet:
    return completions.select_related("run__course", "sending_agency", "trainee")


# What is missing ------------------------------------------------------------------------


def _reasons(
    completions: CompletionQuerySet,
    rows: list[int],
    rule: CountingRule | None,
    as_of: dt.date,
    known_as_of: dt.datetime,
) -> tuple[Reason, ...]:
    found = list(with_relations(completions.earliest_first())) if rule else []
    return tuple(missing(found, on_the_way(rows), rule, as_of=as_of, known_as_of=known_as_of))


def on_the_way(rows: Collection[int]) -> EnrollmentQuerySet:
    """Enrollments of some people that have not led to a completion (yet), as they are now."""
    enrollments = Enrollment.objects.live().filter(trainee__in=in_list(rows))
    return enrollments.select_related("run").order_by("run__starts_on", "id")


def missing(
    completions: Collection[Completion],
    enrollments: Iterable[Enrollment],
    rule: CountingRule | None,
    *,
    as_of: dt.date,
    known_as_of: dt.datetime,
) -> Iterator[Reason]:
    """Why a person with these completions (``with_relations``) and enrollments is not counted."""
    if rule is None:
        yield Reason(
            "no_rule", _("No counting rule had been adopted by then, so no one is counted.")
        )
        return
    if not completions:
        yield Reason("no_completion", _("No completion is recorded for this person."))
    for completion in completions:
        yield from refusals(completion, rule, as_of=as_of, known_as_of=known_as_of)
    for enrollment in enrollments:
        what = {"run": enrollment.run.code}
        if enrollment.state == EnrollmentState.NOT_COMPLETED:
            message = _("The completion rule of class %(run)s was not met.")
            yield Reason("not_completed", message % what)
        elif enrollment.run.state != RunState.CLOSED:
            yield Reason("run_not_closed", _("Class %(run)s is not closed yet.") % what)


def refusals(
    completion: Completion, rule: CountingRule, *, as_of: dt.date, known_as_of: dt.datetime
) -> list[Reason]:
    """Every reason for which a completion does not count; none if it does.

    The rule of ``qualifying`` in words. Queries once per rule, not per completion, if the
    completions come ``with_relations``.
    """
    prefetch_related_objects([rule], "courses__course", "agencies_left_out")
    found = [*_not_then(completion, as_of, known_as_of), *_not_by_rule(completion, rule)]
    return [Reason(code, message, completion) for code, message in found]


def _not_then(
    completion: Completion, as_of: dt.date, known_as_of: dt.datetime
) -> Iterator[tuple[str, str]]:
    what = {
        "run": completion.run.code,
        "day": format_date(completion.completed_on),
        "reason": completion.void_reason,
    }
    if completion.voided_at and completion.voided_at <= known_as_of:
        yield "voided", _("The completion of class %(run)s was voided: %(reason)s") % what
    if completion.recorded_at > known_as_of:
        yield "recorded_later", _("The completion of class %(run)s was recorded later.") % what
    if completion.completed_on > as_of:
        yield "after_as_of", _("Class %(run)s was completed later, on %(day)s.") % what


def _not_by_rule(completion: Completion, rule: CountingRule) -> Iterator[tuple[str, str]]:
    what = {
        "course": completion.course_code,
        "agency": completion.sending_agency.name,
        "kind": completion.get_agency_kind_display(),
        "evidence": completion.get_evidence_display(),
        "periods": completion.periods,
        "minimum": rule.minimum_periods,
        "day": format_date(completion.completed_on),
    }
    yield from _course_refused(completion, rule, what)
    if completion.sector not in (rule.sectors or Sector.values):
        yield "sector", _("The sector of %(agency)s is not counted under the rule.") % what
    if rule.kinds and completion.agency_kind not in rule.kinds:
        yield "kind", _("Agencies of the kind “%(kind)s” are not counted under the rule.") % what
    if completion.evidence not in rule.accepted_evidence:
        yield "evidence", _("The evidence “%(evidence)s” is not accepted under the rule.") % what
    if completion.periods < rule.minimum_periods:
        message = _("Course %(course)s has %(periods)s periods; the rule requires %(minimum)s.")
        yield "periods", message % what
    if completion.sending_agency in rule.agencies_left_out.all():
        yield "agency_left_out", _("The rule excludes %(agency)s.") % what


def _course_refused(
    completion: Completion, rule: CountingRule, what: dict[str, object]
) -> Iterator[tuple[str, str]]:
    terms = {term.course.code: term for term in rule.courses.all()}
    if (term := terms.get(completion.course_code)) is None:
        yield "course", _("Course %(course)s is not counted under the rule.") % what
        return
    earliest, latest = term.counts_from or dt.date.min, term.counts_to or dt.date.max
    if not earliest <= completion.completed_on <= latest:
        message = _("Course %(course)s is not counted under the rule on %(day)s.")
        yield "course_dates", message % what


# For machines ---------------------------------------------------------------------------


def completion_as_json(completion: Completion) -> dict[str, Any]:
    return {
        "course": completion.course_code,
        "title": completion.run.course.title,
        "run": completion.run.code,
        "trainee": completion.trainee.code,
        "completed_on": completion.completed_on.isoformat(),
        "recorded_at": instant_as_text(completion.recorded_at),
        "periods": completion.periods,
        "evidence": completion.evidence,
        "rule_met": completion.rule_met,
    } | (_elsewhere_as_json(completion) if completion.run.is_outside else {})


def _elsewhere_as_json(completion: Completion) -> dict[str, Any]:
    return {
        "platform": completion.run.platform,
        "outside_title": completion.run.outside_title,
        "hours": None if completion.hours is None else str(completion.hours),
    }


def _agency_as_json(completion: Completion) -> dict[str, str]:
    return {
        "slug": completion.sending_agency.slug,
        "label": completion.sending_agency.name,
        "sector": completion.sector,
        "kind": completion.agency_kind,
    }


def _reason_as_json(reason: Reason) -> dict[str, Any]:
    completion = reason.completion
    return {
        "code": reason.code,
        "message": reason.message,
        "run": completion.run.code if completion else None,
        "completed_on": completion.completed_on.isoformat() if completion else None,
    }
