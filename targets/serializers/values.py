"""What the API says of the indicators that agencies report."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import RowSerializer
from targets.models import IndicatorValue
from targets.serializers import TargetSerializer


class PercentTargetSerializer(TargetSerializer):
    percent = serializers.FloatField(
        allow_null=True, help_text="By the due day, or by as_of if earlier."
    )
    percent_of_all = serializers.FloatField(allow_null=True)
    met = serializers.BooleanField(help_text="Among all who have to report.")
    met_by_reported = serializers.BooleanField(help_text="Among those that reported.")


class ReportingBaseSerializer(serializers.Serializer[Any]):
    expected = serializers.IntegerField(help_text="Agencies that have to report.")
    reported = serializers.IntegerField(help_text="Those of them whose accepted values count.")
    waiting = serializers.IntegerField(help_text="Reported, not decided on yet.")
    silent = serializers.IntegerField(help_text="Neither: see `silent/`.")
    further = serializers.IntegerField(help_text="Agencies that reported without having to.")
    period = serializers.CharField(help_text="The last one that is over.")
    starts_on = serializers.DateField(help_text="Values from before this day count no longer.")
    ends_on = serializers.DateField()
    due_on = serializers.DateField(help_text="The last day to report the period in time.")
    legal_basis = serializers.CharField()


class MeasureSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    as_of = serializers.DateField()
    known_as_of = serializers.CharField(help_text="A day (its end), or an instant.")
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    percent = serializers.FloatField(
        allow_null=True, help_text="Among those that reported; null where nothing was."
    )
    percent_of_all = serializers.FloatField(
        allow_null=True,
        help_text="Among all who have to report, as if the others had nothing to show.",
    )
    agencies = serializers.IntegerField(help_text="How many agencies' latest values it adds up.")
    base = ReportingBaseSerializer(
        allow_null=True, help_text="Null while nobody has determined who has to report."
    )
    targets = PercentTargetSerializer(many=True)


class SilentAgencySerializer(serializers.Serializer[Any]):
    agency = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField(help_text="In the reader's language.")
    last_measured_on = serializers.DateField(
        allow_null=True, help_text="Day of its last value, whatever has become of it."
    )
    reminded_at = serializers.DateTimeField(allow_null=True, help_text="For this period.")


class SilentSerializer(serializers.Serializer[Any]):
    indicator = serializers.CharField()
    as_of = serializers.DateField()
    known_as_of = serializers.CharField(help_text="A day (its end), or an instant.")
    base = ReportingBaseSerializer(allow_null=True)
    agencies = SilentAgencySerializer(many=True)


class IndicatorValueSerializer(RowSerializer):
    indicator = serializers.CharField(source="indicator.slug")
    agency = serializers.CharField(source="agency.slug")

    class Meta:
        model = IndicatorValue
        fields = (
            "indicator", "agency", "numerator", "denominator", "measured_on", "remark",
            "evidence_sha256", "state", "submitted_at", "decided_at", "decision_note",
            "withdrawn_at", "withdrawal_reason",
        )  # fmt: skip
        extra_kwargs = {
            "evidence_sha256": {"help_text": "Of the evidence file."},
            "withdrawn_at": {"help_text": "Since when an accepted value counts no longer."},
        }
