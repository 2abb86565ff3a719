"""Confirmations of attendance by their verification code: read, issue, revoke, replace."""

from dataclasses import asdict
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
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import Role
from certificates.filters import ConfirmationFilter
from certificates.models import AttendanceConfirmation
from certificates.serializers import (
    AttendanceConfirmationSerializer,
    ConfirmationsIssuedSerializer,
    IssueConfirmationsSerializer,
)
from certificates.services.attendance import chosen_of, held_back, issue_confirmations
from certificates.services.attendance_corrections import replace_confirmation, revoke_confirmation
from certificates.services.stored_files import opened
from common.access import SIGNED_IN
from common.api.serializers import ReasonSerializer


class _Confirmations(GenericAPIView):
    queryset = AttendanceConfirmation.objects.all()
    serializer_class = AttendanceConfirmationSerializer


@extend_schema_view(
    get=extend_schema(summary="Confirmations of attendance, the latest first"),
    post=extend_schema(
        summary="Confirm attendance to whoever did not complete a closed run",
        description="Numbers are given at once; the files are made by the worker. Sending it "
        "again issues nothing twice.",
    ),
)
class ConfirmationList(_Confirmations, ListCreateAPIView):
    input_serializer_class = IssueConfirmationsSerializer
    permission_classes = (permit(get=SIGNED_IN, post=Role.PROGRAMME_OFFICE),)
    filterset_class = ConfirmationFilter
    ordering_fields = {"issued": "pk"}
    ordering = "-issued"

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        posts = self.request.method == "POST"
        return ConfirmationsIssuedSerializer if posts else AttendanceConfirmationSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = self.get_input().validated_data
        run, codes = asked["run"], asked.get("trainees")
        chosen = None if codes is None else chosen_of(run, codes)
        held = [] if chosen is None else held_back(run, chosen)
        issued = issue_confirmations(by=self.actor, run=run, owner=self.user, chosen=chosen)
        codes = [confirmation.verification_code for confirmation in issued]
        answer = {"issued": codes, "held_back": [asdict(one) for one in held]}
        return Response(answer, status=self.success_status)


@extend_schema_view(get=extend_schema(summary="One confirmation of attendance and its state"))
class ConfirmationDetail(_Confirmations, RetrieveAPIView):
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "verification_code"}


class _Change(_Confirmations, ActionAPIView):
    queryset = AttendanceConfirmation.objects.select_related("enrollment__run")
    input_serializer_class = ReasonSerializer
    lookup_fields = {"code": "verification_code"}
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)


@extend_schema_view(post=extend_schema(summary="Revoke a confirmation of attendance"))
class ConfirmationRevocation(_Change):
    def perform_action(self, instance: AttendanceConfirmation, **data: Any) -> None:
        revoke_confirmation(by=self.actor, confirmation=instance, **data)


@extend_schema_view(
    post=extend_schema(
        summary="Replace a confirmation of attendance under a new number",
        description="From the present attendance; the old one points to it.",
    )
)
class ConfirmationReplacement(_Change):
    success_status = 201

    def perform_action(self, instance: AttendanceConfirmation, **data: Any) -> dict[str, Any]:
        successor = replace_confirmation(
            by=self.actor, confirmation=instance, owner=self.user, **data
        )
        return self.represent_instance(successor)


@extend_schema_view(get=extend_schema(summary="The file of a confirmation of attendance"))
class ConfirmationDocument(FileAPIView):
    queryset = AttendanceConfirmation.objects.all()
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "verification_code"}
    media_types = ("application/pdf",)

    def get(self, request: Request, code: str) -> StreamingHttpResponse:
        confirmation = get_object_or_404(self.get_row_queryset().exclude(file=""))
        pieces = opened(confirmation).chunks()
        return self.answer_file(pieces, confirmation.file_name, *self.media_types)


_ONE = "certificates/attendance/<str:code>/"
urlpatterns = [
    path("certificates/attendance/", ConfirmationList.as_view(), name="confirmations"),
    path(_ONE, ConfirmationDetail.as_view(), name="confirmation"),
    path(f"{_ONE}file/", ConfirmationDocument.as_view(), name="confirmation_file"),
    path(f"{_ONE}revoke/", ConfirmationRevocation.as_view(), name="confirmation_revoke"),
    path(f"{_ONE}replace/", ConfirmationReplacement.as_view(), name="confirmation_replace"),
]
