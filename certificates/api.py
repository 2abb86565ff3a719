"""Certificates by their verification code: read, issue, revoke, reissue."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from certificates.filters import CertificateFilter
from certificates.models import Certificate
from certificates.serializers import (
    CertificateSerializer,
    IssueSerializer,
    IssuingSerializer,
    ReasonSerializer,
)
from certificates.services.batches import open_batch, start_batch
from certificates.services.changing import reissue, revoke
from certificates.services.issuing import register_certificates, waiting_for_bytes
from common import api
from common.access import SIGNED_IN
from courses.api import runs_known_to

OFFICE = Role.PROGRAMME_OFFICE


class _Certificates(Endpoint):
    tag = "certificates"
    columns = (
        "verification_code", "register", "year", "register_number", "serial_number", "state",
        "completion__run__code", "completion__trainee__code", "completion__voided_at",
        "printed__full_name", "issued_at", "sha256", "superseded_by__verification_code",
        "revoked_at", "revocation_reason",
    )  # fmt: skip

    def known(self) -> QuerySet[Certificate]:
        """The certificates that the visitor may see."""
        return Certificate.objects.visible_to(self.user)

    def one(self, code: str) -> QuerySet[Certificate]:
        return self.known().filter(verification_code=api.key(code))

    def held(self, code: str) -> Certificate:
        found = self.one(code).select_related("completion__run", "completion__trainee").first()
        if found is None:
            raise exceptions.NotFound
        return found

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        fallen = row["state"] == "issued" and row["completion__voided_at"]
        return {
            "verification_code": row["verification_code"],
            "register_number": f"{row['register_number']:04d}/{row['year']}/{row['register']}",
            "serial_number": row["serial_number"],
            "state": "revoked" if fallen else row["state"],
            "run": row["completion__run__code"],
            "trainee": row["completion__trainee__code"],
            "full_name": row["printed__full_name"] or "",
            "issued_at": api.instant(row["issued_at"]),
            "sha256": row["sha256"],
            "superseded_by": row["superseded_by__verification_code"],
            "revoked_at": api.instant(row["revoked_at"]),
            "revocation_reason": row["revocation_reason"],
        }


class CertificateList(_Certificates):
    name = "certificates"
    filters = CertificateFilter
    orderings = {"issued": "pk"}
    ordering = "-issued"

    @read(SIGNED_IN, gives=CertificateSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Certificate]:
        """Certificates, the latest first."""
        return self.known()

    @write(OFFICE, takes=IssueSerializer, gives=IssuingSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Issue what a run still owes.

        Numbers are given at once and together; the files are made by a batch of the worker.
        Sending it again makes only what is missing.
        """
        run = api.named(runs_known_to(self.user), "run", code=data["run"])
        by = self.user.as_actor()
        result = register_certificates(by=by, run=run)
        batch = open_batch(run)
        if batch is None and waiting_for_bytes(run).exists():
            batch = start_batch(by=by, run=run, owner=self.user)
        return {
            "batch": str(batch.pk) if batch else None,
            "issued": len(result.issued),
            "already": result.already,
            "held_back": [
                {"trainee": held.trainee_code, "code": held.code, "message": held.message}
                for held in result.held_back
            ],
        }


class CertificateDetail(_Certificates):
    name = "certificate"

    @read(SIGNED_IN, gives=CertificateSerializer)
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """One certificate and its state."""
        return self.body_of(self.one(code))


class CertificateRevocation(_Certificates):
    name = "certificate_revoke"

    @write(OFFICE, takes=ReasonSerializer, gives=CertificateSerializer)
    def post(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Revoke a certificate: it stays on the register, with the reason and the day."""
        revoke(by=self.user.as_actor(), certificate=self.held(code), reason=data["reason"])
        return self.body_of(self.one(code))


class CertificateReissue(_Certificates):
    name = "certificate_reissue"

    @write(OFFICE, takes=ReasonSerializer, gives=CertificateSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Issue a corrected certificate under a new number; the old one points to it."""
        held = self.held(code)
        successor = reissue(by=self.user.as_actor(), certificate=held, reason=data["reason"])
        return self.body_of(self.known().filter(pk=successor.pk))


_ONE = "certificates/<str:code>/"
urlpatterns = [
    path("certificates/", CertificateList.as_view(), name="certificates"),
    path(_ONE, CertificateDetail.as_view(), name="certificate"),
    path(f"{_ONE}revoke/", CertificateRevocation.as_view(), name="certificate_revoke"),
    path(f"{_ONE}reissue/", CertificateReissue.as_view(), name="certificate_reissue"),
]
