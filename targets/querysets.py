import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, F, Prefetch, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from agencies.models import Agency
from common import clock
from common.access import restricted
from targets.choices import TaskState

if TYPE_CHECKING:
    from counting.models import Indicator
    from targets.models import (
        AgencyTask,
        CooperatingUnit,
        IndicatorValue,
        PeriodReport,
        Quota,
        ReportingDuty,
        Target,
        TaskReport,
    )


class _VersionedQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Neither replaced nor withdrawn."""
        return self.filter(believed_until=None)

    def believed(self, known_as_of: dt.datetime) -> Self:
        """The rows as they were at an instant."""
        return self.filter(
            Q(believed_from=None) | Q(believed_from__lte=known_as_of),
            Q(believed_until=None) | Q(believed_until__gt=known_as_of),
        )


class TargetQuerySet(_VersionedQuerySet, models.QuerySet["Target"]):
    def of(self, indicator: str) -> Self:
        return self.filter(indicator__slug=indicator).order_by("due_on")


class PeriodReportQuerySet(models.QuerySet["PeriodReport"]):
    def visible_to(self, user: Any) -> Self:
        """Signed reports hold names, so only those who read everything see them."""
        return self if user.is_authenticated and user.reads_everything else self.none()

    def by_code(self, code: str) -> Self:
        """The report with a code such as ``2024-12-31-v1``; none for any other text."""
        day, _between, version = code.rpartition("-v")
        try:
            return self.filter(ends_on=dt.date.fromisoformat(day), version=int(version))
        except ValueError:
            return self.none()

    def not_reopened(self) -> Self:
        return self.filter(reopened_at=None)

    def overlapping(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        return self.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)

    def without_names(self) -> Self:
        """For lists: the frozen content is large and costly to decrypt."""
        return self.defer("names_in_one", "content")


class _AgencyRowQuerySet(_VersionedQuerySet):
    @restricted
    def visible_to(self, user: Any) -> Self:
        if not user.has_role("coordinator"):
            return self.none()
        return self.filter(agency__in=Agency.objects.visible_to_coordinator(user))


class QuotaQuerySet(_AgencyRowQuerySet, models.QuerySet["Quota"]):
    def by_agency(self) -> Self:
        return self.select_related("target", "agency").order_by("agency__sort_key", "pk")

    def first_of_each_target(self, most: int) -> Self:
        position = Window(RowNumber(), partition_by="target", order_by=("agency__sort_key", "pk"))
        return self.by_agency().annotate(position=position).filter(position__lte=most)

    def sums_by_target(self) -> dict[int, tuple[int, int]]:
        """Target id → number of quotas, and the sum of their minimums."""
        sums = self.order_by().values_list("target").annotate(Count("pk"), Sum("minimum"))
        return {target: (number, minimum) for target, number, minimum in sums}


class AgencyTaskQuerySet(_VersionedQuerySet, models.QuerySet["AgencyTask"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """Also those in which an agency of the user cooperates."""
        if not user.has_role("coordinator"):
            return self.none()
        agencies = Agency.objects.visible_to_coordinator(user)
        units = apps.get_model("targets", "CooperatingUnit")._default_manager
        asked = units.current().filter(agency__in=agencies).values("task")
        return self.filter(Q(agency__in=agencies) | Q(pk__in=asked) | Q(replaced_by__in=asked))

    def open(self) -> Self:
        return self.current().filter(done_on=None)

    def manageable_by(self, user: Any) -> Self:
        return self.filter(agency__in=Agency.objects.manageable_by(user))

    def with_state(self, as_of: dt.date) -> Self:
        """``state`` of each on a day. Without a start, a task begins when it is entered."""
        is_done = Q(done_on__lte=as_of)
        begins_later = Q(starts_on__gt=as_of) | Q(
            starts_on=None, recorded_at__gt=clock.end_of_day(as_of)
        )
        state = Case(
            When(is_done & Q(done_on__gt=F("due_on")), then=Value(TaskState.DONE_LATE)),
            When(is_done, then=Value(TaskState.DONE)),
            When(due_on__lt=as_of, then=Value(TaskState.OVERDUE)),
            When(begins_later, then=Value(TaskState.PLANNED)),
            default=Value(TaskState.OPEN),
        )
        return self.annotate(state=state)

    def of_period(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        """Those that had begun by the end of a period and were not done before it."""
        begun = self.with_state(ends_on).exclude(Q(state=TaskState.PLANNED))
        return begun.exclude(done_on__lt=starts_on).order_by("due_on", "pk")

    def with_progress_to_review(self) -> Self:
        reports = apps.get_model("targets", "TaskReport")._default_manager
        waiting = reports.waiting().values("task")
        return self.filter(Q(pk__in=waiting) | Q(replaced_by__in=waiting))

    def with_units(self) -> Self:
        units = apps.get_model("targets", "CooperatingUnit")._default_manager
        rows = units.current().select_related("agency")
        return self.select_related("agency").prefetch_related(Prefetch("units", rows))


class CooperatingUnitQuerySet(_VersionedQuerySet, models.QuerySet["CooperatingUnit"]):
    def unanswered(self) -> Self:
        return self.current().filter(answer="", task__believed_until=None, task__done_on=None)

    def answerable_by(self, user: Any) -> Self:
        """Those of agencies that a user acts for; units outside the list answer to the office."""
        answerable = Q(agency__in=Agency.objects.manageable_by(user))
        if user.has_role("programme_office"):
            answerable |= Q(agency=None)
        return self.filter(answerable)


class TaskReportQuerySet(models.QuerySet["TaskReport"]):
    def visible_to(self, user: Any) -> Self:
        tasks = apps.get_model("targets", "AgencyTask")._default_manager
        return self.filter(task__in=tasks.visible_to(user))

    def waiting(self) -> Self:
        """For the programme office to accept or return."""
        return self.filter(state="submitted", task__believed_until=None)

    def undecided_at(self, instant: dt.datetime) -> Self:
        undecided = Q(decided_at=None) | Q(decided_at__gt=instant)
        return self.filter(undecided, submitted_at__lte=instant)

    def accepted_by(self, known_as_of: dt.datetime) -> Self:
        return self.filter(state="accepted", decided_at__lte=known_as_of)


class IndicatorValueQuerySet(_AgencyRowQuerySet, models.QuerySet["IndicatorValue"]):
    def with_replacements(self) -> Self:
        """With the agency, and the value that was accepted in place of each."""
        return self.select_related("agency", "replaced_by__agency")

    def waiting(self) -> Self:
        return self.filter(state="submitted")

    def accepted_by(self, known_as_of: dt.datetime) -> Self:
        """Accepted by an instant and not withdrawn by then."""
        return self.filter(
            Q(withdrawn_at=None) | Q(withdrawn_at__gt=known_as_of),
            state="accepted",
            decided_at__lte=known_as_of,
        )

    def submitted_by(self, known_as_of: dt.datetime) -> Self:
        return self.filter(submitted_at__lte=known_as_of)

    def waiting_at(self, known_as_of: dt.datetime) -> Self:
        """Reported and not decided on by an instant."""
        undecided = Q(decided_at=None) | Q(decided_at__gt=known_as_of)
        return self.submitted_by(known_as_of).filter(undecided)


class ReportingDutyQuerySet(models.QuerySet["ReportingDuty"]):
    def in_force(
        self, indicator: "Indicator", as_of: dt.date, known_as_of: dt.datetime
    ) -> "ReportingDuty | None":
        """The latest that applies on a day, as believed at an instant; None before the first."""
        believed = self.filter(indicator=indicator, recorded_at__lte=known_as_of)
        return believed.filter(since__lte=as_of).order_by("since", "recorded_at", "pk").last()
