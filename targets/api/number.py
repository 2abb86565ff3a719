"""The number, from the one place that counts, and what was promised. Totals, never a person."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django_filters import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Endpoint, read
from accounts.choices import Role
from common import api
from common.access import SIGNED_IN
from people.models import Trainee
from targets.models import Indicator, PeriodReport, Target
from targets.progress import GroupBy, as_json, asked_day, counted, explain, reconcile
from targets.serializers import (
    ExplainQuery,
    ExplanationSerializer,
    IndicatorSerializer,
    ProgressQuery,
    ProgressSerializer,
    ReconciliationSerializer,
    ReportSerializer,
)

_GROUPS = [str(by) for by in GroupBy]


class Progress(Endpoint):
    name = tag = "progress"

    @read(
        SIGNED_IN,
        gives=ProgressSerializer,
        parameters=(
            OpenApiParameter("as_of", OpenApiTypes.DATE, description="The day it speaks of."),
            OpenApiParameter(
                "known_as_of", OpenApiTypes.DATE, description="Believe records to it."
            ),
            OpenApiParameter("by", enum=_GROUPS, description="Split the number into groups."),
            OpenApiParameter("as_it_is_today", OpenApiTypes.BOOL, description="Roll agencies up."),
        ),
    )
    def get(self, request: Request) -> dict[str, Any]:
        """How many people have been trained, as of any day."""
        query = ProgressQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        count = counted(asked_day(asked.get("as_of")), known_as_of=asked.get("known_as_of"))
        by = GroupBy(asked["by"]) if "by" in asked else None
        return as_json(count, by=by, as_it_is_today=asked["as_it_is_today"])


class Explain(Endpoint):
    name = tag = "explain"

    @read(
        SIGNED_IN,
        gives=ExplanationSerializer,
        parameters=(
            OpenApiParameter("as_of", OpenApiTypes.DATE, description="The day it speaks of."),
            OpenApiParameter(
                "known_as_of", OpenApiTypes.DATE, description="Believe records to it."
            ),
        ),
    )
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """Why a person counts, since when and by what, or what is missing."""
        query = ExplainQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        seen = Trainee.objects.visible_to(self.user).filter(code=api.key(code))
        found = explain(
            get_object_or_404(seen).code,
            as_of=asked_day(asked.get("as_of")),
            known_as_of=asked.get("known_as_of"),
        )
        return found.as_json()


class Reconcile(Endpoint):
    name = tag = "reconcile"

    @read(Role.PROGRAMME_OFFICE, Role.AUDITOR, gives=ReconciliationSerializer)
    def get(self, request: Request) -> dict[str, Any]:
        """From enrolled to counted: each step's difference, with reasons and trainee codes."""
        return reconcile().as_json()


class _Indicators(Endpoint):
    tag = "indicators"
    columns = ("pk", "slug", "unit", "title_vi", "title_en")

    def listed(self, request: Request, rows: QuerySet[Any]) -> Response:
        self._targets: dict[int, list[dict[str, Any]]] = {}
        for target in Target.objects.standing().order_by("due_on").values():
            self._targets.setdefault(target["indicator_id"], []).append(_promise(target))
        return super().listed(request, rows)

    def body_of(self, rows: QuerySet[Any]) -> dict[str, Any]:
        targets = Target.objects.standing().filter(indicator__in=rows).order_by("due_on").values()
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
    return {"due_on": api.day(target["due_on"]), "minimum": target["minimum"]}


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


class _Reports(Endpoint):
    """Signed figures; their names are in the annex and the evidence pack alone."""

    tag = "reports"
    columns = (
        "pk",
        "indicator__slug",
        "starts_on",
        "ends_on",
        "version",
        "number",
        "persons",
        "new_persons",
        "completions",
        "rule__version",
        "known_as_of",
        "names_sha256",
        "signed_at",
        "signed_by",
        "reopened_at",
        "reopen_reason",
    )

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        days = {name: api.day(row[name]) for name in ("starts_on", "ends_on")}
        instants = ("known_as_of", "signed_at", "reopened_at")
        return {
            "code": f"{row['ends_on']}-v{row['version']}",
            "indicator": row["indicator__slug"],
            **days,
            "version": row["version"],
            "number": row["number"],
            "persons": row["persons"],
            "new_persons": row["new_persons"],
            "completions": row["completions"],
            "rule": row["rule__version"],
            "names_sha256": row["names_sha256"],
            "signed_by": row["signed_by"],
            **{name: api.instant(row[name]) for name in instants},
            "reopen_reason": row["reopen_reason"],
        }


class ReportList(_Reports):
    name = "reports"
    filters = FilterSet
    orderings = {"ends_on": "ends_on", "signed_at": "signed_at"}
    ordering = "ends_on"

    @read(Role.PROGRAMME_OFFICE, Role.AUDITOR, gives=ReportSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[PeriodReport]:
        """Period reports as they were signed, every version."""
        return PeriodReport.objects.visible_to(self.user)


class ReportDetail(_Reports):
    name = "report"

    @read(Role.PROGRAMME_OFFICE, Role.AUDITOR, gives=ReportSerializer)
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """One version of a period report, by its code such as 2024-12-31-v1."""
        return self.body_of(PeriodReport.objects.visible_to(self.user).by_code(api.key(code)))


urlpatterns = [
    path("progress/", Progress.as_view(), name="progress"),
    path("explain/<str:code>/", Explain.as_view(), name="explain"),
    path("reconcile/", Reconcile.as_view(), name="reconcile"),
    path("indicators/", IndicatorList.as_view(), name="indicators"),
    path("indicators/<str:slug>/", IndicatorDetail.as_view(), name="indicator"),
    path("reports/", ReportList.as_view(), name="reports"),
    path("reports/<str:code>/", ReportDetail.as_view(), name="report"),
]
