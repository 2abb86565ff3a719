import base64
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from common.api.serializers import RowSerializer, StrictModelSerializer, StrictSerializer
from targets.choices import TaskState, UnitAnswer
from targets.models import TaskReport


class UnitSerializer(serializers.Serializer[Any]):
    agency = serializers.CharField(allow_null=True, help_text="Null for a unit outside the list.")
    name = serializers.CharField()
    answer = serializers.CharField(help_text="accepted, done, refused, or blank.")
    reason = serializers.CharField()


class TaskProgressSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    text = serializers.CharField()


class TaskSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    indicator = serializers.CharField()
    agency = serializers.CharField()
    agency_name = serializers.CharField()
    title = serializers.CharField()
    legal_basis = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField()
    responsible_unit = serializers.CharField()
    cooperating_units = UnitSerializer(many=True)
    done_on = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(choices=TaskState.choices)
    progress = TaskProgressSerializer(allow_null=True, help_text="The last that was accepted.")


class TaskReportSerializer(RowSerializer):
    task = serializers.IntegerField(source="task_id")

    class Meta:
        model = TaskReport
        fields = (
            "id", "task", "day", "text", "is_final", "proof_sha256", "state", "submitted_at",
            "decided_at", "decision_note",
        )  # fmt: skip
        extra_kwargs = {"proof_sha256": {"help_text": "Of the proof; blank without one."}}


class ProofSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200, help_text="A file name, such as bao-cao.pdf.")
    content = serializers.CharField(help_text="In base64.")

    def validate_content(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            raise serializers.ValidationError(_("This is not base64.")) from None


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Completed",
            value={"day": "2026-11-20", "text": "Đã gửi danh sách", "is_final": True},
            request_only=True,
        )
    ]
)
class NewTaskReportSerializer(StrictModelSerializer):
    proof = ProofSerializer(required=False)

    class Meta:
        model = TaskReport
        fields = ("day", "text", "is_final", "proof")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A refusal",
            value={"unit": "bo-y-te", "answer": "refused", "reason": "Không đủ người"},
            request_only=True,
        )
    ]
)
class AnswerSerializer(StrictSerializer):
    unit = serializers.CharField(
        max_length=400, help_text="The agency's slug, or the name of a unit outside the list."
    )
    answer = serializers.ChoiceField(choices=UnitAnswer.choices)
    reason = serializers.CharField(
        max_length=250, required=False, allow_blank=True, help_text="Required for a refusal."
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Returned", value={"accept": False, "remark": "Thiếu minh chứng"}, request_only=True
        )
    ]
)
class DecisionSerializer(StrictSerializer):
    accept = serializers.BooleanField()
    remark = serializers.CharField(
        max_length=250, required=False, allow_blank=True, help_text="Required for a return."
    )
