from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from accounts.api.permissions import permit
from accounts.choices import OVERSEERS
from common.access import SIGNED_IN
from counting.api import AsOfView
from counting.counter import counted
from counting.replay import GroupBy
from targets.models import PeriodReport
from targets.progress import as_json, reconcile
from targets.progress.adjustments import adjustments, in_readers_language
from targets.progress.forecast_output import forecast_as_json, next_forecast
from targets.progress.quality import quality
from targets.serializers import (
    AdjustmentsSerializer,
    ForecastSerializer,
    ProgressQuery,
    ProgressSerializer,
    QualitySerializer,
    ReconciliationSerializer,
    ReportSerializer,
)


@extend_schema_view(get=extend_schema(summary="How many people have been trained, as of any day"))
class Progress(AsOfView):
    serializer_class = ProgressSerializer
    query_serializer_class = ProgressQuery
    permission_classes = (permit(get=SIGNED_IN),)

    def get(self, request: Request) -> Response:
        query = self.get_query()
        by = GroupBy(query["by"]) if "by" in query else None
        today = query["as_it_is_today"]
        return Response(as_json(counted(**self.asked()), by=by, as_it_is_today=today))


@extend_schema_view(
    get=extend_schema(
        summary="How good the number is",
        description="What it rests on and how far it could be wrong, as on the page.",
    )
)
class NumberQuality(AsOfView):
    serializer_class = QualitySerializer
    permission_classes = (permit(get=OVERSEERS),)

    def get(self, request: Request) -> Response:
        return Response(quality(counted(**self.asked())).as_json())


@extend_schema_view(
    get=extend_schema(
        summary="From enrolled to counted",
        description="Each step's difference, with reasons and trainee codes.",
    )
)
class Reconcile(GenericAPIView):
    serializer_class = ReconciliationSerializer
    permission_classes = (permit(get=OVERSEERS),)

    def get(self, request: Request) -> Response:
        return Response(reconcile().as_json())


@extend_schema_view(
    get=extend_schema(
        summary="When the next target will be reached",
        description="With the range, and how often it held the truth of past quarters.",
    )
)
class ForecastDetail(AsOfView):
    serializer_class = ForecastSerializer
    permission_classes = (permit(get=OVERSEERS),)

    def get(self, request: Request) -> Response:
        return Response(forecast_as_json(next_forecast(**self.asked())))


class _Reports(GenericAPIView):
    """Signed figures; their names are in the annex and the evidence pack alone."""

    queryset = PeriodReport.objects.all()
    serializer_class: type[BaseSerializer[Any]] = ReportSerializer
    permission_classes = (permit(get=OVERSEERS),)

    def get_row_queryset(self) -> QuerySet[PeriodReport]:
        return PeriodReport.objects.visible_to(self.user).by_code(self.kwargs["code"])


@extend_schema_view(get=extend_schema(summary="Period reports as they were signed, every version"))
class ReportList(_Reports, ListAPIView):
    ordering_fields = {"ends_on": "ends_on", "signed_at": "signed_at"}
    ordering = "ends_on"


@extend_schema_view(
    get=extend_schema(summary="One version of a period report, by its code: 2024-12-31-v1")
)
class ReportDetail(_Reports, RetrieveAPIView):
    pass


@extend_schema_view(
    get=extend_schema(
        summary="What has changed since a report was signed",
        description="Person by person, by trainee code.",
    )
)
class ReportAdjustments(_Reports):
    serializer_class = AdjustmentsSerializer

    def get(self, request: Request, code: str) -> Response:
        report = get_object_or_404(self.get_row_queryset().select_related("rule", "indicator"))
        found = in_readers_language(adjustments(report))
        body: dict[str, Any] = {
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
                    "before": one.before and asdict(one.before),
                    "after": one.after and asdict(one.after),
                }
                for one in found.people
            ],
            "completion_changes": [
                {
                    "kind": one.kind,
                    "completions": one.completions,
                    "trainee": one.code,
                    "detail": one.detail,
                    "credit": asdict(one.credit),
                }
                for one in found.changes
            ],
        }
        return Response(body)
