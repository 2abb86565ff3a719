"""Courses, runs and sessions as the API shows and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.api.serializers import (
    KeyField,
    Row,
    RowSerializer,
    StrictModelSerializer,
    columns,
    example,
)
from courses.fields import CODE, CODE_PATTERN
from courses.models import Course, CourseRun, Session
from courses.querysets import CourseRunQuerySet
from courses.services import LONGEST_RUN

SEATS = {"min_value": 1, "max_value": 100_000}


def code_field(longest: int) -> serializers.RegexField:
    """A code of ours, refused in the same sentence as on the pages."""
    return serializers.RegexField(
        CODE_PATTERN, max_length=longest, error_messages={"invalid": CODE.message}
    )


def run_field(*, required: bool = True) -> KeyField:
    runs, scope = CourseRun.objects.all(), CourseRunQuerySet.visible_to
    return KeyField("code", queryset=runs, scope=scope, required=required)


@example(
    "A course",
    code="AI-101",
    title_vi="Trí tuệ nhân tạo căn bản",
    title_en="Foundations of AI",
    periods=16,
    days=2,
    delivery="in_person",
    minimum_attendance=80,
    minimum_score="5.00",
)
class CourseSerializer(RowSerializer):
    code = code_field(20)

    class Meta:
        model = Course
        fields = (
            "code", "title_vi", "title_en", "description_vi", "description_en", "periods", "days",
            "delivery", "minimum_attendance", "minimum_score", "grading", "approval", "is_offered",
            "competency_name", "competency_framework", "competency_url",
        )  # fmt: skip
        create_only_fields = ("code",)  # classes and results bear it
        extra_kwargs = {
            "description_vi": {"max_length": 10_000},
            "description_en": {"max_length": 10_000},
            "periods": {"min_value": 1, "max_value": 1_000},
            "days": {"min_value": 1, "max_value": 366},
            "minimum_attendance": {
                "min_value": 0,
                "max_value": 100,
                "help_text": "Percent of the time taught.",
            },
            "minimum_score": {"min_value": 0, "max_value": 10, "help_text": "Of ten, as text."},
        }


class RunSerializer(RowSerializer):
    course = serializers.CharField(source="course.code", help_text="The code of the course.")
    seats_left = serializers.SerializerMethodField()

    class Meta:
        model = CourseRun
        fields = (
            "code", "course", "state", "starts_on", "ends_on", "venue", "capacity", "seats_taken",
            "seats_left", "enrollment_opens_on", "enrollment_closes_on", "is_self_paced",
        )  # fmt: skip

    @columns("capacity", "seats_taken")
    def get_seats_left(self, row: Row) -> int:
        return int(row["capacity"] - row["seats_taken"])


@example(
    "A class of two days",
    course="AI-101",
    code="AI-101-01",
    starts_on="2027-01-04",
    ends_on="2027-01-05",
    capacity=40,
    sessions=4,
)
class OpenRunSerializer(StrictModelSerializer):
    """A run to open, its sessions spread over its days."""

    course = serializers.CharField(max_length=20)
    code = code_field(40)
    sessions = serializers.IntegerField(min_value=1, max_value=1_000, required=False)

    class Meta:
        model = CourseRun
        fields = (
            "course", "code", "starts_on", "ends_on", "capacity", "sessions", "venue",
            "is_self_paced",
        )  # fmt: skip
        extra_kwargs = {"capacity": SEATS}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["ends_on"] - attrs["starts_on"]).days > LONGEST_RUN:
            message = _("A class lasts at most %(days)s days.") % {"days": LONGEST_RUN}
            raise serializers.ValidationError({"ends_on": [message]})
        return attrs


class SessionSerializer(RowSerializer):
    run = serializers.CharField(source="run.code", help_text="The code of the run.")

    class Meta:
        model = Session
        fields = ("run", "number", "starts_at", "ends_at", "topic", "is_mandatory")


@example(
    "An afternoon",
    run="AI-101-01",
    starts_at="2027-01-04T13:30:00+07:00",
    ends_at="2027-01-04T16:30:00+07:00",
    topic="Mở đầu",
)
class NewSessionSerializer(StrictModelSerializer):
    run = run_field()

    class Meta:
        model = Session
        fields = ("run", "starts_at", "ends_at", "topic", "is_mandatory")


class SessionChangeSerializer(StrictModelSerializer):
    """What is not sent stays."""

    class Meta:
        model = Session
        fields: tuple[str, ...] = ("starts_at", "ends_at", "topic", "is_mandatory")
