"""Addresses at which one's own calendar program reads one's sessions."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.api.generics import ActionAPIView, GenericAPIView, ListCreateAPIView
from accounts.api.permissions import permit
from common.access import SIGNED_IN
from common.api.serializers import EmptySerializer
from courses.models import CalendarAddress
from enrollment.serializers import (
    CalendarSerializer,
    NewCalendarSerializer,
    WantedCalendarSerializer,
)
from enrollment.services.calendar_addresses import create_address, revoke_address, url_of


class _Calendars(GenericAPIView):
    queryset = CalendarAddress.objects.all()
    serializer_class = CalendarSerializer

    def get_queryset(self) -> QuerySet[CalendarAddress]:
        return CalendarAddress.objects.filter(user=self.user)


@extend_schema_view(
    get=extend_schema(summary="One's own calendar addresses", description="Without their secrets."),
    post=extend_schema(
        summary="Create a calendar address for oneself",
        description="Its `address` is shown this once. The former one of the same calendar ends.",
    ),
)
class CalendarList(_Calendars, ListCreateAPIView):
    input_serializer_class = WantedCalendarSerializer
    permission_classes = (permit(get=SIGNED_IN, post=SIGNED_IN),)
    ordering_fields = {"recorded_at": "recorded_at"}
    ordering = "-recorded_at"

    def get_serializer_class(self) -> type[CalendarSerializer]:
        is_new = self.request.method == "POST"
        return NewCalendarSerializer if is_new else CalendarSerializer

    def perform_create(self, serializer: Any) -> None:
        address, token = create_address(by=self.actor, user=self.user, **serializer.validated_data)
        self.address = url_of(token)
        serializer.instance = address


@extend_schema_view(post=extend_schema(summary="Revoke a calendar address of one's own"))
class CalendarRevocation(_Calendars, ActionAPIView):
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=SIGNED_IN),)
    lookup_fields = {"number": "pk"}

    def perform_action(self, instance: CalendarAddress, **data: Any) -> dict[str, Any]:
        body = self.represent_instance(instance)
        revoke_address(by=self.actor, address=instance)
        return body
