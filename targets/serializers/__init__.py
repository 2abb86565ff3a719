from functools import cached_property
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers

from certificates.models import Signer
from common.api.serializers import Row, RowSerializer, StrictSerializer, columns
from counting.models import Indicator
from counting.replay import GroupBy
from counting.serializers import AsOfQuery, CountingRuleSerializer
from jobs.serializers import JobSerializer
from targets.choices import QuotaState
from targets.models import PeriodReport, Target
from targets.services.reports import RECIPIENTS


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


class ProgressGroupSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    persons = serializers.IntegerField()
    completions = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    as_of = serializers.DateField()
    known_as_of = serializers.CharField(help_text="A day (its end), or an instant.")
    rule = CountingRuleSerializer(allow_null=True)
    persons = serializers.IntegerField(help_text="Distinct people (người).")
    completions = serializers.IntegerField(help_text="Qualifying completions (lượt).")
    by_sector = SectorsSerializer()
    targets = MilestoneSerializer(many=True)
    groups = ProgressGroupSerializer(many=True)


class ProgressQuery(AsOfQuery):
    by = serializers.ChoiceField(
        choices=[str(by) for by in GroupBy],
        required=False,
        help_text="Split the number into groups.",
    )
    as_it_is_today = serializers.BooleanField(
        required=False, default=False, help_text="Roll agencies up to those of today."
    )


class CountedPersonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Trainee code.")
    run = serializers.CharField(help_text="Code of the class by which it happened.")


class ReconciliationReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    count = serializers.IntegerField(help_text="Below 0: the step is smaller by so many.")
    people = CountedPersonSerializer(
        many=True,
        help_text="Once for each class by which it happened; the first 1,000. The page has all.",
    )


class ReconciliationStepSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    count = serializers.IntegerField()
    difference = serializers.IntegerField()
    reasons = ReconciliationReasonSerializer(many=True)


class FindingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class OtherDaySerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Trainee code.")
    run = serializers.CharField()
    completed_on = serializers.DateField()
    reason = serializers.CharField()
    document = serializers.CharField()


class QualityFigureSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    persons = serializers.IntegerField(allow_null=True)
    completions = serializers.IntegerField(allow_null=True)


class QualitySerializer(serializers.Serializer[Any]):
    as_of = serializers.DateField()
    known_as_of = serializers.CharField()
    rule = CountingRuleSerializer(allow_null=True)
    persons = serializers.IntegerField()
    completions = serializers.IntegerField()
    doubles = QualityFigureSerializer(many=True)
    evidence = QualityFigureSerializer(many=True)
    trainee_kinds = QualityFigureSerializer(
        many=True, help_text="Officials, experts, and of whom it is not known; adds up."
    )
    minimum_periods = QualityFigureSerializer(many=True)
    cautions = QualityFigureSerializer(many=True)


class ReconciliationSerializer(serializers.Serializer[Any]):
    known_as_of = serializers.CharField(
        allow_null=True, help_text="When it was computed, every night; null: never yet."
    )
    is_stale = serializers.BooleanField(help_text="The last night was missed.")
    job = JobSerializer(allow_null=True, help_text="The job that computes it anew, if any.")
    rule = CountingRuleSerializer(allow_null=True)
    steps = ReconciliationStepSerializer(many=True)
    outside_class_days = OtherDaySerializer(
        many=True, help_text="Completed on another day than the class's own."
    )
    unexplained = FindingSerializer(many=True)
    ok = serializers.BooleanField(allow_null=True)


