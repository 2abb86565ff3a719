"""Agencies as the API gives and takes them."""

from typing import Any

from rest_framework import serializers

from agencies.choices import AgencyKind, Sector, SuccessionKind
from common.api import Strict


class AgencySerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name_vi = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    short_name = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=AgencyKind.choices)
    sector = serializers.ChoiceField(choices=Sector.choices, allow_blank=True)
    parent = serializers.CharField(  # type: ignore[assignment]  # a key of the answer
        allow_null=True, help_text="The slug of the agency above."
    )
    identifier = serializers.CharField(allow_blank=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)


class NewAgencySerializer(Strict):
    """An agency to enter; what becomes of it is a succession."""

    slug = serializers.SlugField(max_length=50)
    name_vi = serializers.CharField(max_length=200)
    name_en = serializers.CharField(max_length=200, required=False)
    short_name = serializers.CharField(max_length=40, required=False)
    kind = serializers.ChoiceField(choices=AgencyKind.choices)
    parent = serializers.CharField(max_length=50, required=False)  # type: ignore[assignment]  # a field named like an attribute of serializers
    valid_from = serializers.DateField(required=False)


class AgencyCorrectionSerializer(Strict):
    """What was written wrong of an agency; what is not sent stays.

    The slug stays for good; a last day, and a new name from a day on, are set by a succession.
    """

    name_vi = serializers.CharField(max_length=200, required=False)
    name_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    short_name = serializers.CharField(max_length=40, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=AgencyKind.choices, required=False)
    parent = serializers.CharField(  # type: ignore[assignment]  # a field named like an attribute of serializers
        max_length=50, required=False, allow_null=True, help_text="Null: none stands above it."
    )
    identifier = serializers.CharField(max_length=20, required=False, allow_blank=True)
    valid_from = serializers.DateField(required=False, allow_null=True)


class SuccessionSerializer(serializers.Serializer[Any]):
    """A merger (many to one), renaming (one to one) or split (one to many); slugs."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=SuccessionKind.choices)
    on = serializers.DateField(help_text="The first day on which the successors stand.")
    predecessors = serializers.ListField(child=serializers.CharField())
    successors = serializers.ListField(child=serializers.CharField())
    legal_basis = serializers.CharField(allow_blank=True)
    recorded_at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField(allow_blank=True)


class VoidSerializer(Strict):
    reason = serializers.CharField(max_length=250)


class NewSuccessionSerializer(Strict):
    kind = serializers.ChoiceField(choices=SuccessionKind.choices)
    on = serializers.DateField(help_text="The first day on which the successors stand.")
    predecessors = serializers.ListField(
        child=serializers.CharField(max_length=50), min_length=1, max_length=100
    )
    successors = serializers.ListField(
        child=serializers.CharField(max_length=50), min_length=1, max_length=100
    )
    legal_basis = serializers.CharField(max_length=200, required=False, allow_blank=True)
