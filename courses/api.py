"""Courses, runs and sessions: what is taught and when."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.generics import ListCreateAPIView, RetrieveUpdateAPIView
from accounts.api.permissions import permit
from accounts.choices import RUN_MANAGERS, Role
from common.access import SIGNED_IN
from courses.filters import CourseFilter, RunFilter, SessionFilter
from courses.models import Course, CourseRun, Session
from courses.serializers import (
    CourseSerializer,
    NewSessionSerializer,
    OpenRunSerializer,
    RunSerializer,
    SessionSerializer,
)
from courses.services import course_by_code
from courses.services.catalogue import change_course, enter_course
from courses.services.teaching import open_run_as
from courses.services.timetables import add_session


def may_change(user: Any, run: CourseRun) -> bool:
    return bool(user.has_role(Role.PROGRAMME_OFFICE) or run.trainers.filter(user=user).exists())


class MayChangeRun(BasePermission):
    """Of a run, or of what belongs to one."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return may_change(request.user, obj if isinstance(obj, CourseRun) else obj.run)


@extend_schema_view(
    get=extend_schema(summary="The courses on offer"),
    post=extend_schema(summary="Put a course into the catalogue"),
)
class CourseList(ListCreateAPIView):
    queryset = Course.objects.all()
    serializer_class = CourseSerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.PROGRAMME_OFFICE),)
    filterset_class = CourseFilter
    ordering_fields = {"code": "code"}
    ordering = "code"

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = enter_course(by=self.actor, **serializer.validated_data)


@extend_schema_view(
    get=extend_schema(summary="One course with its completion rule"),
    patch=extend_schema(
        summary="Change a course",
        description="What is not sent stays. Results keep the rule that they met.",
        examples=[OpenApiExample("Another length", value={"periods": 24}, request_only=True)],
    ),
)
class CourseDetail(RetrieveUpdateAPIView):
    queryset = Course.objects.all()
    serializer_class = CourseSerializer
    permission_classes = (permit(get=SIGNED_IN, patch=Role.PROGRAMME_OFFICE),)
    lookup_fields = {"code": "code"}

    def perform_update(self, serializer: Any) -> None:
        change_course(by=self.actor, course=serializer.instance, **serializer.validated_data)


@extend_schema_view(
    get=extend_schema(summary="The runs, the latest first"),
    post=extend_schema(
        summary="Open a run for enrollment with its timetable",
        description="A trainer who opens it is one of its trainers.",
    ),
)
class RunList(ListCreateAPIView):
    queryset = CourseRun.objects.all()
    serializer_class = RunSerializer
    input_serializer_class = OpenRunSerializer
    permission_classes = (permit(get=SIGNED_IN, post=RUN_MANAGERS),)
    filterset_class = RunFilter
    ordering_fields = {"starts_on": "starts_on", "code": "code"}
    ordering = "-starts_on"

    def perform_create(self, serializer: Any) -> None:
        data = serializer.validated_data
        course = course_by_code(data.pop("course"))
        serializer.instance = open_run_as(self.user, course=course, **data)


@extend_schema_view(
    get=extend_schema(summary="The sessions of the runs that one knows of"),
    post=extend_schema(summary="Add a session to a run"),
)
class SessionList(ListCreateAPIView):
    queryset = Session.objects.all()
    serializer_class = SessionSerializer
    input_serializer_class = NewSessionSerializer
    permission_classes = (permit(get=SIGNED_IN, post=RUN_MANAGERS),)
    filterset_class = SessionFilter
    ordering_fields = {"starts_at": "starts_at", "entered": "pk"}
    ordering = "starts_at"

    def perform_create(self, serializer: Any) -> None:
        data = serializer.validated_data
        if not may_change(self.user, data["run"]):
            raise PermissionDenied
        serializer.instance = add_session(by=self.actor, **data)


# One run is in enrollment.api.runs, which also moves its seats; one session in
# enrollment.api.sessions, which also writes to those concerned.
urlpatterns = [
    path("courses/", CourseList.as_view(), name="courses"),
    path("courses/<str:code>/", CourseDetail.as_view(), name="course"),
    path("runs/", RunList.as_view(), name="runs"),
    path("sessions/", SessionList.as_view(), name="sessions"),
]
