"""Agencies and what became of them, as the API shows and takes them."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.choices import Sector, sector_of
from agencies.models import Agency, Succession, SuccessionLink
from common.api.serializers import (
    KeyField,
    Row,
    RowSerializer,
    StrictModelSerializer,
    columns,
    example,
)


@example(
    "A ministry",
    slug="bo-y-te",
    name_vi="Bộ Y tế",
    name_en="Ministry of Health",
    short_name="BYT",
    kind="ministry",
    parent=None,
    identifier="G11",
    valid_from=None,
)
class AgencySerializer(RowSerializer):
    parent = KeyField(  # type: ignore[assignment]  # named like an attribute of serializers
        "slug",
        queryset=Agency.objects.all(),
        allow_null=True,
        required=False,
        help_text="The slug of the agency above; null: none.",
    )
    sector = serializers.SerializerMethodField()

    class Meta:
        model = Agency
        fields = (
            "slug", "name_vi", "name_en", "short_name", "kind", "sector", "parent", "identifier",
            "valid_from", "valid_to",
        )  # fmt: skip
        read_only_fields = ("valid_to",)  # set by a succession
        create_only_fields = ("slug",)

    @extend_schema_field(serializers.ChoiceField(choices=Sector.choices, allow_blank=True))
    @columns("kind")
    def get_sector(self, row: Row) -> str:
        return str(sector_of(row["kind"]))


class SuccessionSerializer(RowSerializer):
    """A merger (many to one), renaming (one to one) or split (one to many); slugs."""

    predecessors = serializers.SerializerMethodField()
    successors = serializers.SerializerMethodField()

    class Meta:
        model = Succession
        fields = (
            "id", "kind", "on", "predecessors", "successors", "legal_basis", "recorded_at",
            "voided_at", "void_reason",
        )  # fmt: skip

    @columns("id")
    def get_predecessors(self, row: Row) -> list[str]:
        return self._sides[row["id"]][0]

    @columns("id")
    def get_successors(self, row: Row) -> list[str]:
        return self._sides[row["id"]][1]

    @cached_property
    def _sides(self) -> dict[int, tuple[list[str], list[str]]]:
        # The slugs on both sides of every succession: few rows, asked for once.
        return SuccessionLink.objects.slugs_by_succession()


def _agencies(help_text: str) -> Any:
    return serializers.ListField(
        child=KeyField("slug", queryset=Agency.objects.all()),
        min_length=1,
        max_length=100,
        help_text=help_text,
    )


@example(
    "A merger",
    kind="merger",
    on="2025-03-01",
    predecessors=["bo-thong-tin-va-truyen-thong"],
    successors=["bo-khoa-hoc-va-cong-nghe"],
    legal_basis="Nghị quyết 176/2025/QH15",
)
class NewSuccessionSerializer(StrictModelSerializer):
    predecessors = _agencies("Slugs.")
    successors = _agencies("Slugs.")

    class Meta:
        model = Succession
        fields = ("kind", "on", "predecessors", "successors", "legal_basis")
