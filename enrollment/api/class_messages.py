"""Messages to people of a run, and what became of them."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError

from accounts.api.generics import ListAPIView, ListCreateAPIView
from accounts.api.permissions import permit
from accounts.choices import MESSAGE_WRITERS, STAFF
from courses.models import CourseRun
from enrollment.filters import ClassMessageFilter
from enrollment.models import ClassMessage, ClassMessageRecipient, Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.serializers import (
    ClassMessageRecipientSerializer,
    ClassMessageSerializer,
    NewClassMessageSerializer,
)
from enrollment.services.class_messages import Draft, send_class_message


@extend_schema_view(
    get=extend_schema(summary="Messages to people of runs, the latest first"),
    post=extend_schema(
        summary="Write to people of a run",
        description="Each gets a mail of their own; who has no address, a letter to be printed.",
    ),
)
class ClassMessageList(ListCreateAPIView):
    queryset = ClassMessage.objects.all()
    serializer_class = ClassMessageSerializer
    input_serializer_class = NewClassMessageSerializer
    permission_classes = (permit(get=STAFF, post=MESSAGE_WRITERS),)
    filterset_class = ClassMessageFilter
    ordering_fields = {"sent": "pk"}
    ordering = "-sent"

    def perform_create(self, serializer: Any) -> None:
        data = serializer.validated_data
        run = data["run"]
        materials = list(run.materials.filter(pk__in=data.get("materials", ())))
        if len(materials) != len(set(data.get("materials", ()))):
            raise ValidationError({"materials": [_("Not found.")]})
        serializer.instance = send_class_message(
            by=self.actor,
            sender=self.user,
            run=run,
            enrollments=self._chosen(run, data),
            draft=Draft(data["subject"], data["body"], materials),
            agreed_recipients=data["agreed_recipients"],
            key=uuid.uuid4(),
        )

    def _chosen(self, run: CourseRun, data: dict[str, Any]) -> EnrollmentQuerySet:
        people = Enrollment.objects.filter(run=run).messageable_by(self.user)
        codes = set(data.get("trainees", ()))
        if not codes:
            return people.filter(state__in=data.get("states", ()))
        chosen = people.filter(trainee__code__in=codes)
        if set(chosen.values_list("trainee__code", flat=True)) != codes:
            raise ValidationError({"trainees": [_("Not found.")]})
        return chosen

    def get_written_queryset(self) -> QuerySet[ClassMessage]:
        return ClassMessage.objects.all()


@extend_schema_view(get=extend_schema(summary="Recipients of a message, and what became of it"))
class ClassMessageRecipientList(ListAPIView):
    queryset = ClassMessageRecipient.objects.all()
    serializer_class = ClassMessageRecipientSerializer
    permission_classes = (permit(get=STAFF),)
    ordering_fields = {"written": "pk"}
    ordering = "written"

    def get_queryset(self) -> QuerySet[ClassMessageRecipient]:
        message = get_object_or_404(
            ClassMessage.objects.visible_to(self.user), pk=self.kwargs["message"]
        )
        seen = Enrollment.objects.visible_to(self.user).filter(run=message.run_id)
        return ClassMessageRecipient.objects.filter(message=message, enrollment__in=seen)
