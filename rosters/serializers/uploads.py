"""Uploaded rosters as the API shows and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.api.serializers import Row, RowSerializer, StrictSerializer, columns
from common.public_text import refuse_number_in_reason
from enrollment.models import Enrollment
from rosters.choices import Outcome
from rosters.models import RosterImport


class MissingPersonSerializer(serializers.Serializer[Any]):
    trainee = serializers.CharField(help_text="The trainee code.")
    full_name = serializers.CharField()
    state = serializers.CharField()


class RosterSerializer(RowSerializer):
    """``missing`` were nominated before and are no longer on the roster."""

    run = serializers.CharField(source="run.code")
    agency = serializers.CharField(source="agency.slug")
    counts = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()

    class Meta:
        model = RosterImport
        fields = ("id", "run", "agency", "file_name", "state", "uploaded_at", "counts", "missing")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    @columns("report")
    def get_counts(self, row: Row) -> dict[str, int]:
        parts = (row["report"] or {}).get("parts", ())
        return {one.value: sum(part.get(one.value, 0) for part in parts) for one in Outcome}

    @extend_schema_field(MissingPersonSerializer(many=True))
    @columns("report")
    def get_missing(self, row: Row) -> list[dict[str, str]]:
        ids = (row["report"] or {}).get("missing", ())
        found = Enrollment.objects.named().filter(pk__in=ids) if ids else Enrollment.objects.none()
        shown = found.with_person_for(self.context["request"].user).select_related("trainee")
        return [
            {"trainee": one.trainee.code, "full_name": one.displayed_name, "state": one.state}
            for one in shown.in_roster_order()
        ]


def _reason(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=200, validators=[_no_number], **options)


def _no_number(text: str) -> None:
    refuse_number_in_reason(text)


class WithdrawalSerializer(StrictSerializer):
    trainee = serializers.CharField(max_length=11)
    reason = _reason()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Withdraw one, keep the others",
            value={
                "without_rejected": False,
                "withdraw": [{"trainee": "HV-7K3M9QXB", "reason": "Chuyển công tác"}],
            },
        )
    ]
)
class RosterConfirmationSerializer(StrictSerializer):
    """Whoever is missing stays, unless withdrawn by ``missing`` (all) or ``withdraw`` (one)."""

    without_rejected = serializers.BooleanField(default=False, help_text="Import the others.")
    missing = serializers.ChoiceField(choices=("keep", "withdraw"), default="keep")
    reason = _reason(required=False, help_text="Why all of them are withdrawn.")
    withdraw = serializers.ListField(child=WithdrawalSerializer(), max_length=1000, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["missing"] == "withdraw") != bool(attrs.get("reason")):
            message = _("Enter the reason for withdrawing them.")
            raise serializers.ValidationError({"reason": [message]})
        return attrs