class IndicatorSerializer(RowSerializer):
    targets = serializers.SerializerMethodField()

    class Meta:
        model = Indicator
        fields = ("slug", "unit", "title_vi", "title_en", "targets")

    @extend_schema_field(TargetSerializer(many=True))
    @columns("pk")
    def get_targets(self, row: Row) -> list[Any]:
        return self._targets.get(row["pk"], [])

    @cached_property
    def _targets(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for target in Target.objects.current().order_by("due_on"):
            found.setdefault(target.indicator_id, []).append(TargetSerializer(target).data)
        return found


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A half-year",
            value={
                "starts_on": "2024-07-01", "ends_on": "2024-12-31", "agreed_persons": 128,
                "number": "12/BC-BKHCN", "dated": "2025-01-10", "signer": 1,
            },
            request_only=True,
        )
    ]
)  # fmt: skip
class SignOffSerializer(StrictSerializer):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    agreed_persons = serializers.IntegerField(
        min_value=0, help_text="The figure that the signer saw; any other is refused."
    )
    number = serializers.CharField(max_length=60, help_text="Number and symbol of the report.")
    dated = serializers.DateField()
    signer = serializers.PrimaryKeyRelatedField(queryset=Signer.objects.all())
    recipients = serializers.CharField(
        max_length=1000, default=RECIPIENTS, help_text="One on each line."
    )
    signed_here = serializers.BooleanField(
        default=True, help_text="Sign the PDF with the key of this server."
    )
    acknowledged = serializers.BooleanField(
        default=False, help_text="That open points of the checklist were looked at."
    )


class ReportSerializer(RowSerializer):
    code = serializers.SerializerMethodField(help_text="Last day and version: 2024-12-31-v1.")
    indicator = serializers.CharField(source="indicator.slug")
    rule = serializers.IntegerField(
        source="rule.version", help_text="Version of the counting rule."
    )

    class Meta:
        model = PeriodReport
        fields = (
            "code", "indicator", "starts_on", "ends_on", "version", "number", "persons",
            "new_persons", "completions", "rule", "names_sha256", "pack_sha256",
            "signed_by", "known_as_of", "signed_at", "reopened_at", "reopen_reason",
        )  # fmt: skip
        extra_kwargs = {
            "number": {"help_text": "Number and symbol of the letter."},
            "persons": {"help_text": "Distinct people (người) up to ends_on."},
            "new_persons": {"help_text": "First counted within the period."},
            "completions": {"help_text": "Qualifying completions (lượt)."},
            "names_sha256": {"help_text": "Of the frozen list."},
            "pack_sha256": {"help_text": "Of the evidence pack, as printed; empty before 1.1."},
            "known_as_of": {"help_text": "Records believed up to."},
        }

    @columns("ends_on", "version")
    def get_code(self, row: Row) -> str:
        return f"{row['ends_on']}-v{row['version']}"


class PlanStepSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    persons = serializers.IntegerField()


class QuotaSerializer(serializers.Serializer[Any]):
    target = serializers.DateField(
        source="quota.target.due_on", help_text="The due day of the target that it is a part of."
    )
    agency = serializers.CharField(source="quota.agency.slug")
    minimum = serializers.IntegerField(source="quota.minimum")
    persons = serializers.IntegerField(help_text="People (người) credited to the agency today.")
    due_on = serializers.DateField()
    steps = PlanStepSerializer(source="quota.plan", many=True, help_text="The last is the quota.")
    last_year = serializers.IntegerField(help_text="First counted in the last 365 days.")
    expected = serializers.IntegerField(help_text="By the deadline, at the pace of that year.")
    state = serializers.ChoiceField(choices=QuotaState.choices)
    lead_unit = serializers.CharField(source="quota.lead_unit")
    cooperating_units = serializers.CharField(source="quota.cooperating_units")


class YearSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    planned = serializers.IntegerField(allow_null=True)
    actual = serializers.IntegerField(allow_null=True)


class AudiencePlanSerializer(serializers.Serializer[Any]):
    audience = serializers.CharField(help_text="Its short name.")
    plan = PlanStepSerializer(many=True)
    planned = serializers.IntegerField(help_text="By as_of.")
    persons = serializers.IntegerField(help_text="Of the audience, counted by as_of.")


