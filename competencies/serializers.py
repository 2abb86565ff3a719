"""Frameworks, what courses teach, and audiences, as the API shows them."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import RowSerializer, StrictSerializer
from competencies.layouts import AudienceRow
from competencies.models import Audience, CourseCompetency, Framework
from competencies.services.audiences import LISTS

CELLS = (*LISTS, "courses", "competencies")


def _list(help_text: str) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), default=list, help_text=help_text)


class FrameworkSerializer(RowSerializer):
    class Meta:
        model = Framework
        fields = (
            "slug", "version", "title_vi", "title_en", "source", "url", "recorded_at", "adopted_at",
        )  # fmt: skip


class CourseCompetencySerializer(RowSerializer):
    course = serializers.CharField(source="course.code")
    framework = serializers.CharField(source="competency.framework.slug")
    competency = serializers.CharField(source="competency.code")
    name_vi = serializers.CharField(source="competency.name_vi")
    name_en = serializers.CharField(source="competency.name_en")
    level = serializers.IntegerField(source="level.number")

    class Meta:
        model = CourseCompetency
        fields = (
            "course", "framework", "competency", "name_vi", "name_en", "level", "first_day",
            "last_day",
        )  # fmt: skip


class AudienceSerializer(RowSerializer):
    class Meta:
        model = Audience
        fields = ("slug", "title_vi", "title_en", "is_in_use")


class AudienceRowSerializer(StrictSerializer):
    """A row of ``audiences.xlsx``, in which each list is a cell."""

    slug = serializers.CharField(allow_blank=True)
    title_vi = serializers.CharField(allow_blank=True)
    title_en = serializers.CharField(allow_blank=True, default="")
    positions = _list("Words of a position, any of which it contains.")
    positions_not = _list("Words of a position, none of which it contains.")
    units = _list("Words of a unit, any of which it contains.")
    agency_kinds = _list("As in `agencies/`.")
    trainee_kinds = _list("As in `trainees/`.")
    courses = _list("Codes.")
    competencies = _list("framework:code:level, as `ai:A1:2`.")

    def to_row(self, number: int, values: dict[str, Any]) -> AudienceRow:
        cells = ("; ".join(values[name]) for name in CELLS)
        titles = values["title_vi"], values["title_en"]
        return AudienceRow(values["slug"], *titles, *cells, row=number)


class AudienceTableSerializer(StrictSerializer):
    audiences = AudienceRowSerializer(many=True, allow_empty=False)

    def rows(self) -> list[AudienceRow]:
        """Numbered from 1, by which errors name them."""
        row = AudienceRowSerializer()
        return [
            row.to_row(number, values)
            for number, values in enumerate(self.validated_data["audiences"], start=1)
        ]


class ImportedAudiencesSerializer(serializers.Serializer[Any]):
    entered = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class UntrainedQuery(serializers.Serializer[Any]):
    as_of = serializers.DateField(required=False, help_text="Today.")


class AgencyPartSerializer(serializers.Serializer[Any]):
    agency = serializers.CharField()
    members = serializers.IntegerField()
    trained = serializers.IntegerField()
    untrained = serializers.IntegerField()


class UntrainedSerializer(serializers.Serializer[Any]):
    audience = serializers.CharField()
    as_of = serializers.DateField()
    positions = serializers.ListField(child=serializers.CharField())
    positions_not = serializers.ListField(child=serializers.CharField())
    units = serializers.ListField(child=serializers.CharField())
    agency_kinds = serializers.ListField(child=serializers.CharField())
    trainee_kinds = serializers.ListField(child=serializers.CharField())
    requirements = serializers.ListField(
        child=serializers.CharField(), help_text="Courses and competencies, in words."
    )
    agencies = AgencyPartSerializer(many=True)
