"""Frameworks, what courses teach, and audiences, as the API shows them."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import RowSerializer
from competencies.models import Audience, CourseCompetency, Framework


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
