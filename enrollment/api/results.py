"""Attendance and results."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import (
    ActionAPIView,
    GenericAPIView,
    ListCreateAPIView,
    PreparedListMixin,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import RUN_MANAGERS, Role
from common.access import SIGNED_IN
from common.api.serializers import ReasonSerializer
from courses.api import may_change
from courses.models import CourseRun
from enrollment.choices import Evidence
from enrollment.filters import AttendanceFilter, CompletionFilter
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.serializers import (
    AttendanceSerializer,
    CompletionSerializer,
    MarksSerializer,
    PaperSerializer,
    RecordedSerializer,
    SuccessorSerializer,
)
from enrollment.services.attendance import record_attendance
from enrollment.services.completion import record_from_paper, void_completion
from enrollment.services.split_assignments import assign_completions, split_awaiting_assignment
from enrollment.sheets import SessionMark
from people.querysets import reader_of


@extend_schema_view(
    get=extend_schema(summary="Marks, the latest first"),
    post=extend_schema(summary="Record marks of a run", description="All of them or none."),
)
class AttendanceList(ListCreateAPIView):
    queryset = Attendance.objects.all()
    input_serializer_class = MarksSerializer
    permission_classes = (permit(get=SIGNED_IN, post=RUN_MANAGERS),)
    filterset_class = AttendanceFilter
    ordering_fields = {"entered": "pk"}
    ordering = "-entered"
    success_status = 200

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return RecordedSerializer if self.request.method == "POST" else AttendanceSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = self.get_input().validated_data
        if not may_change(self.user, data["run"]):
            raise PermissionDenied
        marks = _marks(data["run"], data["marks"])
        evidence = Evidence(data["evidence"])
        recorded = record_attendance(by=self.actor, run=data["run"], marks=marks, evidence=evidence)
        return Response({"recorded": recorded})


def _marks(run: CourseRun, sent: list[dict[str, Any]]) -> list[SessionMark]:
    """The marks by id; each session and person that the run does not have is named."""
    sessions = dict(run.sessions.values_list("number", "pk"))
    enrolled = Enrollment.objects.filter(run=run).live()
    enrollments = dict(enrolled.values_list("trainee__code", "pk"))
    problems = {}
    found: dict[tuple[int, int], SessionMark] = {}
    for at, mark in enumerate(sent):
        enrollment, session = enrollments.get(mark["trainee"]), sessions.get(mark["session"])
        if enrollment is None:
            problems[f"marks.{at}.trainee"] = [_("This person is not enrolled in the class.")]
        elif session is None:
            problems[f"marks.{at}.session"] = [_("The class has no session with this number.")]
        elif (enrollment, session) in found:
            problems[f"marks.{at}"] = [_("This person has two marks for the same session.")]
        else:
            found[enrollment, session] = SessionMark(enrollment, session, mark["mark"])
    if problems:
        raise exceptions.ValidationError(problems)
    return list(found.values())


class _Completions(GenericAPIView):
    queryset = Completion.objects.all()
    serializer_class = CompletionSerializer

    @classmethod
    def rows_for(cls, reader: Any) -> QuerySet[Completion]:
        # The latest first: of a person's results in a run, the one that is not voided.
        return super().rows_for(reader).order_by("-pk")


@extend_schema_view(
    get=extend_schema(summary="Results, voided ones among them, the latest first"),
    post=extend_schema(summary="Record a past result on paper"),
)
class CompletionList(_Completions, PreparedListMixin, ListCreateAPIView):
    reader_of = reader_of
    input_serializer_class = PaperSerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.PROGRAMME_OFFICE),)
    filterset_class = CompletionFilter
    ordering_fields = {"entered": "pk", "completed_on": "completed_on"}
    ordering = "-entered"

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = record_from_paper(by=self.actor, **serializer.validated_data)


class _OfPersonAndRun(_Completions):
    lookup_fields = {"run": "run__code", "trainee": "trainee__code"}


@extend_schema_view(get=extend_schema(summary="A person's result in a run"))
class CompletionDetail(_OfPersonAndRun, RetrieveAPIView):
    permission_classes = (permit(get=SIGNED_IN),)


@extend_schema_view(
    post=extend_schema(
        summary="After a split: say which successor stands for a result today",
        description="The result itself stays as it is.",
    )
)
class CompletionSuccessor(_OfPersonAndRun, ActionAPIView):
    input_serializer_class = SuccessorSerializer
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)

    def perform_action(self, instance: Completion, **data: Any) -> None:
        agency = data["agency"]
        split = split_awaiting_assignment(instance, agency)
        assign_completions(by=self.actor, succession=split, agency=agency, completions=[instance])


@extend_schema_view(
    post=extend_schema(summary="Void a result", description="It is kept and counts no more.")
)
class CompletionVoid(_OfPersonAndRun, ActionAPIView):
    input_serializer_class = ReasonSerializer
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)

    def perform_action(self, instance: Completion, **data: Any) -> None:
        void_completion(by=self.actor, completion=instance, **data)
