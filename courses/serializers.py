"""Courses, runs and sessions as the API gives and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.api import Strict
from courses.choices import ApprovalPolicy, Delivery, GradingScale, RunState
from courses.fields import CODE, CODE_PATTERN
from courses.services import LONGEST_RUN


def code_field(longest: int) -> serializers.RegexField:
    """A code of ours, refused in the same sentence as on the pages."""
    return serializers.RegexField(
        CODE_PATTERN, max_length=longest, error_messages={"invalid": CODE.message}
    )


class CourseSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title_vi = serializers.CharField()
    title_en = serializers.CharField(allow_blank=True)
    description_vi = serializers.CharField(allow_blank=True)
    description_en = serializers.CharField(allow_blank=True)
    periods = serializers.IntegerField()
    days = serializers.IntegerField()
    delivery = serializers.ChoiceField(choices=Delivery.choices)
    minimum_attendance = serializers.IntegerField(help_text="Percent of the time taught.")
    minimum_score = serializers.CharField(allow_null=True, help_text="Of ten, as text.")
    grading = serializers.ChoiceField(choices=GradingScale.choices)
    approval = serializers.ChoiceField(choices=ApprovalPolicy.choices)
    is_offered = serializers.BooleanField()


class RunSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    course = serializers.CharField(help_text="The code of the course.")
    state = serializers.ChoiceField(choices=RunState.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    venue = serializers.CharField(allow_blank=True)
    capacity = serializers.IntegerField()
    seats_taken = serializers.IntegerField()
    seats_left = serializers.IntegerField()
    enrollment_opens_on = serializers.DateField(allow_null=True)
    enrollment_closes_on = serializers.DateField(allow_null=True)


class SessionSerializer(serializers.Serializer[Any]):
    run = serializers.CharField(help_text="The code of the run.")
    number = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    topic = serializers.CharField(allow_blank=True)
    is_mandatory = serializers.BooleanField()


class CourseChangeSerializer(Strict):
    """What is not sent stays. The code stays in any case: classes and results bear it."""

    title_vi = serializers.CharField(max_length=250, required=False)
    title_en = serializers.CharField(max_length=250, required=False, allow_blank=True)
    description_vi = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    description_en = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    periods = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    days = serializers.IntegerField(min_value=1, max_value=366, required=False)
    delivery = serializers.ChoiceField(choices=Delivery.choices, required=False)
    minimum_attendance = serializers.IntegerField(min_value=0, max_value=100, required=False)
    minimum_score = serializers.DecimalField(
        max_digits=4, decimal_places=2, min_value=0, max_value=10, required=False, allow_null=True
    )
    grading = serializers.ChoiceField(choices=GradingScale.choices, required=False)
    approval = serializers.ChoiceField(choices=ApprovalPolicy.choices, required=False)
    is_offered = serializers.BooleanField(required=False)


class NewCourseSerializer(CourseChangeSerializer):
    code = code_field(20)
    title_vi = serializers.CharField(max_length=250)
    periods = serializers.IntegerField(min_value=1, max_value=1_000)
    delivery = serializers.ChoiceField(choices=Delivery.choices)


class OpenRunSerializer(Strict):
    """A run to open, its sessions spread over its days."""

    course = serializers.CharField(max_length=20)
    code = code_field(40)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    capacity = serializers.IntegerField(min_value=1, max_value=100_000)
    sessions = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    venue = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The service refuses it too; here the field is named."""
        if (attrs["ends_on"] - attrs["starts_on"]).days > LONGEST_RUN:
            message = _("A class lasts at most %(days)s days.") % {"days": LONGEST_RUN}
            raise serializers.ValidationError({"ends_on": [message]})
        return attrs


class NewSessionSerializer(Strict):
    run = serializers.CharField(max_length=40)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    topic = serializers.CharField(max_length=250, required=False, allow_blank=True)
    is_mandatory = serializers.BooleanField(required=False)


class SessionChangeSerializer(Strict):
    """What is not sent stays."""

    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    topic = serializers.CharField(max_length=250, required=False, allow_blank=True)
    is_mandatory = serializers.BooleanField(required=False)
