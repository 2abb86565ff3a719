"""Agencies: known to everybody who has signed in."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from agencies.choices import sector_of
from agencies.filters import AgencyFilter
from agencies.models import Agency
from agencies.serializers import (
    AgencyCorrectionSerializer,
    AgencySerializer,
    NewAgencySerializer,
    NewSuccessionSerializer,
    SuccessionSerializer,
)
from agencies.services import correct_agency, enter_agency, record_succession
from common import api
from common.access import SIGNED_IN


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


class SuccessionList(Endpoint):
    name = "successions"
    tag = "agencies"

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
        return {
            "kind": succession.kind,
            "on": api.day(succession.on),
            "predecessors": [agency.slug for agency in data["predecessors"]],
            "successors": [agency.slug for agency in data["successors"]],
            "legal_basis": succession.legal_basis,
        }


urlpatterns = [
    path("successions/", SuccessionList.as_view(), name="successions"),
    path("agencies/", AgencyList.as_view(), name="agencies"),
    path("agencies/<str:slug>/", AgencyDetail.as_view(), name="agency"),
]
