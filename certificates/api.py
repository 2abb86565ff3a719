"""Certificates by their verification code: read, issue, revoke, reissue."""

from typing import Any

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import (
    ActionAPIView,
    FileAPIView,
    GenericAPIView,
    ListCreateAPIView,
    PreparedListMixin,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import OVERSEERS, Role
from certificates.filters import CertificateFilter
from certificates.models import Batch, Certificate, Duplicate
from certificates.serializers import (
    BatchSerializer,
    CertificateSerializer,
    CredentialQuery,
    DuplicateSerializer,
    DuplicatesSerializer,
    IssueSerializer,
    IssuingSerializer,
    RegisterQuery,
)
from certificates.services.batches import open_batch, progress_of, start_batch
from certificates.services.corrections import reissue, revoke
from certificates.services.credential_files import CREDENTIAL_TYPES, credential_file
from certificates.services.duplicates import issue_duplicate
from certificates.services.issuance import register_certificates, without_file
from certificates.services.register_export import REGISTER_TYPES, export_register
from certificates.services.stored_files import opened
from common.access import SIGNED_IN, refuse_other_sites
from common.api.serializers import ReasonSerializer
from people.querysets import reader_of


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
class CertificateList(_Certificates, PreparedListMixin, ListCreateAPIView):
    reader_of = reader_of
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


@extend_schema_view(
    post=extend_schema(
        summary="Issue a duplicate of a certificate that was lost",
        description="The same words, number and code, marked on the paper; a reissue corrects. "
        "Its number is given at once, its file is made by the worker: `duplicates/` says when. "
        "Sent again after a failure, it tries the same duplicate again, as it was recorded.",
    )
)
class CertificateDuplication(_Change):
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)
    success_status = 201
    success_serializer_class = DuplicateSerializer

    def perform_action(self, instance: Certificate, **data: Any) -> dict[str, Any]:
        duplicate = issue_duplicate(by=self.actor, certificate=instance, owner=self.user, **data)
        return dict(DuplicateSerializer(duplicate).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="certificates_duplicates_list",
        summary="The duplicates of a certificate and how far they are",
    )
)
class DuplicateProgress(GenericAPIView):
    queryset = Certificate.objects.all()
    serializer_class = DuplicatesSerializer
    permission_classes = (permit(get=OVERSEERS),)
    lookup_fields = {"code": "verification_code"}

    def get(self, request: Request, code: str) -> Response:
        certificate = get_object_or_404(self.get_row_queryset())
        rows = certificate.duplicates.select_related("job")
        return Response(DuplicatesSerializer({"duplicates": rows}).data)


@extend_schema_view(get=extend_schema(summary="The file of a duplicate"))
class DuplicateDocument(FileAPIView):
    queryset = Certificate.objects.all()
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "verification_code"}
    media_types = ("application/pdf",)

    def get(self, request: Request, code: str, number: int) -> StreamingHttpResponse:
        rows = Duplicate.objects.exclude(file="").select_related("certificate")
        duplicate = get_object_or_404(rows, certificate__in=self.get_row_queryset(), number=number)
        pieces = opened(duplicate).chunks()
        return self.answer_file(pieces, duplicate.file_name, *self.media_types)


@extend_schema_view(
    get=extend_schema(
        summary="The file of a certificate",
        description="The bytes as issued; 404 as long as they are not made, and with the code "
        "`file_lost` where they are missing from the store.",
    )
)
class CertificateDocument(FileAPIView):
    queryset = Certificate.objects.all()
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "verification_code"}
    media_types = ("application/pdf",)

    def get(self, request: Request, code: str) -> StreamingHttpResponse:
        certificate = get_object_or_404(self.get_row_queryset().exclude(file=""))
        pieces = opened(certificate).chunks()
        return self.answer_file(pieces, certificate.file_name, *self.media_types)


@extend_schema_view(
    get=extend_schema(
        summary="The credential of a certificate (Open Badges 3.0)",
        description="Alone, or inside the badge of its course.",
    )
)
class CertificateCredential(FileAPIView):
    queryset = Certificate.objects.all()
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "verification_code"}
    query_serializer_class = CredentialQuery
    media_types = tuple(CREDENTIAL_TYPES.values())

    def get(self, request: Request, code: str) -> StreamingHttpResponse:
        form = self.get_query()["form"]
        rows = self.get_row_queryset().filter(credential__isnull=False)
        certificate = get_object_or_404(rows.select_related("completion__run__course"))
        name, content = credential_file(certificate, form)
        return self.answer_file([content], name, CREDENTIAL_TYPES[form])


@extend_schema_view(
    get=extend_schema(
        summary="The register as a file",
        description="In register order: a workbook, an official document, or all files in a ZIP.",
    )
)
class CertificateRegister(FileAPIView):
    queryset = Certificate.objects.all()
    permission_classes = (permit(get=SIGNED_IN),)
    query_serializer_class = RegisterQuery
    media_types = tuple(REGISTER_TYPES.values())

    def get(self, request: Request) -> StreamingHttpResponse:
        refuse_other_sites(request)  # it goes on record
        asked = self.get_query()
        form = asked.pop("form")
        rows = CertificateFilter(asked, self.get_queryset()).qs
        pieces = export_register(by=self.actor, certificates=rows, asked=asked, form=form)
        return self.answer_file(pieces, f"register.{form}", REGISTER_TYPES[form])


@extend_schema_view(
    get=extend_schema(
        summary="How far a run's certificates are",
        description="State, files made and still to come, who is held back and why.",
    )
)
class BatchDetail(GenericAPIView):
    queryset = Batch.objects.select_related("run")
    serializer_class = BatchSerializer
    permission_classes = (permit(get=OVERSEERS),)
    lookup_fields = {"id": "pk"}

    def get(self, request: Request, id: object) -> Response:  # noqa: A002 - of the address
        batch = get_object_or_404(self.get_row_queryset())
        return Response(BatchSerializer(progress_of(batch)).data)


_ONE = "certificates/<str:code>/"
urlpatterns = [
    path("certificates/", CertificateList.as_view(), name="certificates"),
    path("certificates/register/", CertificateRegister.as_view(), name="certificate_register"),
    path("certificates/batches/<uuid:id>/", BatchDetail.as_view(), name="certificate_batch"),
    path(f"{_ONE}file/", CertificateDocument.as_view(), name="certificate_file"),
    path(f"{_ONE}credential/", CertificateCredential.as_view(), name="certificate_credential"),
    path(_ONE, CertificateDetail.as_view(), name="certificate"),
    path(f"{_ONE}revoke/", CertificateRevocation.as_view(), name="certificate_revoke"),
    path(f"{_ONE}reissue/", CertificateReissue.as_view(), name="certificate_reissue"),
    path(f"{_ONE}duplicate/", CertificateDuplication.as_view(), name="certificate_duplicate"),
    path(f"{_ONE}duplicates/", DuplicateProgress.as_view(), name="certificate_duplicates"),
    path(f"{_ONE}duplicates/<int:number>/", DuplicateDocument.as_view(), name="certificate_copy"),
]
