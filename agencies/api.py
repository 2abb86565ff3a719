"""Agencies: known to everybody who has signed in."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from accounts.api.generics import (
    ActionAPIView,
    ListCreateAPIView,
    RetrieveAPIView,
    RetrieveUpdateAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import Role
from agencies.filters import AgencyFilter, SuccessionFilter
from agencies.models import Agency, Succession
from agencies.serializers import AgencySerializer, NewSuccessionSerializer, SuccessionSerializer
from agencies.services import correct_agency, enter_agency, record_succession, void_succession
from common.access import SIGNED_IN
from common.api.serializers import ReasonSerializer


@extend_schema_view(
    get=extend_schema(summary="The agencies, past and present"),
    post=extend_schema(summary="Enter an agency"),
)
class AgencyList(ListCreateAPIView):
    queryset = Agency.objects.all()
    serializer_class = AgencySerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.PROGRAMME_OFFICE),)
    filterset_class = AgencyFilter
    ordering_fields = {"name": "sort_key", "slug": "slug"}
    ordering = "name"

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = enter_agency(by=self.actor, **serializer.validated_data)


@extend_schema_view(
    get=extend_schema(summary="One agency"),
    patch=extend_schema(
        summary="Correct what was written wrong of an agency",
        description="What is not sent stays. A new name from a day on is a succession.",
        examples=[OpenApiExample("A short name", value={"short_name": "BYT"}, request_only=True)],
    ),
)
class AgencyDetail(RetrieveUpdateAPIView):
    queryset = Agency.objects.all()
    serializer_class = AgencySerializer
    permission_classes = (permit(get=SIGNED_IN, patch=Role.PROGRAMME_OFFICE),)
    lookup_fields = {"slug": "slug"}

    def perform_update(self, serializer: Any) -> None:
        correct_agency(by=self.actor, agency=serializer.instance, **serializer.validated_data)


@extend_schema_view(
    get=extend_schema(
        summary="Mergers, renamings and splits",
        description="The latest first; voided ones stay on record.",
    ),
    post=extend_schema(
        summary="Record a merger, renaming or split",
        description="`on` is the first day of the successors.",
    ),
)
class SuccessionList(ListCreateAPIView):
    queryset = Succession.objects.all()
    serializer_class = SuccessionSerializer
    input_serializer_class = NewSuccessionSerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.PROGRAMME_OFFICE),)
    filterset_class = SuccessionFilter
    ordering_fields = {"on": "on", "recorded_at": "recorded_at"}
    ordering = "-on"

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = record_succession(by=self.actor, **serializer.validated_data)


@extend_schema_view(get=extend_schema(summary="One merger, renaming or split"))
class SuccessionDetail(RetrieveAPIView):
    queryset = Succession.objects.all()
    serializer_class = SuccessionSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"pk": "pk"}


@extend_schema_view(
    post=extend_schema(
        summary="Take a succession back",
        description="It stays on record with the reason, and is believed no more.",
    )
)
class SuccessionVoid(ActionAPIView):
    queryset = Succession.objects.all()
    serializer_class = SuccessionSerializer
    input_serializer_class = ReasonSerializer
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)
    lookup_fields = {"pk": "pk"}

    def perform_action(self, instance: Succession, **data: Any) -> None:
        void_succession(by=self.actor, succession=instance, **data)


urlpatterns = [
    path("successions/", SuccessionList.as_view(), name="successions"),
    path("successions/<int:pk>/", SuccessionDetail.as_view(), name="succession"),
    path("successions/<int:pk>/void/", SuccessionVoid.as_view(), name="succession_void"),
    path("agencies/", AgencyList.as_view(), name="agencies"),
    path("agencies/<str:slug>/", AgencyDetail.as_view(), name="agency"),
]
