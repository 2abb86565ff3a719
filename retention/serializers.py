from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import (
    Row,
    RowSerializer,
    StrictModelSerializer,
    StrictSerializer,
    columns,
    example,
)
from retention.choices import PackageState
from retention.models import ArchivePackage, DueList, RetentionRule
from retention.services.kinds import KINDS
from retention.services.rules import LONGEST

_KINDS = tuple(KINDS)
_STATE = ("made_at", "approved_at", "deleted_at", "withdrawn_at")


class DueSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    years = serializers.IntegerField(allow_null=True, help_text="Null: for good, or not decided.")
    legal_basis = serializers.CharField()
    is_confirmed = serializers.BooleanField()
    until = serializers.DateField(
        allow_null=True, help_text="Records closed before it are due; null: none ever are."
    )
    records = serializers.IntegerField(help_text="How many are due.")


class DueNowSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateField()
    kinds = DueSerializer(many=True)


class DueListSerializer(RowSerializer):
    lines = serializers.SerializerMethodField()

    class Meta:
        model = DueList
        fields = ("year", "made_at", "lines")

    @extend_schema_field(DueSerializer(many=True))
    @columns("lines")
    def get_lines(self, row: Row) -> Any:
        return row["lines"]


class RetentionRuleSerializer(RowSerializer):
    class Meta:
        model = RetentionRule
        fields = (
            "id", "kind", "years", "legal_basis", "is_confirmed", "valid_from", "reason",
            "recorded_at", "recorded_by",
        )  # fmt: skip


@example(
    "A time with its legal basis", kind="test_answers", years=5, legal_basis="Thông tư",
    is_confirmed=True, valid_from="2027-01-01", reason="Đã thống nhất",
)  # fmt: skip
class NewRuleSerializer(StrictModelSerializer):
    kind = serializers.ChoiceField(choices=_KINDS)
    years = serializers.IntegerField(min_value=1, max_value=LONGEST, allow_null=True)

    class Meta:
        model = RetentionRule
        fields = ("kind", "years", "legal_basis", "is_confirmed", "valid_from", "reason")
        extra_kwargs = {"is_confirmed": {"required": True}}

    def validate_kind(self, name: str) -> Any:
        return KINDS[name]


class PackedSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    until = serializers.DateField(help_text="Records closed before it are packed.")
    years = serializers.IntegerField(allow_null=True)
    deletable = serializers.BooleanField(help_text="False: a copy of what is kept here for good.")
    records = serializers.IntegerField()
    sha256 = serializers.CharField(required=False, help_text="Of the table, once it is made.")


class PackageSerializer(RowSerializer):
    state = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()
    job = serializers.UUIDField(source="job_id", allow_null=True)

    class Meta:
        model = ArchivePackage
        fields = (
            "id", "state", "lines", "purpose", "asked_at", "asked_by", "job", "size", "sha256",
            "made_at", "handed_over_at", "handed_over_by", "handed_over_to", "approved_at",
            "approved_by", "decision", "deleted_at", "records_deleted", "withdrawn_at",
            "withdrawn_by", "withdrawal_reason", "file_removed_at",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=PackageState.choices))
    @columns(*_STATE)
    def get_state(self, row: Row) -> str:
        return str(ArchivePackage(**{name: row[name] for name in _STATE}).state)

    @extend_schema_field(PackedSerializer(many=True))
    @columns("lines")
    def get_lines(self, row: Row) -> Any:
        return row["lines"]


@example("What is due", kinds=["test_answers"], until_year=2030, purpose="Nộp lưu trữ")
class NewPackageSerializer(StrictSerializer):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=_KINDS), allow_empty=False, max_length=len(_KINDS)
    )
    until_year = serializers.IntegerField(
        min_value=2000, max_value=2200, help_text="Closed up to the end of that year."
    )
    purpose = serializers.CharField(max_length=250)


@example("Who took it", handed_over_to="Trung tâm Lưu trữ quốc gia III")
class ReceiverSerializer(StrictSerializer):
    handed_over_to = serializers.CharField(max_length=250)


@example("The decision", decision="12/QĐ-BKHCN ngày 05/01/2032")
class DeletionDecisionSerializer(StrictSerializer):
    decision = serializers.CharField(
        max_length=250, help_text="Number and date of the decision on which the deletion rests."
    )
