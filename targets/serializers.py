"""The number and what was promised, as the API gives them."""

from typing import Any

from rest_framework import serializers

from common.api import Strict
from targets.progress import GroupBy


class RuleSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    adopted_on = serializers.DateField()
    sentence = serializers.CharField(help_text="In the reader's language.")


class TargetSerializer(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    minimum = serializers.IntegerField()


class MilestoneSerializer(TargetSerializer):
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
