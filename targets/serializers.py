"""The number and what was promised, as the API gives them."""

from typing import Any

from rest_framework import serializers

from common.api import Strict
from counting.replay import GroupBy
from targets.choices import QuotaState, ValueState


class RuleSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    adopted_on = serializers.DateField()
    sentence = serializers.CharField(help_text="In the reader's language.")


class TargetSerializer(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    minimum = serializers.IntegerField()
    legal_basis = serializers.CharField(help_text="The decision that sets it, where known.")


class MilestoneSerializer(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    minimum = serializers.IntegerField()
    persons = serializers.IntegerField(help_text="Counted by the due day, or by as_of if earlier.")
    met = serializers.BooleanField()
    met_on = serializers.DateField(allow_null=True)


class SectorsSerializer(serializers.Serializer[Any]):
    state_agency = serializers.IntegerField()
    state_corporation = serializers.IntegerField()


class GroupSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    persons = serializers.IntegerField()
    completions = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    as_of = serializers.DateField()
    known_as_of = serializers.CharField(help_text="A day (its end), or an instant.")
    rule = RuleSerializer(allow_null=True)
    persons = serializers.IntegerField(help_text="Distinct people (người).")
    completions = serializers.IntegerField(help_text="Qualifying completions (lượt).")
    by_sector = SectorsSerializer()
    targets = MilestoneSerializer(many=True)
    groups = GroupSerializer(many=True)


class ProgressQuery(Strict):
    as_of = serializers.DateField(required=False)
    known_as_of = serializers.DateField(required=False)
    by = serializers.ChoiceField(choices=[str(by) for by in GroupBy], required=False)
    as_it_is_today = serializers.BooleanField(required=False, default=False)


class ExplainQuery(Strict):
    as_of = serializers.DateField(required=False)
    known_as_of = serializers.DateField(required=False)


class CountedCompletionSerializer(serializers.Serializer[Any]):
    course = serializers.CharField()
    title = serializers.CharField()
    run = serializers.CharField()
    trainee = serializers.CharField(help_text="The row that it was recorded for.")
    completed_on = serializers.DateField()
    recorded_at = serializers.CharField()
    periods = serializers.IntegerField()
    evidence = serializers.CharField()
    rule_met = serializers.CharField()


class CreditedSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    sector = serializers.CharField()
    kind = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(help_text="In the reader's language.")
    run = serializers.CharField(allow_null=True)
    completed_on = serializers.DateField(allow_null=True)


class ExplanationSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    merged_into = serializers.CharField(allow_null=True)
    counted = serializers.BooleanField()
    as_of = serializers.DateField()
    known_as_of = serializers.CharField()
    rule = RuleSerializer(allow_null=True)
    since = serializers.DateField(allow_null=True)
    completion = CountedCompletionSerializer(allow_null=True)
    credited_to = CreditedSerializer(allow_null=True)
    reasons = ReasonSerializer(many=True, help_text="What is missing; empty for who counts.")


class NamedSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Trainee code.")
    run = serializers.CharField(help_text="Code of the class by which it happened.")


class StepReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    count = serializers.IntegerField(help_text="Below 0: the step is smaller by so many.")
    people = NamedSerializer(many=True, help_text="Once for each class by which it happened.")


class StepSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    count = serializers.IntegerField()
    difference = serializers.IntegerField()
    reasons = StepReasonSerializer(many=True)


class FindingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ReconciliationSerializer(serializers.Serializer[Any]):
    rule = RuleSerializer(allow_null=True)
    steps = StepSerializer(many=True)
    unexplained = FindingSerializer(many=True)
    ok = serializers.BooleanField()


class IndicatorSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    unit = serializers.CharField()
    title_vi = serializers.CharField()
    title_en = serializers.CharField(allow_blank=True)
    targets = TargetSerializer(many=True)


class ReportSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Last day and version: 2024-12-31-v1.")
    indicator = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    version = serializers.IntegerField()
    number = serializers.CharField(help_text="Number and symbol of the letter.")
    persons = serializers.IntegerField(help_text="Distinct people (người) up to ends_on.")
    new_persons = serializers.IntegerField(help_text="First counted within the period.")
    completions = serializers.IntegerField(help_text="Qualifying completions (lượt).")
    rule = serializers.IntegerField(help_text="Version of the counting rule.")
    names_sha256 = serializers.CharField(help_text="Of the frozen list.")
    signed_by = serializers.CharField()
    known_as_of = serializers.DateTimeField(help_text="Records believed up to.")
    signed_at = serializers.DateTimeField()
    reopened_at = serializers.DateTimeField(allow_null=True)
    reopen_reason = serializers.CharField(allow_blank=True)


class MeasureQuery(Strict):
    as_of = serializers.DateField(required=False)
    known_as_of = serializers.DateField(required=False)


class PercentTargetSerializer(TargetSerializer):
    percent = serializers.FloatField(
        allow_null=True, help_text="By the due day, or by as_of if earlier."
    )
    met = serializers.BooleanField()


class MeasureSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    as_of = serializers.DateField()
    known_as_of = serializers.CharField(help_text="A day (its end), or an instant.")
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True, help_text="Null where nothing was reported.")
    agencies = serializers.IntegerField(help_text="How many agencies' latest values it adds up.")
    targets = PercentTargetSerializer(many=True)


class ValueSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    agency = serializers.CharField()
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    measured_on = serializers.DateField()
    remark = serializers.CharField()
    evidence_sha256 = serializers.CharField(help_text="Of the evidence file.")
    state = serializers.ChoiceField(choices=ValueState.choices)
    submitted_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()


class QuotaSerializer(serializers.Serializer[Any]):
    target = serializers.DateField(help_text="The due day of the target that it is a part of.")
    agency = serializers.CharField()
    minimum = serializers.IntegerField()
    persons = serializers.IntegerField(help_text="People (người) credited to the agency today.")
    due_on = serializers.DateField()
    last_year = serializers.IntegerField(help_text="First counted in the last 365 days.")
    expected = serializers.IntegerField(help_text="By the deadline, at the pace of that year.")
    state = serializers.ChoiceField(choices=QuotaState.choices)
    lead_unit = serializers.CharField()
    cooperating_units = serializers.CharField()


class TaskSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    agency = serializers.CharField()
    title = serializers.CharField()
    due_on = serializers.DateField()
    responsible_unit = serializers.CharField()
    cooperating_units = serializers.CharField()
    done_on = serializers.DateField(allow_null=True)


class FigureSerializer(serializers.Serializer[Any]):
    persons = serializers.IntegerField(help_text="Distinct people (người).")
    completions = serializers.IntegerField(help_text="Qualifying completions (lượt).")


class AdjustmentSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    persons = serializers.IntegerField(help_text="+1, 0 or -1.")
    trainee = serializers.CharField(help_text="Trainee code.")
    detail = serializers.CharField(help_text="In the reader's language.")


class AdjustmentsSerializer(serializers.Serializer[Any]):
    report = serializers.CharField()
    rule = serializers.IntegerField(help_text="The version that was signed; both figures use it.")
    signed = FigureSerializer()
    now = FigureSerializer()
    persons = serializers.IntegerField(help_text="now minus signed: the sum of the adjustments.")
    completions = serializers.IntegerField(help_text="now minus signed.")
    adjustments = AdjustmentSerializer(many=True)
