"""One run, as far as people and seats are concerned."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.api.generics import ActionAPIView, GenericAPIView, RetrieveUpdateAPIView
from accounts.api.permissions import permit
from accounts.choices import RUN_MANAGERS
from common.access import SIGNED_IN
from common.api.serializers import EmptySerializer
from courses.api import MayChangeRun
from courses.models import CourseRun
from courses.serializers import RunSerializer
from courses.services import change_run
from courses.services.timetables import lock_run
from enrollment.serializers import (
    CancelSerializer,
    ClosingSerializer,
    NotifiedSerializer,
    RunChangeSerializer,
)
from enrollment.services.completion import close_run
from enrollment.services.run_changes import cancel_run
from enrollment.services.seat_shares import change_capacity


class _Run(GenericAPIView):
    queryset = CourseRun.objects.all()
    lookup_fields = {"code": "code"}

    def lock(self, instance: CourseRun) -> CourseRun:
        return lock_run(instance)


@extend_schema_view(
    get=extend_schema(summary="One run with its seats"),
    patch=extend_schema(
        summary="Change a run",
        description="What is not sent stays. New seats go to the waiting list at once.",
    ),
)
class RunDetail(_Run, RetrieveUpdateAPIView):
    serializer_class = RunSerializer
    input_serializer_class = RunChangeSerializer
    permission_classes = (permit(get=SIGNED_IN, patch=RUN_MANAGERS), MayChangeRun)

    def perform_update(self, serializer: Any) -> None:
        data, run = serializer.validated_data, serializer.instance
        capacity = data.pop("capacity", None)
        if data:
            change_run(by=self.actor, run=run, **data)
        if capacity is not None:
            change_capacity(by=self.actor, run=run, capacity=capacity)


@extend_schema_view(
    post=extend_schema(summary="Close a run by its course's rule and record who completed")
)
class RunClosing(_Run, ActionAPIView):
    serializer_class = ClosingSerializer
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=RUN_MANAGERS), MayChangeRun)

    def perform_action(self, instance: CourseRun, **data: Any) -> dict[str, Any]:
        return asdict(close_run(by=self.actor, run=instance))


@extend_schema_view(
    post=extend_schema(
        summary="Cancel a run",
        description="Every enrollment ends; those concerned are written to.",
    )
)
class RunCancellation(_Run, ActionAPIView):
    serializer_class = NotifiedSerializer
    input_serializer_class = CancelSerializer
    permission_classes = (permit(post=RUN_MANAGERS), MayChangeRun)

    def perform_action(self, instance: CourseRun, **data: Any) -> dict[str, Any]:
        return {"notified": cancel_run(by=self.actor, run=instance, **data)}
