"""Evaluations and the effect after training, as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import KeyField, RowSerializer, StrictSerializer, example
from courses.serializers import run_field
from evaluations.models import Evaluation, EvaluationForm, FollowUp
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


class EvaluationFormSerializer(RowSerializer):
    class Meta:
        model = EvaluationForm
        fields = (
            "slug", "version", "title_vi", "title_en", "legal_basis", "most_unanswered",
            "least_forms", "days_open", "yearly_share", "recorded_at",
        )  # fmt: skip


class FormItemSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="Of an item, or “level”.")
    number = serializers.CharField(help_text="Blank: of a level.")
    text_vi = serializers.CharField()
    text_en = serializers.CharField()
    subject = serializers.CharField(help_text="Of groups and questions; else blank.")
    value = serializers.CharField(
        allow_null=True, help_text="The weight of a group, the bound below which a level lies."
    )


class EvaluationFormItemsSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    version = serializers.IntegerField()
    items = FormItemSerializer(many=True)


class EvaluationYearQuery(serializers.Serializer[Any]):
    year = serializers.IntegerField(
        required=False, min_value=2000, max_value=2200, help_text="This year."
    )


class CourseIndexSerializer(serializers.Serializer[Any]):
    course = serializers.CharField()
    classes = serializers.IntegerField()
    forms = serializers.IntegerField()
    index = serializers.CharField(help_text="The mean index of its classes, as text.")


class EvaluationYearSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    classes = serializers.IntegerField(help_text="That have ended.")
    evaluated = serializers.IntegerField(help_text="With at least one valid form.")
    percent = serializers.IntegerField(help_text="Rounded down.")
    duty = serializers.IntegerField(help_text="Percent that are to be evaluated at least.")
    is_met = serializers.BooleanField()
    missing = serializers.IntegerField(help_text="Classes that have still to be evaluated.")
    courses = CourseIndexSerializer(many=True)


class FollowUpSerializer(RowSerializer):
    run = serializers.CharField(source="completion.run.code")
    trainee = serializers.CharField(source="completion.trainee.code")
    agency = serializers.CharField(source="completion.sending_agency.slug")

    class Meta:
        model = FollowUp
        fields = (
            "run", "trainee", "agency", "months", "respondent", "asked_at", "closes_on",
            "reminders", "answered_at", "use", "what", "obstacle", "example", "link",
            "may_publish", "example_state",
        )  # fmt: skip


class ExampleSerializer(RowSerializer):
    course = serializers.CharField(source="completion.run.course.code")
    title = serializers.CharField(source="public_title")
    text = serializers.CharField(source="public_text")
    published_at = serializers.DateTimeField(source="decided_at")

    class Meta:
        model = FollowUp
        fields = ("course", "title", "text", "published_at")


class EffectQuery(serializers.Serializer[Any]):
    by = serializers.ChoiceField(
        choices=["course", "agency", "respondent"], default="course", help_text="The groups."
    )


class EffectGroupSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="Code of the course, slug of the agency, or who.")
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    uses_it = serializers.IntegerField(
        allow_null=True,
        help_text="Regularly or sometimes; null where a coordinator would learn single answers.",
    )
    with_example = serializers.IntegerField(allow_null=True, help_text="As ``uses_it``.")


class EffectSerializer(serializers.Serializer[Any]):
    by = serializers.CharField()
    groups = EffectGroupSerializer(many=True)
