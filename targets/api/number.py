"""The number, from the one place that counts, and the figures that were signed."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.api import Endpoint, read
from accounts.choices import Role
from common import api
from common.access import SIGNED_IN
from counting.counter import asked_day, counted
from counting.explanation import explain
from counting.replay import GroupBy
from people.models import Trainee
from targets.api.parameters import SPOKEN_OF
from targets.models import PeriodReport
from targets.progress import as_json, reconcile
from targets.progress.adjustments import adjustments
from targets.serializers import (
    AdjustmentsSerializer,
    ExplainQuery,
    ExplanationSerializer,
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
            *SPOKEN_OF,
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
        parameters=SPOKEN_OF,
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


class ReportAdjustments(Endpoint):
    name, tag = "adjustments", "reports"

    @read(Role.PROGRAMME_OFFICE, Role.AUDITOR, gives=AdjustmentsSerializer)
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """What has changed since a report was signed, person by person, by trainee code."""
        reports = PeriodReport.objects.visible_to(self.user).by_code(api.key(code))
        report = get_object_or_404(reports.select_related("rule", "indicator"))
        found = adjustments(report)
        return {
            "report": report.code,
            "rule": report.rule.version,
            "signed": {"persons": report.persons, "completions": report.completions},
            "now": {"persons": found.now.persons, "completions": found.now.completions},
            "persons": found.persons,
            "completions": found.completions,
            "adjustments": [
                {
                    "kind": one.kind,
                    "persons": one.persons,
                    "trainee": one.code,
                    "detail": one.detail,
                }
                for one in found.people
            ],
        }
