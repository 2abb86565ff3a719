"""Places, marks and results as the API gives and takes them."""

from typing import Any

from rest_framework import serializers

from agencies.choices import AgencyKind, Sector
from common.api import Strict
from courses.serializers import SessionChangeSerializer
from enrollment.choices import EnrollmentState, Evidence, Grade, Mark

MOST_MARKS = 5_000
LONGEST_REASON = 250


class EnrollmentSerializer(serializers.Serializer[Any]):
    run = serializers.CharField()
    trainee = serializers.CharField(help_text="The trainee code.")
    full_name = serializers.CharField()
    sending_agency = serializers.CharField()
    state = serializers.ChoiceField(choices=EnrollmentState.choices)
    state_since = serializers.DateTimeField()
    unit = serializers.CharField(allow_blank=True)
    position = serializers.CharField(allow_blank=True)
    remarks = serializers.CharField(allow_blank=True, help_text="What the agency noted.")
    withdrawal_reason = serializers.CharField(
        allow_blank=True, help_text="Why it was rejected, withdrawn or cancelled."
    )
    waiting_number = serializers.IntegerField(allow_null=True)
    score = serializers.CharField(allow_null=True, help_text="Of ten, as text.")
    recorded_at = serializers.DateTimeField()


class WarningSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=["time_clash", "prerequisite_missing"])
    message = serializers.CharField()


class EnrolledSerializer(EnrollmentSerializer):
    """A place that was given, with what speaks against it."""

    warnings = WarningSerializer(many=True)


class EnrollSerializer(Strict):
    """A person to nominate, or oneself to ask a place for."""

    run = serializers.CharField(max_length=40)
    trainee = serializers.CharField(max_length=11)
    sending_agency = serializers.CharField(max_length=50, required=False)
    unit = serializers.CharField(max_length=200, required=False)
    position = serializers.CharField(max_length=150, required=False)
    remarks = serializers.CharField(max_length=250, required=False)


class StepSerializer(Strict):
    """A step of a place; ``expected_state`` is refused with 409 where it is not so any more."""

    expected_state = serializers.ChoiceField(choices=EnrollmentState.choices, required=False)
    reason = serializers.CharField(max_length=200, required=False)


class AttendanceSerializer(serializers.Serializer[Any]):
    run = serializers.CharField()
    session = serializers.IntegerField(help_text="The number of the session.")
    trainee = serializers.CharField(help_text="The trainee code.")
    mark = serializers.ChoiceField(choices=Mark.choices)
    evidence = serializers.ChoiceField(choices=Evidence.choices)
    recorded_at = serializers.DateTimeField()


class MarkSerializer(Strict):
    session = serializers.IntegerField(min_value=0, max_value=32767)
    trainee = serializers.CharField(max_length=11)
    mark = serializers.ChoiceField(choices=Mark.choices)


class MarksSerializer(Strict):
    """Marks of one run, with what they rest on."""

    run = serializers.CharField(max_length=40)
    evidence = serializers.ChoiceField(choices=Evidence.choices)
    marks = serializers.ListField(child=MarkSerializer(), min_length=1, max_length=MOST_MARKS)


class RecordedSerializer(serializers.Serializer[Any]):
    recorded = serializers.IntegerField()


class CompletionSerializer(serializers.Serializer[Any]):
    run = serializers.CharField()
    course = serializers.CharField()
    trainee = serializers.CharField(help_text="The trainee code.")
    full_name = serializers.CharField()
    completed_on = serializers.DateField()
    periods = serializers.IntegerField()
    score = serializers.CharField(allow_null=True, help_text="Of ten, as text.")
    grade = serializers.ChoiceField(choices=Grade.choices)
    attendance_percent = serializers.IntegerField(allow_null=True)
    rule_met = serializers.CharField()
    evidence = serializers.ChoiceField(choices=Evidence.choices)
    sending_agency = serializers.CharField()
    agency_kind = serializers.ChoiceField(choices=AgencyKind.choices)
    sector = serializers.ChoiceField(choices=Sector.choices, allow_blank=True)
    recorded_at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField(allow_blank=True)


class PaperSerializer(Strict):
    """A past result on paper."""

    run = serializers.CharField(max_length=40)
    trainee = serializers.CharField(max_length=11)
    sending_agency = serializers.CharField(max_length=50)
    completed_on = serializers.DateField()
    score = serializers.DecimalField(
        max_digits=4, decimal_places=2, min_value=0, max_value=10, required=False
    )


class HeirSerializer(Strict):
    agency = serializers.CharField(max_length=50, help_text="The slug of the heir.")


class ReasonSerializer(Strict):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ClosingSerializer(serializers.Serializer[Any]):
    completed = serializers.IntegerField()
    not_completed = serializers.IntegerField()
    already = serializers.IntegerField()


class RunChangeSerializer(Strict):
    """What is not sent stays. The first day is moved, and places end, by deeds of their own."""

    capacity = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    enrollment = serializers.CharField(max_length=200, required=False, allow_blank=True)
    link = serializers.URLField(max_length=200, required=False, allow_blank=True)
    ends_on = serializers.DateField(required=False)
    enrollment_opens_on = serializers.DateField(required=False, allow_null=True)
    enrollment_closes_on = serializers.DateField(required=False, allow_null=True)


class AgreedSerializer(Strict):
    """A deed of which people are told."""

    agreed_recipients = serializers.IntegerField(
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text="Where more than ten people are told: how many, as somebody has seen.",
    )


class CancelSerializer(AgreedSerializer):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class SessionMoveSerializer(SessionChangeSerializer, AgreedSerializer):
    """What is not sent stays."""


class ToldSerializer(serializers.Serializer[Any]):
    told = serializers.IntegerField(help_text="How many people are told by mail.")
