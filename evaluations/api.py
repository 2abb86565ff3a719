"""Evaluations of classes and the effect after training."""

from operator import itemgetter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import (
    ActionAPIView,
    GenericAPIView,
    ListAPIView,
    ListCreateAPIView,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import (
    OVERSEERS,
    OWN_OR_ALL_READERS,
    PEOPLE_READERS,
    RUN_MANAGERS,
    RUN_READERS,
)
from common import clock
from common.access import SIGNED_IN
from common.api.serializers import EmptySerializer
from courses.api import MayChangeRun, may_change
from evaluations.errors import EvaluationError
from evaluations.filters import ExampleFilter, FollowUpFilter
from evaluations.layouts import FormRow, rows_of
from evaluations.models import Evaluation, EvaluationForm, FollowUp
from evaluations.results import effect_by, may_read, results_for
from evaluations.serializers import (
    EffectQuery,
    EffectSerializer,
    EvaluationFormItemsSerializer,
    EvaluationFormSerializer,
    EvaluationSerializer,
    EvaluationYearQuery,
    EvaluationYearSerializer,
    ExampleSerializer,
    FollowUpSerializer,
    PlanEvaluationSerializer,
    ResultsSerializer,
    results_as_json,
)
from evaluations.services.evaluations import close_evaluation, plan_evaluation
from evaluations.services.yearly import by_course, year_of


class _Evaluations(GenericAPIView):
    queryset = Evaluation.objects.all()
    serializer_class: type[BaseSerializer[Any]] = EvaluationSerializer


@extend_schema_view(
    get=extend_schema(summary="The evaluations of classes, with how many forms came in"),
    post=extend_schema(
        summary="Plan the evaluation of a class",
        description="Sent again, it changes the days, and the form until it was shown.",
    ),
)
class EvaluationList(_Evaluations, ListCreateAPIView):
    input_serializer_class = PlanEvaluationSerializer
    permission_classes = (permit(get=RUN_READERS, post=RUN_MANAGERS),)
    ordering_fields = {"closes_on": "closes_on"}
    ordering = "-closes_on"

    def perform_create(self, serializer: Any) -> None:
        data = serializer.validated_data
        if not may_change(self.user, data["run"]):
            raise PermissionDenied
        form = data.pop("form", None) or EvaluationForm.objects.current().order_by("pk").first()
        if form is None:
            raise EvaluationError("no_form", _("No form has been published yet."))
        serializer.instance = plan_evaluation(by=self.actor, form=form, **data)


class _OneEvaluation(_Evaluations):
    lookup_fields = {"run": "run__code"}


@extend_schema_view(get=extend_schema(summary="The evaluation of one class"))
class EvaluationDetail(_OneEvaluation, RetrieveAPIView):
    permission_classes = (permit(get=RUN_READERS),)


@extend_schema_view(
    get=extend_schema(
        summary="What an evaluation says",
        description="Once it is closed; trainers read it when their class is closed too.",
    )
)
class EvaluationResults(_OneEvaluation):
    serializer_class = ResultsSerializer
    permission_classes = (permit(get=RUN_READERS),)

    def get(self, request: Request, run: str) -> Response:
        rows = self.get_row_queryset().select_related("run__course", "form")
        evaluation = rows.first()
        if evaluation is None:
            raise Http404
        if not may_read(self.user, evaluation):
            raise PermissionDenied
        return Response(results_as_json(results_for(self.user, evaluation)))


@extend_schema_view(
    post=extend_schema(
        summary="Close an evaluation: no more answers, and its results are worked out"
    )
)
class CloseEvaluation(_OneEvaluation, ActionAPIView):
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=RUN_MANAGERS), MayChangeRun)

    def perform_action(self, instance: Evaluation, **data: Any) -> None:
        close_evaluation(by=self.actor, evaluation=instance)


@extend_schema_view(get=extend_schema(summary="The forms of evaluations, in their newest version"))
class EvaluationFormList(ListAPIView):
    queryset = EvaluationForm.objects.current()
    serializer_class = EvaluationFormSerializer
    permission_classes = (permit(get=RUN_READERS),)
    ordering_fields = {"slug": "slug"}
    ordering = "slug"


