"""Learning units, questions and tests as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import (
    KeyField,
    Row,
    RowSerializer,
    StrictSerializer,
    columns,
    example,
)
from courses.models import Course, CourseRun
from learning.choices import Difficulty, UnitKind
from learning.models import Attempt, CourseTest, Question, UnitDone
from learning.querysets import courses_of_staff
from learning.sheets.drafts import write_answers

LONGEST_FILE = 1_000_000


class ShownUnitSerializer(serializers.Serializer[Any]):
    """A unit as one class sees it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=UnitKind.choices)
    title_vi = serializers.CharField()
    title_en = serializers.CharField()
    link = serializers.CharField(help_text="Blank: none.")
    is_required = serializers.BooleanField()
    is_of_class = serializers.BooleanField(help_text="Added by the class, not by its course.")
    visible_from = serializers.DateField(allow_null=True, help_text="null: from the beginning.")
    is_visible = serializers.BooleanField(help_text="Today, for the trainees of the class.")
    is_done = serializers.BooleanField(allow_null=True, help_text="null: you have no seat in it.")


class RunUnitsSerializer(serializers.Serializer[Any]):
    run = serializers.CharField()
    units = ShownUnitSerializer(many=True)


@example("Done", done=True)
class SetDoneSerializer(StrictSerializer):
    done = serializers.BooleanField(help_text="false takes the mark back.")


class UnitMarkSerializer(RowSerializer):
    run = serializers.CharField(source="enrollment.run.code")
    trainee = serializers.CharField(source="enrollment.trainee.code", help_text="The trainee code.")
    unit = serializers.IntegerField(source="unit_id")
    version = serializers.IntegerField(source="version.number")

    class Meta:
        model = UnitDone
        fields = ("run", "trainee", "unit", "version", "done_at")


class QuestionSerializer(RowSerializer):
    course = serializers.CharField(source="course.code")
    difficulty = serializers.ChoiceField(choices=Difficulty.choices)
    answers = serializers.SerializerMethodField(
        help_text="A line for each, Vietnamese | English; * marks what is right."
    )

    class Meta:
        model = Question
        fields = (
            "id", "course", "kind", "part", "difficulty", "text_vi", "text_en", "answers",
            "explanation_vi", "explanation_en",
        )  # fmt: skip

    @columns("kind", "answers")
    def get_answers(self, row: Row) -> str:
        return write_answers(row["kind"], row["answers"])


@example(
    "One question in Moodle's GIFT",
    course="AI-101",
    form="gift",
    content="Thủ đô của Việt Nam là {=Hà Nội ~Huế ~Đà Nẵng}",
)
class QuestionFileSerializer(StrictSerializer):
    course = KeyField("code", queryset=Course.objects.all(), scope=courses_of_staff)
    form = serializers.ChoiceField(choices=["gift", "xml"], help_text="Moodle's GIFT or XML.")
    content = serializers.CharField(max_length=LONGEST_FILE, help_text="The text of the file.")


class ImportedSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    already = serializers.IntegerField(help_text="Those that the bank had before.")


class QuestionExportQuery(serializers.Serializer[Any]):
    course = serializers.CharField(max_length=20)
    form = serializers.ChoiceField(choices=["xlsx", "gift", "xml"], default="xlsx")


class DrawSerializer(serializers.Serializer[Any]):
    part = serializers.CharField()
    difficulty = serializers.ChoiceField(choices=Difficulty.choices)
    count = serializers.IntegerField()


class CourseTestSerializer(RowSerializer):
    course = serializers.CharField(source="course.code")
    draws = DrawSerializer(many=True, help_text="How many questions from where.")
    is_withdrawn = serializers.SerializerMethodField()

    class Meta:
        model = CourseTest
        fields = (
            "id", "course", "title_vi", "title_en", "draws", "minutes", "attempts",
            "is_asked_before", "gives_score", "feedback", "is_withdrawn",
        )  # fmt: skip

    @columns("withdrawn_at")
    def get_is_withdrawn(self, row: Row) -> bool:
        return row["withdrawn_at"] is not None


class AttemptSerializer(RowSerializer):
    run = serializers.CharField(source="enrollment.run.code")
    trainee = serializers.CharField(source="enrollment.trainee.code", help_text="The trainee code.")
    test = serializers.IntegerField(source="test_id")
    score = serializers.SerializerMethodField(
        help_text="Of ten, as text; null: not handed in, or the test shows its takers nothing."
    )

    class Meta:
        model = Attempt
        fields = (
            "run", "trainee", "test", "stage", "number", "started_at", "finished_at", "score",
            "is_on_paper",
        )  # fmt: skip

    @columns("score_shown")
    def get_score(self, row: Row) -> str | None:
        score = row["score_shown"]
        return None if score is None else f"{score:.2f}"


class StatisticsQuery(serializers.Serializer[Any]):
    run = KeyField(
        "code", queryset=CourseRun.objects.all(), help_text="The class whose forms are looked at."
    )


class ItemSerializer(serializers.Serializer[Any]):
    question = serializers.IntegerField()
    answers = serializers.IntegerField()
    difficulty = serializers.FloatField(
        allow_null=True, help_text="The mean share of points: 1 is easiest; null: too few answers."
    )
    discrimination = serializers.FloatField(
        allow_null=True, help_text="By how much the best did better than the weakest."
    )


class StatisticsSerializer(serializers.Serializer[Any]):
    run = serializers.CharField()
    test = serializers.IntegerField()
    people = serializers.IntegerField(help_text="With both tests, before and after.")
    mean_before = serializers.FloatField(allow_null=True)
    mean_after = serializers.FloatField(allow_null=True)
    gain = serializers.FloatField(allow_null=True)
    items = ItemSerializer(many=True)
