from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import ListAPIView, RetrieveAPIView
from accounts.api.permissions import permit
from accounts.choices import OVERSEERS, PEOPLE_READERS
from common.access import SIGNED_IN
from counting.api import AsOfView
from counting.choices import Unit
from counting.counter import counted
from counting.models import Indicator
from targets.filters import QuotaFilter, ValueFilter
from targets.models import IndicatorValue, Quota
from targets.progress.measure_output import measure_as_json, silent_as_json
from targets.progress.percentages import measured
from targets.progress.quota_status import quota_statuses
from targets.progress.road_map_output import asked_road_map
from targets.serializers import (
    IndicatorSerializer,
    QuotaSerializer,
    RoadMapSerializer,
)
from targets.serializers.values import (
    IndicatorValueSerializer,
    MeasureSerializer,
    SilentSerializer,
)


@extend_schema_view(get=extend_schema(summary="Indicators with their targets"))
class IndicatorList(ListAPIView):
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    ordering_fields = {"slug": "slug"}
    ordering = "slug"


@extend_schema_view(get=extend_schema(summary="One indicator with its targets"))
class IndicatorDetail(RetrieveAPIView):
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"slug": "slug"}


@extend_schema_view(
    get=extend_schema(
        summary="A percentage as of any day",
        description="The indicator in people is at `progress/`.",
    )
)
class IndicatorMeasure(AsOfView):
    queryset = Indicator.objects.filter(unit=Unit.PERCENT)
    serializer_class: type[BaseSerializer[Any]] = MeasureSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"slug": "slug"}

    def get(self, request: Request, slug: str) -> Response:
        indicator = get_object_or_404(self.get_row_queryset())
        return Response(measure_as_json(measured(indicator, **self.asked())))


@extend_schema_view(
    get=extend_schema(
        summary="Which agencies have not reported a percentage",
        description="For the last period that is over.",
    )
)
class SilentAgencies(IndicatorMeasure):
    serializer_class = SilentSerializer
    permission_classes = (permit(get=OVERSEERS),)

    def get(self, request: Request, slug: str) -> Response:
        indicator = get_object_or_404(self.get_row_queryset())
        return Response(silent_as_json(measured(indicator, **self.asked())))


@extend_schema_view(
    get=extend_schema(
        summary="What agencies reported of the percentages",
        description="A coordinator sees those of the own agencies.",
    )
)
class ValueList(ListAPIView):
    queryset = IndicatorValue.objects.all()
    serializer_class = IndicatorValueSerializer
    permission_classes = (permit(get=PEOPLE_READERS),)
    filterset_class = ValueFilter
    ordering_fields = {"measured_on": "measured_on", "submitted_at": "submitted_at"}
    ordering = "-submitted_at"


@extend_schema_view(
    get=extend_schema(
        summary="How the quotas of agencies stand today",
        description="A coordinator sees those of the own agencies.",
    )
)
class QuotaList(ListAPIView):
    queryset = Quota.objects.current()
    serializer_class = QuotaSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = QuotaFilter
    ordering_fields = {"agency": "agency__sort_key"}
    ordering = "agency"

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        keys = [row["pk"] for row in super().paginate_queryset(queryset) or ()]
        quotas = Quota.objects.filter(pk__in=keys).select_related("target", "agency")
        found = {status.quota.pk: status for status in quota_statuses(quotas, counted())}
        return [found[key] for key in keys]


@extend_schema_view(
    get=extend_schema(
        summary="Plan against actual of each agency",
        description="For the target due next. A coordinator sees the own agencies.",
    )
)
class RoadMap(AsOfView):
    serializer_class = RoadMapSerializer
    permission_classes = (permit(get=SIGNED_IN),)

    def get(self, request: Request) -> Response:
        agencies = asked_road_map(**self.asked(), visible_to=self.user)
        return Response({"agencies": agencies})