class AgencyPlanSerializer(serializers.Serializer[Any]):
    agency = serializers.CharField()
    target = serializers.DateField()
    as_of = serializers.DateField()
    plan = PlanStepSerializer(many=True)
    planned = serializers.IntegerField(help_text="By as_of.")
    persons = serializers.IntegerField(help_text="People (người) credited by as_of.")
    behind = serializers.IntegerField(help_text="How many are missing against the plan.")
    next_step = PlanStepSerializer(allow_null=True)
    people_per_quarter = serializers.IntegerField(help_text="Up to the next step.")
    seats_per_quarter = serializers.IntegerField(allow_null=True)
    runs_per_quarter = serializers.IntegerField(allow_null=True)
    years = YearSerializer(many=True)
    audiences = AudiencePlanSerializer(many=True)


class RoadMapSerializer(serializers.Serializer[Any]):
    agencies = AgencyPlanSerializer(many=True)


class RangeSerializer(serializers.Serializer[Any]):
    quarter = serializers.DateField(help_text="Last day of the quarter.")
    low = serializers.FloatField()
    expected = serializers.FloatField()
    high = serializers.FloatField()


class TriedSerializer(RangeSerializer):
    ahead = serializers.IntegerField(help_text="How many quarters before it was asked.")
    truth = serializers.IntegerField(help_text="The total at the end of the quarter.")
    held = serializers.BooleanField()


class ForecastSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateField()
    due_on = serializers.DateField()
    minimum = serializers.IntegerField()
    persons = serializers.IntegerField(help_text="Distinct people (người) counted so far.")
    enough = serializers.BooleanField(help_text="False under four whole quarters of data.")
    quarters = serializers.IntegerField(help_text="Whole quarters of data.")
    reached_on = serializers.DateField(allow_null=True)
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True)
    people_per_quarter = serializers.IntegerField()
    seats_per_quarter = serializers.IntegerField(
        allow_null=True, help_text="Null where too few classes show what a seat brings."
    )
    runs_per_quarter = serializers.IntegerField(allow_null=True)
    questions = serializers.IntegerField(help_text="Past forecasts of one to four quarters.")
    held = serializers.IntegerField(help_text="In how many of them the range held the truth.")
    ahead = RangeSerializer(many=True)
    tried = TriedSerializer(many=True)


class FigureSerializer(serializers.Serializer[Any]):
    persons = serializers.IntegerField(help_text="Distinct people (người).")
    completions = serializers.IntegerField(help_text="Qualifying completions (lượt).")


class CreditSerializer(serializers.Serializer[Any]):
    since = serializers.DateField()
    agency = serializers.CharField()
    agency_name = serializers.CharField()
    kind = serializers.CharField()
    sector = serializers.CharField()
    run = serializers.CharField()


class AdjustmentSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    persons = serializers.IntegerField(help_text="+1, 0 or -1.")
    trainee = serializers.CharField(help_text="Trainee code.")
    detail = serializers.CharField(help_text="In the reader's language.")
    before = CreditSerializer(allow_null=True, help_text="As signed; null: was not counted.")
    after = CreditSerializer(allow_null=True, help_text="As now; null: is not counted.")


class CompletionChangeSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    completions = serializers.IntegerField(help_text="+1 or -1.")
    trainee = serializers.CharField(help_text="Trainee code.")
    detail = serializers.CharField(help_text="In the reader's language.")
    credit = CreditSerializer()


class AdjustmentsSerializer(serializers.Serializer[Any]):
    report = serializers.CharField()
    rule = serializers.IntegerField(help_text="The version that was signed; both figures use it.")
    signed = FigureSerializer()
    now = FigureSerializer()
    persons = serializers.IntegerField(help_text="now minus signed: the sum of the adjustments.")
    completions = serializers.IntegerField(help_text="now minus signed.")
    adjustments = AdjustmentSerializer(many=True)
    completion_changes = CompletionChangeSerializer(many=True)
