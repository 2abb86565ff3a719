"""Attendance and results."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from agencies.models import Agency
from common import api
from common.access import SIGNED_IN
from courses.api import made_by, runs_known_to
from courses.models import CourseRun
from enrollment.choices import Evidence
from enrollment.filters import AttendanceFilter, CompletionFilter
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.serializers import (
    AttendanceSerializer,
    CompletionSerializer,
    HeirSerializer,
    MarksSerializer,
    PaperSerializer,
    ReasonSerializer,
    RecordedSerializer,
)
from enrollment.services.attendance import record_attendance
from enrollment.services.completion import record_from_paper, void_completion
from enrollment.services.split_assignments import assign_completions, split_behind
from enrollment.sheets import SessionMark
from people.models import Trainee

OFFICE = Role.PROGRAMME_OFFICE
TEACHERS = (Role.TRAINER, OFFICE)


# ── Attendance ────────────────────────────────────────────────────────────────────────


class AttendanceList(Endpoint):
    name = tag = "attendance"
    filters = AttendanceFilter
    orderings = {"entered": "pk"}
    ordering = "-entered"
    columns = (
        "enrollment__run__code", "session__number", "enrollment__trainee__code", "mark",
        "evidence", "recorded_at",
    )  # fmt: skip

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "run": row["enrollment__run__code"],
            "session": row["session__number"],
            "trainee": row["enrollment__trainee__code"],
            "mark": row["mark"],
            "evidence": row["evidence"],
            "recorded_at": api.instant(row["recorded_at"]),
        }

    @read(SIGNED_IN, gives=AttendanceSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Attendance]:
        """Marks, the latest first."""
        return Attendance.objects.visible_to(self.user)

    @write(*TEACHERS, takes=MarksSerializer, gives=RecordedSerializer)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Record marks of a run: all of them or none."""
        run = made_by(self.user, api.named(runs_known_to(self.user), "run", code=data["run"]))
        recorded = record_attendance(
            by=self.user.as_actor(),
            run=run,
            marks=_marks(run, data["marks"]),
            evidence=Evidence(data["evidence"]),
        )
        return {"recorded": recorded}


def _marks(run: CourseRun, sent: list[dict[str, Any]]) -> list[SessionMark]:
    """The marks by id; each session and person that the run does not have is named."""
    sessions = dict(run.sessions.values_list("number", "pk"))
    enrollments = dict(Enrollment.objects.filter(run=run).live().values_list("trainee__code", "pk"))
    problems = {}
    found: dict[tuple[int, int], SessionMark] = {}
    for at, mark in enumerate(sent):
        enrollment, session = enrollments.get(mark["trainee"]), sessions.get(mark["session"])
        if enrollment is None:
            problems[f"marks.{at}.trainee"] = [_("This person has no place in the class.")]
        elif session is None:
            problems[f"marks.{at}.session"] = [_("The class has no session of this number.")]
        elif (enrollment, session) in found:
            problems[f"marks.{at}"] = [_("There are two marks for this person and session.")]
        else:
            found[enrollment, session] = SessionMark(enrollment, session, mark["mark"])
    if problems:
        raise exceptions.ValidationError(problems)
    return list(found.values())


# ── Results ───────────────────────────────────────────────────────────────────────────


class _Completions(Endpoint):
    tag = "completions"
    columns = (
        "run__code", "course_code", "trainee__code", "trainee__full_name", "completed_on",
        "periods", "score", "grade", "attendance_percent", "rule_met", "evidence",
        "sending_agency__slug", "agency_kind", "sector", "recorded_at", "voided_at", "void_reason",
    )  # fmt: skip

    def result(self, run: str, trainee: str) -> QuerySet[Completion]:
        """The latest result of a person in a run: the standing one where there is one."""
        results = Completion.objects.visible_to(self.user).order_by("-pk")
        return results.filter(run__code=api.key(run), trainee__code=api.key(trainee))

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "run": row["run__code"],
            "course": row["course_code"],
            "trainee": row["trainee__code"],
            "full_name": row["trainee__full_name"],
            "completed_on": api.day(row["completed_on"]),
            "periods": row["periods"],
            "score": api.number(row["score"]),
            "grade": row["grade"],
            "attendance_percent": row["attendance_percent"],
            "rule_met": row["rule_met"],
            "evidence": row["evidence"],
            "sending_agency": row["sending_agency__slug"],
            "agency_kind": row["agency_kind"],
            "sector": row["sector"],
            "recorded_at": api.instant(row["recorded_at"]),
            "voided_at": api.instant(row["voided_at"]),
            "void_reason": row["void_reason"],
        }


class CompletionList(_Completions):
    name = "completions"
    filters = CompletionFilter
    orderings = {"entered": "pk", "completed_on": "completed_on"}
    ordering = "-entered"

    @read(SIGNED_IN, gives=CompletionSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Completion]:
        """Results, voided ones among them, the latest first."""
        return Completion.objects.visible_to(self.user)

    @write(OFFICE, takes=PaperSerializer, gives=CompletionSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Record a past result on paper."""
        run = api.named(runs_known_to(self.user), "run", code=data["run"])
        trainee = api.named(Trainee.objects.all(), "trainee", code=data["trainee"])
        record_from_paper(
            by=self.user.as_actor(),
            run=run,
            trainee=trainee,
            sending_agency=api.named(
                Agency.objects.all(), "sending_agency", slug=data["sending_agency"]
            ),
            completed_on=data["completed_on"],
            score=data.get("score"),
        )
        return self.body_of(self.result(run.code, trainee.code))


class CompletionDetail(_Completions):
    name = "completion"

    @read(SIGNED_IN, gives=CompletionSerializer)
    def get(self, request: Request, run: str, trainee: str) -> dict[str, Any]:
        """A person's result in a run."""
        return self.body_of(self.result(run, trainee))


class CompletionHeir(_Completions):
    name = "completion_heir"

    @write(OFFICE, takes=HeirSerializer, gives=CompletionSerializer)
    def post(
        self, request: Request, data: dict[str, Any], run: str, trainee: str
    ) -> dict[str, Any]:
        """After a split: say which heir stands for a result today. The result stays as it is."""
        completion = self.result(run, trainee).first()
        if completion is None:
            raise exceptions.NotFound
        heir = api.named(Agency.objects.all(), "agency", slug=data["agency"])
        split = split_behind(completion, heir)
        assign_completions(
            by=self.user.as_actor(), succession=split, agency=heir, completions=[completion]
        )
        return self.body_of(self.result(run, trainee))


class CompletionVoid(_Completions):
    name = "completion_void"

    @write(OFFICE, takes=ReasonSerializer, gives=CompletionSerializer)
    def post(
        self, request: Request, data: dict[str, Any], run: str, trainee: str
    ) -> dict[str, Any]:
        """Void a result: it is kept and counts no more."""
        completion = self.result(run, trainee).first()
        if completion is None:
            raise exceptions.NotFound
        void_completion(by=self.user.as_actor(), completion=completion, reason=data["reason"])
        return self.body_of(self.result(run, trainee))
