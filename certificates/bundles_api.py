"""Certificates of several classes, or of a period, as files that a job makes and that expire."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts.api.generics import (
    FileAPIView,
    GenericAPIView,
    ListCreateAPIView,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import STAFF
from certificates.models import Bundle
from certificates.serializers import BundleSerializer, BundleWantedSerializer
from certificates.services import certificate_bundles as service
from common import clock


class _Own(GenericAPIView):
    """As long as their files are kept."""

    queryset = Bundle.objects.all()
    lookup_fields = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Bundle]:
        own = Bundle.objects.filter(owner=self.user, expires_at__gt=clock.now())
        return own.exclude(wanted={}).select_related("job")


@extend_schema_view(
    get=extend_schema(summary="One's own bundles"),
    post=extend_schema(
        summary="Put certificates of several runs, or of a period, together",
        description="A job makes a ZIP and a PDF to print; `certificates/bundles/{id}/` says when "
        "they are ready. Asked again meanwhile, the same is made once.",
    ),
)
class BundleList(_Own, ListCreateAPIView):
    serializer_class = BundleSerializer
    permission_classes = (permit(get=STAFF, post=STAFF),)
    input_serializer_class = BundleWantedSerializer
    ordering_fields = {"asked_at": "asked_at"}
    ordering = "-asked_at"

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        wanted = serializer.validated_data
        serializer.instance = service.request_bundle(by=self.actor, user=self.user, wanted=wanted)


@extend_schema_view(get=extend_schema(summary="Whether a bundle is ready"))
class BundleDetail(_Own, RetrieveAPIView):
    serializer_class = BundleSerializer
    permission_classes = (permit(get=STAFF),)


@extend_schema_view(
    get=extend_schema(
        summary="The ZIP of a bundle, or its PDF to print",
        description="For its owner, while they may see every certificate in it.",
    )
)
class BundleDocument(_Own, FileAPIView):
    permission_classes = (permit(get=STAFF),)
    media_types = ("application/zip", "application/pdf")

    def get(self, request: Request, id: object, kind: str) -> StreamingHttpResponse:  # noqa: A002 - of the address
        bundle = get_object_or_404(self.get_row_queryset())
        if not service.is_open_to(self.user, bundle):
            raise PermissionDenied
        media_type = self.media_types[service.FILES.index(kind)]
        pieces = service.file_of(bundle, kind).chunks()
        return self.answer_file(pieces, f"certificates.{media_type[-3:]}", media_type)


_ONE = "certificates/bundles/<uuid:id>/"
urlpatterns = [
    path("certificates/bundles/", BundleList.as_view(), name="certificate_bundles"),
    path(_ONE, BundleDetail.as_view(), name="certificate_bundle"),
    *(
        path(
            f"{_ONE}{kind}/",
            BundleDocument.as_view(),
            {"kind": kind},
            name=f"certificate_bundle_{kind}",
        )
        for kind in service.FILES
    ),
]
