from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import StrictSerializer
from common.dates import parse_date, parse_moment
from common.errors import DomainError
from counting.asked import asked_day, asked_instant


class CountingRuleSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    adopted_on = serializers.DateField()
    sentence = serializers.CharField(help_text="In the reader's language.")


@extend_schema_field(OpenApiTypes.STR)
class AskedField(serializers.Field[Any, str, Any, Any]):
    """A day or instant in every form that pages and commands read."""

    def __init__(self, ask: Callable[[Any], Any], parse: Callable[[str], Any], **options: Any):
        super().__init__(required=False, **options)
        self._ask, self._parse = ask, parse

    def to_internal_value(self, data: str) -> Any:
        try:
            value = self._parse(data)
        except DomainError as error:
            raise serializers.ValidationError(error.message) from None
        return self._ask(value)


class AsOfQuery(StrictSerializer):
    as_of = AskedField(asked_day, parse_date, help_text="The day that the figure speaks of.")
    known_as_of = AskedField(
        asked_instant,
        parse_moment,
        help_text="Records are believed up to the end of this day, or up to this instant.",
    )


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
    platform = serializers.CharField(required=False, help_text="Of a course held elsewhere.")
    outside_title = serializers.CharField(required=False, help_text="Its title there.")
    hours = serializers.CharField(required=False, allow_null=True, help_text="Its hours.")


class CreditedSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of the answer
    sector = serializers.CharField()
    kind = serializers.CharField()


class ExplanationReasonSerializer(serializers.Serializer[Any]):
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
    rule = CountingRuleSerializer(allow_null=True)
    since = serializers.DateField(allow_null=True)
    completion = CountedCompletionSerializer(allow_null=True)
    credited_to = CreditedSerializer(allow_null=True)
    reasons = ExplanationReasonSerializer(
        many=True, help_text="What is missing; empty for who counts."
    )
