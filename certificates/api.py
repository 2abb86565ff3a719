"""Certificates by their verification code: read, issue, revoke, reissue."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import ActionAPIView, GenericAPIView, ListCreateAPIView, RetrieveAPIView
from accounts.api.permissions import permit
from accounts.choices import Role
from certificates.filters import CertificateFilter
from certificates.models import Certificate
from certificates.serializers import CertificateSerializer, IssueSerializer, IssuingSerializer
from certificates.services.batches import open_batch, start_batch
from certificates.services.corrections import reissue, revoke
from certificates.services.issuance import register_certificates, without_file
from common.access import SIGNED_IN
from common.api.serializers import ReasonSerializer


class _Certificates(GenericAPIView):
    queryset = Certificate.objects.all()
    serializer_class = CertificateSerializer


@extend_schema_view(
    get=extend_schema(summary="Certificates, the latest first"),
    post=extend_schema(
        summary="Issue what a run still owes",
        description="Numbers are given at once and together; the files are made by a batch of the "
        "worker. Sending it again makes only what is missing.",
    ),
)
class CertificateList(_Certificates, ListCreateAPIView):
    input_serializer_class = IssueSerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.PROGRAMME_OFFICE),)
    filterset_class = CertificateFilter
    ordering_fields = {"issued": "pk"}
    ordering = "-issued"

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return IssuingSerializer if self.request.method == "POST" else CertificateSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        run = self.get_input().validated_data["run"]
        result = register_certificates(by=self.actor, run=run)
        batch = open_batch(run)
        if batch is None and without_file(run).exists():
            batch = start_batch(by=self.actor, run=run, owner=self.user)
        body = {
            "batch": str(batch.pk) if batch else None,
            "issued": len(result.issued),
            "already": result.already,
            "held_back": [
                {"trainee": held.trainee_code, "code": held.code, "message": held.message}
                for held in result.held_back
            ],
        }
        return Response(body, status=self.success_status)


@extend_schema_view(get=extend_schema(summary="One certificate and its state"))
class CertificateDetail(_Certificates, RetrieveAPIView):
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "verification_code"}


class _Change(_Certificates, ActionAPIView):
    queryset = Certificate.objects.select_related("completion__run", "completion__trainee")
    input_serializer_class = ReasonSerializer
    lookup_fields = {"code": "verification_code"}


@extend_schema_view(
    post=extend_schema(
        summary="Revoke a certificate",
        description="It stays on the register, with the reason and the day.",
    )
)
class CertificateRevocation(_Change):
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)

    def perform_action(self, instance: Certificate, **data: Any) -> None:
        revoke(by=self.actor, certificate=instance, **data)


@extend_schema_view(
    post=extend_schema(
        summary="Issue a corrected certificate under a new number",
        description="The old one points to it.",
    )
)
class CertificateReissue(_Change):
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)
    success_status = 201

    def perform_action(self, instance: Certificate, **data: Any) -> dict[str, Any]:
        successor = reissue(by=self.actor, certificate=instance, **data)
        return self.represent_instance(successor)


_ONE = "certificates/<str:code>/"
urlpatterns = [
    path("certificates/", CertificateList.as_view(), name="certificates"),
    path(_ONE, CertificateDetail.as_view(), name="certificate"),
    path(f"{_ONE}revoke/", CertificateRevocation.as_view(), name="certificate_revoke"),
    path(f"{_ONE}reissue/", CertificateReissue.as_view(), name="certificate_reissue"),
]
