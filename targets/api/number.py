from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import (
    GenericAPIView,
    IdempotencyMixin,
    ListAPIView,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import OVERSEERS, Role
from accounts.models import User
from common.access import SIGNED_IN
from common.api.serializers import EmptySerializer
from counting.api import AsOfView
from counting.counter import counted
from counting.replay import GroupBy
from jobs.serializers import JobSerializer
from jobs.stored_results import PART, facts, stored_result
from targets.job_types import RECONCILE
from targets.models import PeriodReport
from targets.progress import as_json
from targets.progress.adjustments import adjustments, in_readers_language
from targets.progress.forecast_output import forecast_as_json, next_forecast
from targets.progress.quality import quality
from targets.progress.stored_reconciliation import stored_reconciliation, visible_codes
from targets.serializers import (
    AdjustmentsSerializer,
    ForecastSerializer,
    ProgressQuery,
    ProgressSerializer,
    QualitySerializer,
    ReconciliationSerializer,
    ReportSerializer,
    SignOffSerializer,
)
from targets.services.nightly_reconciliation import start_reconciliation
from targets.services.sign_off_job import request_sign_off


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
        description="Each step's difference, with reasons and trainee codes, as last computed.",
    ),
    post=extend_schema(
        summary="Compute it anew",
        description="Answers with the job that does it, or the one under way.",
        request=EmptySerializer,
    ),
)
class Reconcile(IdempotencyMixin):
    serializer_class = ReconciliationSerializer
    input_serializer_class = EmptySerializer
    success_status, success_serializer_class = 202, JobSerializer
    permission_classes = (permit(get=OVERSEERS, post=Role.PROGRAMME_OFFICE),)

    def get(self, request: Request) -> Response:
        found = stored_reconciliation()
        state = facts(stored_result(RECONCILE.kind))
        job = state["job"] and JobSerializer(state["job"]).data
        body = {"is_stale": state["is_stale"], "job": job} | NOTHING_STORED
        if found:
            body |= found.as_json(most=PART)
        return Response(_visible_people(self.user, body))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.get_input()
        job = start_reconciliation(by=self.actor, owner=self.user)
        return Response(JobSerializer(job).data, status=self.success_status)


# Never computed: nothing is known, neither good nor bad.
NOTHING_STORED: dict[str, Any] = {
    "known_as_of": None, "rule": None, "steps": [], "outside_class_days": [],
    "unexplained": [], "ok": None,
}  # fmt: skip


def _visible_people(user: User, body: dict[str, Any]) -> dict[str, Any]:
    """Without people whom the reader may not see now."""
    reasons = [reason for step in body["steps"] for reason in step["reasons"]]
    named = [*(reason["people"] for reason in reasons), body["outside_class_days"]]
    codes = {one["code"] for people in named for one in people}
    seen = visible_codes(user, codes)
    for people in named:
        people[:] = [one for one in people if one["code"] in seen]
    return body


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


@extend_schema_view(
    get=extend_schema(summary="Period reports as they were signed, every version"),
    post=extend_schema(
        summary="Sign off a period",
        description="Answers with the job that does it; the report is at the job's page.",
        request=SignOffSerializer,
    ),
)
class ReportList(IdempotencyMixin, _Reports, ListAPIView):
    ordering_fields = {"ends_on": "ends_on", "signed_at": "signed_at"}
    ordering = "ends_on"
    input_serializer_class = SignOffSerializer
    success_status, success_serializer_class = 202, JobSerializer
    permission_classes = (permit(get=OVERSEERS, post=Role.PROGRAMME_OFFICE),)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        body = SignOffSerializer(self.get_input().validated_data).data
        acknowledged = body.pop("acknowledged")
        payload: Any = body
        job = request_sign_off(owner=self.user, payload=payload, acknowledged=acknowledged)
        return Response(JobSerializer(job).data, status=self.success_status)


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
