"""Learning units, question banks, tests and their results."""

from typing import Any

from django.db.models import Q
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.generics import (
    ActionAPIView,
    FileAPIView,
    GenericAPIView,
    IdempotencyMixin,
    ListAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import OWN_OR_RUN_READERS, RUN_MANAGERS, RUN_READERS, Role
from common.access import SIGNED_IN
from courses.models import Course, CourseRun
from enrollment.models import Enrollment
from enrollment.views.shared import is_staff_of
from learning.filters import AttemptFilter, CourseTestFilter, QuestionFilter, UnitMarkFilter
from learning.models import Attempt, CourseTest, Question, UnitDone
from learning.querysets import courses_of_staff
from learning.serializers import (
    AttemptSerializer,
    CourseTestSerializer,
    ImportedSerializer,
    QuestionExportQuery,
    QuestionFileSerializer,
    QuestionSerializer,
    RunUnitsSerializer,
    SetDoneSerializer,
    StatisticsQuery,
    StatisticsSerializer,
    UnitMarkSerializer,
)
from learning.services.progress import done_by, set_done
from learning.services.questions import add_questions, drafts_of, read_bank
from learning.services.statistics import best_scores, gain, item_statistics
from learning.services.units import ShownUnit, units_of
from learning.sheets.written import BANK_FORMS

MAX_PROBLEMS = 20


class _UnitsOfRun(GenericAPIView):
    """Of a class in which the user has a seat, that they teach, or any for overseers."""

    queryset = CourseRun.objects.all()
    serializer_class = RunUnitsSerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.TRAINEE),)
    lookup_fields = {"run": "code"}

    def get_run(self) -> CourseRun:
        rows, user = self.get_row_queryset(), self.user
        if not user.reads_everything:
            seats = Enrollment.objects.holding_a_seat().of_user(user.pk)
            wanted = Q(pk__in=seats.values("run"))
            if user.has_role(Role.TRAINER):
                wanted |= Q(trainers__user=user)
            rows = rows.filter(wanted)
        run: CourseRun = get_object_or_404(rows.select_related("course").distinct())
        return run

    def get_seat(self, run: CourseRun) -> Enrollment | None:
        seats = run.enrollments.holding_a_seat().of_user(self.user.pk)
        return seats.select_related("run").order_by("-pk").first()

    def describe(self, run: CourseRun) -> dict[str, Any]:
        seat = self.get_seat(run)
        done = done_by(seat) if seat else None
        is_staff = is_staff_of(self.user, run)
        shown = [one for one in units_of(run) if is_staff or one.is_visible]
        return {"run": run.code, "units": [_unit_as_json(one, done) for one in shown]}


def _unit_as_json(shown: ShownUnit, done: set[int] | None) -> dict[str, Any]:
    unit, version = shown.unit, shown.version
    return {
        "id": unit.pk,
        "version": version.number,
        "kind": version.kind,
        "title_vi": version.title_vi,
        "title_en": version.title_en,
        "link": version.link,
        "is_required": unit.is_required,
        "is_of_class": unit.run_id is not None,
        "visible_from": shown.visible_from,
        "is_visible": shown.is_visible,
        "is_done": None if done is None else unit.pk in done,
    }


@extend_schema_view(
    get=extend_schema(
        summary="The learning units of a class, in order",
        description="Trainees see those that are visible; texts and files are read on the pages.",
    )
)
class RunUnits(_UnitsOfRun):
    permission_classes = (permit(get=SIGNED_IN),)

    def get(self, request: Request, run: str) -> Response:
        return Response(self.describe(self.get_run()))


@extend_schema_view(
    post=extend_schema(summary="Mark a unit as done, or not done after all, for oneself")
)
class SetUnitDone(_UnitsOfRun, ActionAPIView):
    input_serializer_class = SetDoneSerializer
    permission_classes = (permit(post=Role.TRAINEE),)

    def get_object(self) -> CourseRun:
        return self.get_run()

    def perform_action(self, instance: CourseRun, **data: Any) -> dict[str, Any]:
        seat = self.get_seat(instance)
        shown = {one.unit.pk: one.unit for one in units_of(instance) if one.is_visible}
        unit = shown.get(self.kwargs["unit"])
        if seat is None or unit is None:
            raise Http404
        set_done(by=self.actor, enrollment=seat, unit=unit, done=data["done"])
        return self.describe(instance)


@extend_schema_view(get=extend_schema(summary="Who has done which unit, in which version, when"))
class UnitMarkList(ListAPIView):
    queryset = UnitDone.objects.all()
    serializer_class = UnitMarkSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = UnitMarkFilter
    ordering_fields = {"done_at": "done_at", "entered": "pk"}
    ordering = "-entered"


