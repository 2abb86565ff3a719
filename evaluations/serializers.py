"""Evaluations and the effect after training, as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import KeyField, RowSerializer, StrictSerializer, example
from courses.serializers import run_field
from evaluations.models import Evaluation, EvaluationForm
from evaluations.results import Average, Results


class EvaluationSerializer(RowSerializer):
    run = serializers.CharField(source="run.code")
    course = serializers.CharField(source="run.course.code")
    form = serializers.CharField(source="form.slug")
    form_version = serializers.IntegerField(source="form.version")

    class Meta:
        model = Evaluation
        fields = (
            "run", "course", "form", "form_version", "opens_on", "closes_on", "closed_at",
            "valid_online", "invalid_online", "valid_paper", "invalid_paper",
        )  # fmt: skip


@example("From the last day of the class", run="AI-101-01")
class PlanEvaluationSerializer(StrictSerializer):
    run = run_field()
    form = KeyField(
        "slug",
        queryset=EvaluationForm.objects.current(),
        required=False,
        help_text="Its newest version; without one the form of the circular.",
    )
    opens_on = serializers.DateField(required=False, help_text="The last day of the class.")
    closes_on = serializers.DateField(required=False)


class AverageSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(help_text="Of the group, criterion or indicator.")
    text = serializers.CharField()
    trainer = serializers.CharField(help_text="Whom it is about; blank: nobody.")
    answers = serializers.IntegerField(help_text="Of an indicator; else 0.")
    average = serializers.CharField(allow_null=True, help_text="As text; null: hidden.")
    level = serializers.CharField()


class ResultsSerializer(serializers.Serializer[Any]):
    run = serializers.CharField()
    valid = serializers.IntegerField()
    invalid = serializers.IntegerField()
    index = serializers.CharField(allow_null=True, help_text="As text; null: hidden.")
    level = serializers.CharField()
    groups = AverageSerializer(many=True)
    criteria = AverageSerializer(many=True)
    indicators = AverageSerializer(many=True)


def results_as_json(results: Results) -> dict[str, Any]:
    groups, criteria, indicators = [], [], []
    for section in results.sections:
        about = str(section.section.trainer or "")
        groups.append(_average(section.section.group, about, section.average))
        for criterion in section.criteria:
            criteria.append(_average(criterion.criterion.item, about, criterion.average))
            indicators += [
                _average(one.prompt.item, about, one.average) for one in criterion.indicators
            ]
    evaluation, index = results.evaluation, results.index
    return {
        "run": evaluation.run.code,
        "valid": evaluation.valid,
        "invalid": evaluation.invalid,
        "index": None if index.value is None else str(index.value),
        "level": index.level,
        "groups": groups,
        "criteria": criteria,
        "indicators": indicators,
    }


def _average(item: Any, trainer: str, average: Average) -> dict[str, Any]:
    return {
        "number": item.number,
        "text": item.text,
        "trainer": trainer,
        "answers": average.answers,
        "average": None if average.value is None else str(average.value),
        "level": average.level,
    }


class EffectQuery(serializers.Serializer[Any]):
    by = serializers.ChoiceField(
        choices=["course", "agency", "respondent"], default="course", help_text="The groups."
    )


class EffectGroupSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="Code of the course, slug of the agency, or who.")
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    uses_it = serializers.IntegerField(help_text="Regularly or sometimes.")
    with_example = serializers.IntegerField()


class EffectSerializer(serializers.Serializer[Any]):
    by = serializers.CharField()
    groups = EffectGroupSerializer(many=True)
