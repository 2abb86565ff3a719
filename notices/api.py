"""One's own notifications."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.generics import (
    ActionAPIView,
    GenericAPIView,
    IdempotencyMixin,
    ListAPIView,
)
from accounts.api.permissions import permit
from common.access import SIGNED_IN
from common.api.serializers import EmptySerializer
from notices.filters import NotificationFilter
from notices.models import Notice
from notices.serializers import NotificationSerializer, ReadCountSerializer
from notices.services.notifications import mark_read


@extend_schema_view(get=extend_schema(summary="One's own notifications"))
class NotificationList(ListAPIView):
    """The latest first. Nobody reads those of others, whatever their role."""

    queryset = Notice.objects.all()
    serializer_class = NotificationSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = NotificationFilter
    ordering_fields = {"created_at": "created_at"}
    ordering = "-created_at"


@extend_schema_view(post=extend_schema(summary="Mark one notification as read"))
class NotificationRead(ActionAPIView):
    queryset = Notice.objects.all()
    serializer_class = NotificationSerializer
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=SIGNED_IN),)
    lookup_fields = {"pk": "pk"}

    def perform_action(self, instance: Notice, **data: Any) -> None:
        mark_read(reader=self.user, notices=[instance.pk])


@extend_schema_view(
    post=extend_schema(
        summary="Mark all notifications as read", operation_id="notifications_read_all_create"
    )
)
class AllNotificationsRead(IdempotencyMixin, GenericAPIView):
    serializer_class = ReadCountSerializer
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=SIGNED_IN),)

    def create(self, request: Request) -> Response:
        self.get_input()
        return Response({"read": mark_read(reader=self.user)})


urlpatterns = [
    path("notifications/", NotificationList.as_view(), name="notifications"),
    path("notifications/read/", AllNotificationsRead.as_view(), name="notifications_read"),
    path("notifications/<int:pk>/read/", NotificationRead.as_view(), name="notification_read"),
]
