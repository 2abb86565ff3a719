"""What was promised and how it stands: indicators, percentages, quotas, tasks."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Endpoint, read
from accounts.choices import Role
from common import api
from common.access import SIGNED_IN
from counting.choices import Unit
from counting.counter import asked_day, counted
from counting.models import Indicator
from counting.output import instant_as_text
from targets.api.parameters import SPOKEN_OF
from targets.filters import QuotaFilter, TaskFilter, ValueFilter
from targets.models import AgencyTask, IndicatorValue, Quota, Target
from targets.progress.percentages import PercentMilestone, measured, percent_milestones
from targets.progress.quota_status import QuotaStatus, quota_statuses
from targets.serializers import (
    IndicatorSerializer,
    MeasureQuery,
    MeasureSerializer,
    QuotaSerializer,
    TaskSerializer,
    ValueSerializer,
)


class _Indicators(Endpoint):
    tag = "indicators"
    columns = ("pk", "slug", "unit", "title_vi", "title_en")

    def listed(self, request: Request, rows: QuerySet[Any]) -> Response:
        self._targets: dict[int, list[dict[str, Any]]] = {}
        for target in Target.objects.current().order_by("due_on").values():
            self._targets.setdefault(target["indicator_id"], []).append(_promise(target))
        return super().listed(request, rows)

    def body_of(self, rows: QuerySet[Any]) -> dict[str, Any]:
        targets = Target.objects.current().filter(indicator__in=rows).order_by("due_on").values()
        self._targets = {}
        for target in targets:
            self._targets.setdefault(target["indicator_id"], []).append(_promise(target))
        return super().body_of(rows)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "slug": row["slug"],
            "unit": row["unit"],
            "title_vi": row["title_vi"],
            "title_en": row["title_en"],
            "targets": self._targets.get(row["pk"], []),
        }


def _promise(target: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "due_on": api.day(target["due_on"]),
        "minimum": target["minimum"],
        "legal_basis": target["legal_basis"],
    }


class IndicatorList(_Indicators):
    name = "indicators"
    filters = FilterSet
    orderings = {"slug": "slug"}
    ordering = "slug"

    @read(SIGNED_IN, gives=IndicatorSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Indicator]:
        """What was promised: indicators with their targets."""
        return Indicator.objects.all()


class IndicatorDetail(_Indicators):
    name = "indicator"

    @read(SIGNED_IN, gives=IndicatorSerializer)
    def get(self, request: Request, slug: str) -> dict[str, Any]:
        """One indicator with its targets."""
        return self.body_of(Indicator.objects.filter(slug=api.key(slug)))


class IndicatorMeasure(Endpoint):
    name, tag = "measure", "indicators"

    @read(
        SIGNED_IN,
        gives=MeasureSerializer,
        parameters=SPOKEN_OF,
    )
    def get(self, request: Request, slug: str) -> dict[str, Any]:
        """A percentage as of any day; the indicator in people is at ``progress/``."""
        query = MeasureQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        indicator = get_object_or_404(Indicator, slug=api.key(slug), unit=Unit.PERCENT)
        day, known = asked_day(asked.get("as_of")), asked.get("known_as_of")
        found = measured(indicator, day, known_as_of=known)
        return {
            "indicator": indicator.slug,
            "as_of": api.day(found.as_of),
            "known_as_of": instant_as_text(found.known_as_of),
            "numerator": found.numerator,
            "denominator": found.denominator,
            "percent": found.percent,
            "agencies": len(found.values),
            "targets": [_percent_target(goal) for goal in percent_milestones(found)],
        }


def _percent_target(goal: PercentMilestone) -> dict[str, Any]:
    return {
        "due_on": api.day(goal.due_on),
        "minimum": goal.minimum,
        "legal_basis": goal.legal_basis,
        "percent": goal.percent,
        "met": goal.met,
    }


class ValueList(Endpoint):
    name = tag = "values"
    columns = (
        "indicator__slug", "agency__slug", "numerator", "denominator", "measured_on", "remark",
        "evidence_sha256", "state", "submitted_at", "decided_at", "decision_note",
    )  # fmt: skip
    filters = ValueFilter
    orderings = {"measured_on": "measured_on", "submitted_at": "submitted_at"}
    ordering = "-submitted_at"

    @read(
        Role.PROGRAMME_OFFICE, Role.AUDITOR, Role.COORDINATOR, gives=ValueSerializer, is_list=True
    )
    def get(self, request: Request) -> QuerySet[IndicatorValue]:
        """What agencies reported of the percentages; a coordinator sees those of the own."""
        return IndicatorValue.objects.visible_to(self.user)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "indicator": row["indicator__slug"],
            "agency": row["agency__slug"],
            "numerator": row["numerator"],
            "denominator": row["denominator"],
            "measured_on": api.day(row["measured_on"]),
            "remark": row["remark"],
            "evidence_sha256": row["evidence_sha256"],
            "state": row["state"],
            "submitted_at": api.instant(row["submitted_at"]),
            "decided_at": api.instant(row["decided_at"]),
            "decision_note": row["decision_note"],
        }


class QuotaList(Endpoint):
    name = tag = "quotas"
    columns = ("pk",)
    filters = QuotaFilter
    orderings = {"agency": "agency__sort_key"}
    ordering = "agency"

    @read(SIGNED_IN, gives=QuotaSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Quota]:
        """How the quotas of agencies stand today; a coordinator sees those of the own."""
        return Quota.objects.visible_to(self.user)

    def listed(self, request: Request, rows: QuerySet[Any]) -> Response:
        found = quota_statuses(rows.select_related("target", "agency"), counted())
        self._standings = {status.quota.pk: status for status in found}
        return super().listed(request, rows)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        status: QuotaStatus = self._standings[row["pk"]]
        quota = status.quota
        return {
            "target": api.day(quota.target.due_on),
            "agency": quota.agency.slug,
            "minimum": quota.minimum,
            "persons": status.persons,
            "due_on": api.day(status.due_on),
            "last_year": status.last_year,
            "expected": status.expected,
            "state": str(status.state),
            "lead_unit": quota.lead_unit,
            "cooperating_units": quota.cooperating_units,
        }


class TaskList(Endpoint):
    name = tag = "tasks"
    columns = (
        "indicator__slug", "agency__slug", "title", "due_on", "responsible_unit",
        "cooperating_units", "done_on",
    )  # fmt: skip
    filters = TaskFilter
    orderings = {"due_on": "due_on"}
    ordering = "due_on"

    @read(SIGNED_IN, gives=TaskSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[AgencyTask]:
        """What agencies have to do; a coordinator sees those of the own."""
        return AgencyTask.objects.visible_to(self.user)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "indicator": row["indicator__slug"],
            "agency": row["agency__slug"],
            "title": row["title"],
            "due_on": api.day(row["due_on"]),
            "responsible_unit": row["responsible_unit"],
            "cooperating_units": row["cooperating_units"],
            "done_on": api.day(row["done_on"]),
        }
