"""Tasks of agencies: read as of any day; progress, answers and decisions written."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.api.generics import (
    ActionAPIView,
    GenericAPIView,
    ListAPIView,
    ListCreateAPIView,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS, Role
from common import clock
from common.access import SIGNED_IN
from counting.api import AsOfView
from targets.filters import TaskFilter
from targets.models import AgencyTask, TaskReport
from targets.progress.task_status import believed_at, task_statuses
from targets.serializers.tasks import (
    AnswerSerializer,
    DecisionSerializer,
    NewTaskReportSerializer,
    TaskReportSerializer,
    TaskSerializer,
)
from targets.services.tasks import answer_task, decide_progress, report_progress


class _Tasks(GenericAPIView):
    queryset = AgencyTask.objects.current()
    serializer_class = TaskSerializer

    def as_json(self, keys: Any, as_of: dt.date, known_as_of: dt.datetime) -> list[dict[str, Any]]:
        rows = AgencyTask.objects.filter(pk__in=keys).with_state(as_of)
        rows = rows.select_related("agency", "indicator")
        found = {one.task.pk: one for one in task_statuses(rows, as_of, known_as_of)}
        return [found[key].as_json() for key in keys]


@extend_schema_view(
    get=extend_schema(
        summary="What agencies have to do",
        description="A coordinator sees the tasks that concern the own agencies.",
    )
)
class TaskList(_Tasks, AsOfView, ListAPIView):
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = TaskFilter
    ordering_fields = {"due_on": "due_on"}
    ordering = "due_on"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        asked = self.asked()
        self.as_of = asked["as_of"] or clock.today()
        self.known_as_of = believed_at(asked["known_as_of"])

    def get_queryset(self) -> QuerySet[AgencyTask]:
        tasks = AgencyTask.objects.believed(self.known_as_of).visible_to(self.user)
        return tasks.with_state(self.as_of)

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        keys = [row["pk"] for row in super().paginate_queryset(queryset) or ()]
        return self.as_json(keys, self.as_of, self.known_as_of)


class _OneTask(_Tasks):
    lookup_fields = {"pk": "pk"}

    def represent(self, rows: QuerySet[Any]) -> dict[str, Any]:
        found = self.as_json(list(rows.values_list("pk", flat=True)), clock.today(), clock.now())
        if not found:
            raise Http404
        return found[0]


@extend_schema_view(get=extend_schema(summary="One task"))
class TaskDetail(_OneTask, RetrieveAPIView):
    permission_classes = (permit(get=SIGNED_IN),)


@extend_schema_view(
    post=extend_schema(
        summary="The answer of a cooperating unit",
        description="A later answer replaces it. The office answers for units outside the list.",
    )
)
class TaskAnswer(_OneTask, ActionAPIView):
    input_serializer_class = AnswerSerializer
    permission_classes = (permit(post=PEOPLE_MANAGERS),)

    def perform_action(self, instance: AgencyTask, **data: Any) -> None:
        named = data.pop("unit")
        units = instance.units.current().filter(Q(agency__slug=named) | Q(other=named))
        unit = units.first()
        if unit is None:
            raise ValidationError({"unit": [_("This unit does not cooperate in the task.")]})
        if not units.answerable_by(self.user).exists():
            raise PermissionDenied
        answer_task(by=self.actor, unit=unit, **data)


class _Reports(GenericAPIView):
    queryset = TaskReport.objects.all()
    serializer_class = TaskReportSerializer

    def get_queryset(self) -> QuerySet[TaskReport]:
        return super().get_queryset().filter(task=self.kwargs["pk"])


@extend_schema_view(
    get=extend_schema(summary="Reported progress of a task"),
    post=extend_schema(
        summary="Report the progress of a task, or that it is completed",
        description="It waits for the programme office. With a proof, the body may have 5 MB.",
    ),
)
class TaskProgress(_Reports, ListCreateAPIView):
    input_serializer_class = NewTaskReportSerializer
    permission_classes = (permit(get=PEOPLE_READERS, post=PEOPLE_MANAGERS),)
    ordering_fields = {"day": "day"}
    ordering = "-day"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        tasks = AgencyTask.objects.current().visible_to(self.user)
        self.task = get_object_or_404(tasks, pk=self.kwargs["pk"])

    def perform_create(self, serializer: Any) -> None:
        if not AgencyTask.objects.manageable_by(self.user).filter(pk=self.task.pk).exists():
            raise PermissionDenied
        data = serializer.validated_data
        proof = data.pop("proof", None)
        sent = (proof["name"], proof["content"]) if proof else None
        serializer.instance = report_progress(by=self.actor, task=self.task, proof=sent, **data)


@extend_schema_view(
    post=extend_schema(summary="Accept reported progress, or return it with a remark")
)
class TaskDecision(_Reports, ActionAPIView):
    input_serializer_class = DecisionSerializer
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)
    lookup_fields = {"report": "pk"}

    def perform_action(self, instance: TaskReport, **data: Any) -> None:
        decide_progress(by=self.actor, report=instance, **data)