@extend_schema_view(get=extend_schema(summary="What a form asks, and how its averages are called"))
class EvaluationFormDetail(GenericAPIView):
    queryset = EvaluationForm.objects.current()
    serializer_class = EvaluationFormItemsSerializer
    permission_classes = (permit(get=RUN_READERS),)
    lookup_fields = {"slug": "slug"}

    def get(self, request: Request, slug: str) -> Response:
        form = get_object_or_404(self.get_row_queryset())
        items = [_item_as_json(row) for row in rows_of(form)]
        return Response({"slug": form.slug, "version": form.version, "items": items})


def _item_as_json(row: FormRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "number": row.number,
        "text_vi": row.text_vi,
        "text_en": row.text_en,
        "subject": row.subject,
        "value": None if row.value is None else str(row.value),
    }


@extend_schema_view(
    get=extend_schema(
        summary="The year's share of evaluated classes, against the duty",
        description="With the mean index of each course, of the classes whose results are shown.",
    )
)
class EvaluationYear(GenericAPIView):
    serializer_class = EvaluationYearSerializer
    query_serializer_class = EvaluationYearQuery
    permission_classes = (permit(get=OVERSEERS),)

    def get(self, request: Request) -> Response:
        found = year_of(self.get_query().get("year") or clock.today().year)
        courses = [
            {
                "course": one.code,
                "classes": one.classes,
                "forms": one.forms,
                "index": str(one.index),
            }
            for one in by_course(Evaluation.objects.of_year(found.year))
        ]
        names = ("year", "classes", "evaluated", "percent", "duty", "is_met", "missing")
        return Response({name: getattr(found, name) for name in names} | {"courses": courses})


@extend_schema_view(
    get=extend_schema(
        summary="Questions about use at work, with their answers",
        description="One's own; the office and auditors: all. Figures are at `effect/`.",
    )
)
class FollowUpList(ListAPIView):
    queryset = FollowUp.objects.all()
    serializer_class = FollowUpSerializer
    permission_classes = (permit(get=OWN_OR_ALL_READERS),)
    filterset_class = FollowUpFilter
    ordering_fields = {"asked_at": "asked_at", "entered": "pk"}
    ordering = "-entered"

    def get_queryset(self) -> Any:
        return FollowUp.objects.with_words_for(self.user)


@extend_schema_view(
    get=extend_schema(
        summary="Published examples of use at work",
        description="In the words of the programme office, without the people.",
    )
)
class ExampleList(ListAPIView):
    queryset = FollowUp.objects.published()
    serializer_class = ExampleSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = ExampleFilter
    ordering_fields = {"entered": "pk"}
    ordering = "-entered"

    def get_queryset(self) -> Any:
        return FollowUp.objects.published()


_GROUPED_BY = {
    "course": "completion__run__course__code",
    "agency": "completion__sending_agency__slug",
    "respondent": "respondent",
}


@extend_schema_view(
    get=extend_schema(
        summary="What is used at work some months after the training",
        description=(
            "Coordinators see the answers about people whom their agencies sent, and what they say "
            "from five answers on."
        ),
    )
)
class Effect(GenericAPIView):
    queryset = FollowUp.objects.all()
    serializer_class = EffectSerializer
    query_serializer_class = EffectQuery
    permission_classes = (permit(get=PEOPLE_READERS),)

    def get(self, request: Request) -> Response:
        by = self.get_query()["by"]
        key = _GROUPED_BY[by]
        found = effect_by(key, FollowUp.objects.visible_to(self.user), self.user)
        groups = [{"key": row.pop(key), **row} for row in sorted(found, key=itemgetter(key))]
        return Response({"by": by, "groups": groups})


_EVALUATION = "evaluations/<str:run>/"
urlpatterns = [
    path("evaluations/", EvaluationList.as_view(), name="evaluations"),
    path(_EVALUATION, EvaluationDetail.as_view(), name="evaluation"),
    path(f"{_EVALUATION}results/", EvaluationResults.as_view(), name="evaluation_results"),
    path(f"{_EVALUATION}close/", CloseEvaluation.as_view(), name="close_evaluation"),
    path("evaluation-forms/", EvaluationFormList.as_view(), name="evaluation_forms"),
    path("evaluation-forms/<str:slug>/", EvaluationFormDetail.as_view(), name="evaluation_form"),
    path("evaluation-year/", EvaluationYear.as_view(), name="evaluation_year"),
    path("follow-ups/", FollowUpList.as_view(), name="follow_ups"),
    path("examples/", ExampleList.as_view(), name="examples"),
    path("effect/", Effect.as_view(), name="effect"),
]