@extend_schema_view(
    get=extend_schema(summary="The questions in use, with their right answers, course by course")
)
class QuestionList(ListAPIView):
    queryset = Question.objects.in_use()
    serializer_class = QuestionSerializer
    permission_classes = (permit(get=RUN_READERS),)
    filterset_class = QuestionFilter
    ordering_fields = {"entered": "pk"}
    ordering = "entered"


@extend_schema_view(
    post=extend_schema(
        summary="Take questions over from a file of Moodle's",
        description="All of them, or none and what to correct in which line.",
    )
)
class QuestionImport(IdempotencyMixin):
    serializer_class = ImportedSerializer
    input_serializer_class = QuestionFileSerializer
    permission_classes = (permit(post=RUN_MANAGERS),)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = self.get_input().validated_data
        drafts, problems = read_bank(data["content"].encode(), f"questions.{data['form']}")
        if problems:
            raise exceptions.ValidationError({"content": _worded(problems[:MAX_PROBLEMS])})
        if not drafts:
            raise exceptions.ValidationError({"content": [_("The file holds no question.")]})
        result = add_questions(by=self.actor, course=data["course"], drafts=drafts)
        return Response({"added": result.added, "already": result.already})


def _worded(problems: Any) -> list[str]:
    text = _("Line %(line)s: %(problem)s")
    return [text % {"line": line, "problem": sentence} for line, sentence in problems]


@extend_schema_view(
    get=extend_schema(
        summary="The question bank of a course as a file",
        description="A workbook, or Moodle's GIFT or XML.",
    )
)
class QuestionExport(FileAPIView):
    queryset = Course.objects.all()
    query_serializer_class = QuestionExportQuery
    permission_classes = (permit(get=RUN_MANAGERS),)
    media_types = tuple(media_type for media_type, _write in BANK_FORMS.values())

    def get(self, request: Request) -> StreamingHttpResponse:
        asked = self.get_query()
        courses = courses_of_staff(Course.objects.all(), self.user)
        course = get_object_or_404(courses, code=asked["course"])
        media_type, write = BANK_FORMS[asked["form"]]
        name = f"questions-{course.code}.{asked['form']}"
        return self.answer_file(write(drafts_of(course)), name, media_type)


@extend_schema_view(get=extend_schema(summary="The tests of courses"))
class CourseTestList(ListAPIView):
    queryset = CourseTest.objects.all()
    serializer_class = CourseTestSerializer
    permission_classes = (permit(get=RUN_READERS),)
    filterset_class = CourseTestFilter
    ordering_fields = {"entered": "pk"}
    ordering = "entered"


@extend_schema_view(
    get=extend_schema(
        summary="Attempts at tests, with their scores",
        description="One's own, and those of the classes that one teaches.",
    )
)
class AttemptList(ListAPIView):
    queryset = Attempt.objects.all()
    serializer_class = AttemptSerializer
    permission_classes = (permit(get=OWN_OR_RUN_READERS),)
    filterset_class = AttemptFilter
    ordering_fields = {"entered": "pk"}
    ordering = "-entered"

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.with_score_for(self.user)


@extend_schema_view(
    get=extend_schema(
        summary="What the results of a class say: of its people, and of the questions",
        description="Of the last 500 forms; difficulty and discrimination from five answers on.",
    )
)
class TestStatistics(GenericAPIView):
    __test__ = False  # no test of pytest's

    queryset = CourseTest.objects.all()
    serializer_class = StatisticsSerializer
    query_serializer_class = StatisticsQuery
    permission_classes = (permit(get=RUN_READERS),)
    lookup_fields = {"test": "pk"}

    def get(self, request: Request, test: int) -> Response:
        found = get_object_or_404(self.get_row_queryset())
        run = self.get_query()["run"]
        if run.course_id != found.course_id or not is_staff_of(self.user, run):
            raise Http404
        both = gain(best_scores(run, found))
        items = [
            {
                "question": one.question_id,
                "answers": one.answers,
                "difficulty": one.difficulty,
                "discrimination": one.discrimination,
            }
            for one in item_statistics(run, found)
        ]
        body = {"run": run.code, "test": found.pk, "people": both.people, "items": items}
        means = {"mean_before": both.before, "mean_after": both.after, "gain": both.points}
        return Response(body | means)


urlpatterns = [
    path("runs/<str:run>/units/", RunUnits.as_view(), name="run_units"),
    path("runs/<str:run>/units/<int:unit>/done/", SetUnitDone.as_view(), name="set_unit_done"),
    path("unit-marks/", UnitMarkList.as_view(), name="unit_marks"),
    path("questions/", QuestionList.as_view(), name="questions"),
    path("questions/import/", QuestionImport.as_view(), name="import_questions"),
    path("questions/file/", QuestionExport.as_view(), name="export_questions"),
    path("tests/", CourseTestList.as_view(), name="tests"),
    path("tests/<int:test>/statistics/", TestStatistics.as_view(), name="test_statistics"),
    path("attempts/", AttemptList.as_view(), name="attempts"),
]
