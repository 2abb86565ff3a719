"""Contradictions among records, which no reason of the reconciliation explains."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.db.models import Count as CountOf
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import override

from audit.models import AuditEntry
from common.dates import format_date
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from counting.cache_check import EVER, difference_from
from counting.cached_count import CachedCount
from counting.counter import counted
from counting.replay import TRAINED_OFFICIALS, Count
from courses.models import Course, CourseRun
from enrollment.choices import HOLDING_A_SEAT, EnrollmentState, Evidence
from enrollment.models import Completion, Enrollment
from targets.models import PeriodReport
from targets.progress.signed_list import hash_of_list


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    sentence: DeferredMessage

    @property
    def message(self) -> str:
        return str(self.sentence)

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


def findings(advance: Callable[[], object] = lambda: None) -> Iterator[Finding]:
    """``advance`` is called before each kind of contradiction is looked for."""
    for find in (
        _completions_of_open_enrollments,
        _completed_without_completion,
        _attendance_without_marks,
        _unknown_courses,
        _seats,
        _cached_totals,
        _signed_reports,
    ):
        advance()
        yield from find()


def _completions_of_open_enrollments() -> Iterator[Finding]:
    wrong = Completion.objects.not_voided().filter(enrollment__isnull=False)
    wrong = wrong.exclude(enrollment__state=EnrollmentState.COMPLETED)
    for completion in wrong.select_related("trainee", "run", "enrollment"):
        assert completion.enrollment is not None
        message = _(
            "%(person)s completed class %(run)s, but the state of the enrollment is: %(state)s."
        )
        what = _who(completion) | {"state": _state(completion.enrollment)}
        yield Finding("enrollment_not_completed", message % what)


def _completed_without_completion() -> Iterator[Finding]:
    # Not ``NOT IN``: PostgreSQL reads the whole list again for each of many enrollments.
    valid = Completion.objects.not_voided().filter(enrollment=OuterRef("pk"))
    enrollments = Enrollment.objects.filter(~Exists(valid), state=EnrollmentState.COMPLETED)
    for enrollment in enrollments.select_related("trainee", "run"):
        message = _(
            "The enrollment of %(person)s in class %(run)s is completed, but "
            "there is no completion."
        )
        yield Finding("completion_missing", message % _who(enrollment))


def _attendance_without_marks() -> Iterator[Finding]:
    claimed = Completion.objects.not_voided().filter(
        enrollment__isnull=False, enrollment__attendances=None, attendance_percent__gt=0
    )
    claimed = claimed.filter(run__sessions__isnull=False).exclude(evidence=Evidence.PAPER)
    for completion in claimed.distinct().select_related("trainee", "run"):
        message = _(
            "%(person)s completed class %(run)s with %(percent)s%% attendance, but no "
            "attendance is recorded."
        )
        what = _who(completion) | {"percent": completion.attendance_percent or 0}
        yield Finding("marks_missing", message % what)


def _unknown_courses() -> Iterator[Finding]:
    """A course's code was changed, so its completions would silently stop counting."""
    unknown = Completion.objects.not_voided().exclude(course_code__in=Course.objects.values("code"))
    for code in unknown.order_by("course_code").values_list("course_code", flat=True).distinct():
        message = _("There are completions of course %(course)s, which is not in the catalogue.")
        yield Finding("course_unknown", message % {"course": code})


def _seats() -> Iterator[Finding]:
    holders = CountOf("enrollments", filter=Q(enrollments__state__in=HOLDING_A_SEAT))
    runs = CourseRun.objects.annotate(holders=holders).exclude(seats_taken=F("holders"))
    for code, taken, holding in runs.values_list("code", "seats_taken", "holders"):
        message = _(
            "Class %(run)s: seats stored as taken: %(stored)s; people with a seat: %(holders)s."
        )
        what: dict[str, Any] = {"run": code, "stored": taken, "holders": holding}
        yield Finding("seats", message % what)


def _cached_totals() -> Iterator[Finding]:
    cached = counted(EVER)
    if not isinstance(cached, CachedCount):
        return
    differing = difference_from(Count(TRAINED_OFFICIALS, EVER, cached.known_as_of, cached.rule))
    # Totals that somebody changed while they were compared prove nothing.
    if differing and cached.is_current():
        message = _(
            "The cached figures differ from a new count in %(completions)s completions "
            "and %(parts)s totals; rebuild them with “manage.py reconcile --rebuild”."
        )
        what = {"completions": differing.completions, "parts": differing.parts}
        yield Finding("cached_totals", message % what)


def _signed_reports() -> Iterator[Finding]:
    """A replay must give the signed names again, and the list its signed hash."""
    entries = AuditEntry.objects.filter(action="period_signed").values_list("details", flat=True)
    on_the_chain = {details["report"]: details["names_sha256"] for details in entries}
    for report in PeriodReport.objects.select_related("rule", "indicator"):
        yield from _counted_again(report)
        signed = {report.names_sha256, on_the_chain.get(report.code)}
        if signed != {hash_of_list(report.people())}:
            message = _("The list of the report up to %(day)s does not match its signed hash.")
            yield Finding("list_altered", message % {"day": format_date(report.ends_on)})


def _counted_again(report: PeriodReport) -> Iterator[Finding]:
    """Replay a report by its own rule, day and instant: same number, people and completions."""
    again = counted(
        report.ends_on,
        known_as_of=report.known_as_of,
        rule=report.rule,
        indicator=report.indicator.slug,
    )
    people, completions = _differing(report, again)
    if people or completions or again.persons != report.persons:
        message = _(
            "The report up to %(day)s shows %(signed)s people; counted again: %(again)s. "
            "People who differ: %(people)s; completions: %(completions)s."
        )
        what: dict[str, Any] = {
            "day": format_date(report.ends_on),
            "signed": report.persons,
            "again": again.persons,
            "people": people,
            "completions": completions,
        }
        yield Finding("report_differs", message % what)


def _differing(report: PeriodReport, again: Count) -> tuple[int, int]:
    """How many people and completions only one of the two has, or has otherwise."""
    differing = _in_one_only(_signed(report), _counting(again))
    people = {person for _completion, person, is_first in differing if is_first}
    pairs = Counter(one[:2] for one in differing)
    return len(people), len({pair[0] for pair, number in pairs.items() if number == 1})


_Counting = tuple[int, int | None, bool]  # completion, person, whether the person counts by it


def _signed(report: PeriodReport) -> Iterator[_Counting]:
    persons, firsts = array("q"), array("q")  # in the order of the list: by number
    for row in report.people():
        persons.append(row["person"])
        firsts.append(row["completion"])
    for row in report.counted_completions():
        place = row["person"] - 1
        if 0 <= place < len(persons):
            yield row["id"], persons[place], firsts[place] == row["id"]
        else:
            yield row["id"], None, False


def _counting(count: Count) -> Iterator[_Counting]:
    return ((one.id, one.person_id, is_first) for one, is_first in count.with_firsts())


def _in_one_only(*both: Iterable[_Counting]) -> set[_Counting]:
    """What only one of two long lists has; of equal ones in equal order nothing is kept."""
    differing: set[Any] = set()
    for one, other in zip_longest(*both):
        if one != other:
            differing ^= {one}
            differing ^= {other}
    return differing - {None}


def _state(enrollment: Enrollment) -> DeferredMessage:
    with override(None):  # its msgid
        return DeferredMessage(enrollment.get_state_display())


def _who(row: Completion | Enrollment) -> dict[str, Any]:
    return {"person": row.trainee.code, "run": row.run.code}
