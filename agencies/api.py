"""Agencies: known to everybody who has signed in."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from agencies.choices import sector_of
from agencies.filters import AgencyFilter, SuccessionFilter
from agencies.models import Agency, Succession, SuccessionLink
from agencies.serializers import (
    AgencyCorrectionSerializer,
    AgencySerializer,
    NewAgencySerializer,
    NewSuccessionSerializer,
    SuccessionSerializer,
    VoidSerializer,
)
from agencies.services import correct_agency, enter_agency, record_succession, void_succession
from common import api
from common.access import SIGNED_IN

LARGEST_KEY = 2**63 - 1


class _Agencies(Endpoint):
    tag = "agencies"
    columns = (
        "slug", "name_vi", "name_en", "short_name", "kind", "parent__slug", "identifier",
        "valid_from", "valid_to",
    )  # fmt: skip

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "slug": row["slug"],
            "name_vi": row["name_vi"],
            "name_en": row["name_en"],
            "short_name": row["short_name"],
            "kind": row["kind"],
            "sector": str(sector_of(row["kind"])),
            "parent": row["parent__slug"],
            "identifier": row["identifier"],
            "valid_from": api.day(row["valid_from"]),
            "valid_to": api.day(row["valid_to"]),
        }


class AgencyList(_Agencies):
    name = "agencies"
    filters = AgencyFilter
    orderings = {"name": "sort_key", "slug": "slug"}
    ordering = "name"

    @read(SIGNED_IN, gives=AgencySerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Agency]:
        """The agencies, past and present."""
        return Agency.objects.all()

    @write(Role.PROGRAMME_OFFICE, takes=NewAgencySerializer, gives=AgencySerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Enter an agency."""
        if "parent" in data:
            data["parent"] = api.named(Agency.objects.all(), "parent", slug=data["parent"])
        agency = enter_agency(by=self.user.as_actor(), **data)
        return self.body_of(Agency.objects.filter(pk=agency.pk))


class AgencyDetail(_Agencies):
    name = "agency"

    @read(SIGNED_IN, gives=AgencySerializer)
    def get(self, request: Request, slug: str) -> dict[str, Any]:
        """One agency."""
        return self.body_of(Agency.objects.filter(slug=api.key(slug)))

    @write(
        Role.PROGRAMME_OFFICE,
        takes=AgencyCorrectionSerializer,
        gives=AgencySerializer,
        is_matched=True,
    )
    def patch(self, request: Request, data: dict[str, Any], slug: str) -> dict[str, Any]:
        """Put right what was written wrong of an agency; what is not sent stays.

        A new name from a day on is no correction but a renaming: a succession.
        """
        rows = Agency.objects.filter(slug=api.key(slug))
        agency = rows.select_for_update().first()
        if agency is None:
            raise exceptions.NotFound
        api.require_match(request, self.body_of(rows))
        if data.get("parent") is not None:
            data["parent"] = api.named(Agency.objects.all(), "parent", slug=data["parent"])
        correct_agency(by=self.user.as_actor(), agency=agency, **data)
        return self.body_of(rows)


class _Successions(Endpoint):
    tag = "agencies"
    columns = ("id", "kind", "on", "legal_basis", "recorded_at", "voided_at", "void_reason")

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        predecessors, successors = self._sides[row["id"]]
        return {
            "id": row["id"],
            "kind": row["kind"],
            "on": api.day(row["on"]),
            "predecessors": predecessors,
            "successors": successors,
            "legal_basis": row["legal_basis"],
            "recorded_at": api.instant(row["recorded_at"]),
            "voided_at": api.instant(row["voided_at"]),
            "void_reason": row["void_reason"],
        }

    def one(self, pk: int) -> QuerySet[Succession]:
        """The succession with this number; no number is too large to be asked for."""
        return Succession.objects.filter(pk=min(pk, LARGEST_KEY))

    @cached_property
    def _sides(self) -> dict[int, tuple[list[str], list[str]]]:
        """The slugs on both sides of every succession: few rows, asked for once."""
        return SuccessionLink.objects.slugs_by_succession()


class SuccessionList(_Successions):
    name = "successions"
    filters = SuccessionFilter
    orderings = {"on": "on", "recorded_at": "recorded_at"}
    ordering = "-on"

    @read(SIGNED_IN, gives=SuccessionSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Succession]:
        """Mergers, renamings and splits, the latest first; voided ones stay on record."""
        return Succession.objects.all()

    @write(
        Role.PROGRAMME_OFFICE,
        takes=NewSuccessionSerializer,
        gives=SuccessionSerializer,
        status=201,
    )
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Record a merger, renaming or split; ``on`` is the successors' first day."""
        for side in ("predecessors", "successors"):
            data[side] = [api.named(Agency.objects.all(), side, slug=slug) for slug in data[side]]
        succession = record_succession(by=self.user.as_actor(), **data)
        return self.body_of(Succession.objects.filter(pk=succession.pk))


class SuccessionDetail(_Successions):
    name = "succession"
    numbers = frozenset({"pk"})

    @read(SIGNED_IN, gives=SuccessionSerializer)
    def get(self, request: Request, pk: int) -> dict[str, Any]:
        """One merger, renaming or split."""
        return self.body_of(self.one(pk))


class SuccessionVoid(_Successions):
    name = "succession_void"
    numbers = frozenset({"pk"})

    @write(Role.PROGRAMME_OFFICE, takes=VoidSerializer, gives=SuccessionSerializer)
    def post(self, request: Request, data: dict[str, Any], pk: int) -> dict[str, Any]:
        """Take a succession back: it is kept with the reason and believed no more."""
        rows = self.one(pk)
        if (succession := rows.first()) is None:
            raise exceptions.NotFound
        void_succession(by=self.user.as_actor(), succession=succession, **data)
        return self.body_of(rows)


urlpatterns = [
    path("successions/", SuccessionList.as_view(), name="successions"),
    path("successions/<int:pk>/", SuccessionDetail.as_view(), name="succession"),
    path("successions/<int:pk>/void/", SuccessionVoid.as_view(), name="succession_void"),
    path("agencies/", AgencyList.as_view(), name="agencies"),
    path("agencies/<str:slug>/", AgencyDetail.as_view(), name="agency"),
]
