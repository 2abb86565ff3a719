"""Courses, runs and sessions: what is taught and when."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from common import api
from common.access import SIGNED_IN
from courses.filters import CourseFilter, RunFilter, SessionFilter
from courses.models import Course, CourseRun, Session
from courses.serializers import (
    CourseChangeSerializer,
    CourseSerializer,
    NewCourseSerializer,
    NewSessionSerializer,
    OpenRunSerializer,
    RunSerializer,
    SessionSerializer,
)
from courses.services import course_by_code
from courses.services.catalogue import change_course, enter_course
from courses.services.teaching import open_run_as
from courses.services.timetables import add_session

OFFICE = Role.PROGRAMME_OFFICE
MAKERS = (Role.PROGRAMME_OFFICE, Role.TRAINER)


def runs_known_to(user: Any) -> QuerySet[CourseRun]:
    """Announced runs; drafts are known to those who make them."""
    return CourseRun.objects.known_to(user)


def made_by(user: Any, run: CourseRun) -> CourseRun:
    """The run, for those who may change it: its trainers and the programme office."""
    if not (user.has_role(Role.PROGRAMME_OFFICE) or run.trainers.filter(user=user).exists()):
        raise PermissionDenied
    return run


class _Courses(Endpoint):
    tag = "courses"
    columns = (
        "code", "title_vi", "title_en", "description_vi", "description_en", "periods", "days",
        "delivery", "minimum_attendance", "minimum_score", "grading", "approval", "is_offered",
    )  # fmt: skip

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        body = {name: row[name] for name in self.columns}
        body["minimum_score"] = api.number(row["minimum_score"])
        return body


class CourseList(_Courses):
    name = "courses"
    filters = CourseFilter
    orderings = {"code": "code"}
    ordering = "code"

    @read(SIGNED_IN, gives=CourseSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Course]:
        """The courses on offer."""
        return Course.objects.known_to(self.user)

    @write(OFFICE, takes=NewCourseSerializer, gives=CourseSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Put a course into the catalogue."""
        course = enter_course(by=self.user.as_actor(), **data)
        return self.body_of(Course.objects.filter(pk=course.pk))


class CourseDetail(_Courses):
    name = "course"

    @read(SIGNED_IN, gives=CourseSerializer)
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """One course with its completion rule."""
        return self.body_of(Course.objects.known_to(self.user).filter(code=api.key(code)))

    @write(OFFICE, takes=CourseChangeSerializer, gives=CourseSerializer, is_matched=True)
    def patch(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Change a course; what is not sent stays. Results keep the rule that they met."""
        course = Course.objects.select_for_update().filter(code=api.key(code)).first()
        if course is None:
            raise exceptions.NotFound
        rows = Course.objects.filter(pk=course.pk)
        api.require_match(request, self.body_of(rows))
        change_course(by=self.user.as_actor(), course=course, **data)
        return self.body_of(rows)


class Runs(Endpoint):
    tag = "runs"
    columns = (
        "code", "course__code", "state", "starts_on", "ends_on", "venue", "capacity",
        "seats_taken", "enrollment_opens_on", "enrollment_closes_on",
    )  # fmt: skip

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "code": row["code"],
            "course": row["course__code"],
            "state": row["state"],
            "starts_on": api.day(row["starts_on"]),
            "ends_on": api.day(row["ends_on"]),
            "venue": row["venue"],
            "capacity": row["capacity"],
            "seats_taken": row["seats_taken"],
            "seats_left": row["capacity"] - row["seats_taken"],
            "enrollment_opens_on": api.day(row["enrollment_opens_on"]),
            "enrollment_closes_on": api.day(row["enrollment_closes_on"]),
        }


class RunList(Runs):
    name = "runs"
    filters = RunFilter
    orderings = {"starts_on": "starts_on", "code": "code"}
    ordering = "-starts_on"

    @read(SIGNED_IN, gives=RunSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[CourseRun]:
        """The runs, the latest first."""
        return runs_known_to(self.user)

    @write(*MAKERS, takes=OpenRunSerializer, gives=RunSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Open a run for enrollment with its timetable; a trainer who does so stands on it."""
        course = course_by_code(data.pop("course"))
        run = open_run_as(self.user, course=course, **data)
        return self.body_of(CourseRun.objects.filter(pk=run.pk))


class RunDetail(Runs):
    name = "run"

    @read(SIGNED_IN, gives=RunSerializer)
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """One run with its seats."""
        return self.body_of(runs_known_to(self.user).filter(code=api.key(code)))


class _Sessions(Endpoint):
    tag = "sessions"
    columns = ("run__code", "number", "starts_at", "ends_at", "topic", "is_mandatory")

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "run": row["run__code"],
            "number": row["number"],
            "starts_at": api.instant(row["starts_at"]),
            "ends_at": api.instant(row["ends_at"]),
            "topic": row["topic"],
            "is_mandatory": row["is_mandatory"],
        }


class SessionList(_Sessions):
    name = "sessions"
    filters = SessionFilter
    orderings = {"starts_at": "starts_at", "entered": "pk"}
    ordering = "starts_at"

    @read(SIGNED_IN, gives=SessionSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Session]:
        """The sessions of the runs that one knows of."""
        return Session.objects.filter(run__in=runs_known_to(self.user))

    @write(*MAKERS, takes=NewSessionSerializer, gives=SessionSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Add a session to a run."""
        run = made_by(self.user, api.named(runs_known_to(self.user), "run", code=data.pop("run")))
        session = add_session(by=self.user.as_actor(), run=run, **data)
        return self.body_of(Session.objects.filter(pk=session.pk))


class OneSession(_Sessions):
    numbers = frozenset({"number"})

    def known(self, run: str, number: int) -> QuerySet[Session]:
        known = runs_known_to(self.user).filter(code=api.key(run))
        return Session.objects.filter(run__in=known, number=min(number, 32767))

    def made(self, run: str, number: int) -> Session:
        """The session, for those who may change its run."""
        session = self.known(run, number).select_related("run").first()
        if session is None:
            raise exceptions.NotFound
        made_by(self.user, session.run)
        return session


class SessionDetail(OneSession):
    name = "session"

    @read(SIGNED_IN, gives=SessionSerializer)
    def get(self, request: Request, run: str, number: int) -> dict[str, Any]:
        """One session of a run."""
        return self.body_of(self.known(run, number))


# One run by itself stands in enrollment.api.enrollments, which also moves its seats; one session in
# enrollment.api.sessions, which also tells those concerned.
urlpatterns = [
    path("courses/", CourseList.as_view(), name="courses"),
    path("courses/<str:code>/", CourseDetail.as_view(), name="course"),
    path("runs/", RunList.as_view(), name="runs"),
    path("sessions/", SessionList.as_view(), name="sessions"),
]
