"""Retention: times, what is due, and the packages for the archive, as on the pages."""

from collections.abc import Iterator
from typing import IO, Any

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
    ListAPIView,
    ListCreateAPIView,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import OVERSEERS, Role
from common import clock
from common.access import refuse_other_sites
from common.api.serializers import EmptySerializer, ReasonSerializer
from retention.models import ArchivePackage, DueList, RetentionRule
from retention.serializers import (
    DeletionDecisionSerializer,
    DueListSerializer,
    DueNowSerializer,
    NewPackageSerializer,
    NewRuleSerializer,
    PackageSerializer,
    ReceiverSerializer,
    RetentionRuleSerializer,
)
from retention.services import deletion, packages
from retention.services.due import due_on
from retention.services.rules import set_rule


@extend_schema_view(
    get=extend_schema(summary="Retention times, with earlier ones"),
    post=extend_schema(
        summary="Set the retention time of a kind of records",
        description="Earlier rules stay on record. What the number rests on is kept for good.",
    ),
)
class RuleList(ListCreateAPIView):
    queryset = RetentionRule.objects.all()
    serializer_class = RetentionRuleSerializer
    permission_classes = (permit(get=OVERSEERS, post=Role.PROGRAMME_OFFICE),)
    input_serializer_class = NewRuleSerializer
    ordering_fields = {"recorded_at": "recorded_at"}
    ordering = "-recorded_at"

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.instance = set_rule(by=self.actor, **serializer.validated_data)


@extend_schema_view(get=extend_schema(summary="What is due today, of every kind of records"))
class DueNow(GenericAPIView):
    serializer_class = DueNowSerializer
    permission_classes = (permit(get=OVERSEERS),)

    def get(self, request: Request) -> Response:
        today = clock.today()
        return Response({"as_of": today, "kinds": [due.as_json() for due in due_on(today)]})


@extend_schema_view(get=extend_schema(summary="What was due at each yearly review"))
class DueLists(ListAPIView):
    queryset = DueList.objects.all()
    serializer_class = DueListSerializer
    permission_classes = (permit(get=OVERSEERS),)
    ordering_fields = {"year": "year"}
    ordering = "-year"


class _Packages(GenericAPIView):
    queryset = ArchivePackage.objects.all()
    serializer_class = PackageSerializer
    lookup_fields = {"id": "pk"}


@extend_schema_view(
    get=extend_schema(summary="Packages for the archive, and what became of them"),
    post=extend_schema(
        summary="Pack records for the archive",
        description="A job makes the file. Of kinds that are due, only what is due is packed.",
    ),
)
class PackageList(_Packages, ListCreateAPIView):
    permission_classes = (permit(get=OVERSEERS, post=Role.PROGRAMME_OFFICE),)
    input_serializer_class = NewPackageSerializer
    ordering_fields = {"asked_at": "asked_at"}
    ordering = "-asked_at"

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.instance = packages.request_package(
            by=self.actor, user=self.user, **serializer.validated_data
        )


@extend_schema_view(get=extend_schema(summary="One package"))
class PackageDetail(_Packages, RetrieveAPIView):
    permission_classes = (permit(get=OVERSEERS),)


@extend_schema_view(
    get=extend_schema(
        summary="The file of a package",
        description="A ZIP with a manifest of its hashes. Each download is in the audit log.",
    )
)
class PackageFile(FileAPIView):
    queryset = ArchivePackage.objects.all()
    lookup_fields = {"id": "pk"}
    permission_classes = (permit(get=OVERSEERS),)
    media_types = ("application/zip",)

    def get(self, request: Request, id: object) -> StreamingHttpResponse:  # noqa: A002 - of the address
        refuse_other_sites(request)  # it goes on record
        package = get_object_or_404(self.get_row_queryset())
        content = packages.download(by=self.actor, package=package)
        return self.answer_file(_pieces(content), f"archive-{package.pk}.zip", "application/zip")


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while piece := content.read(2**16):
            yield piece


class _PackageAction(_Packages, ActionAPIView):
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)


@extend_schema_view(post=extend_schema(summary="Record who took a package over"))
class HandOver(_PackageAction):
    input_serializer_class = ReceiverSerializer

    def perform_action(self, instance: ArchivePackage, **data: Any) -> None:
        packages.hand_over(by=self.actor, package=instance, **data)


@extend_schema_view(
    post=extend_schema(
        summary="Approve the deletion of packed records",
        description="By another member of the office than the one who asked for the package. "
        "A job deletes what is as it was packed, and nothing if anything has changed.",
    )
)
class Approve(_PackageAction):
    input_serializer_class = DeletionDecisionSerializer

    def perform_action(self, instance: ArchivePackage, **data: Any) -> None:
        deletion.approve_deletion(by=self.actor, user=self.user, package=instance, **data)


@extend_schema_view(post=extend_schema(summary="Give up a package whose records are all here"))
class Withdraw(_PackageAction):
    input_serializer_class = ReasonSerializer

    def perform_action(self, instance: ArchivePackage, **data: Any) -> None:
        packages.withdraw(by=self.actor, package=instance, **data)


@extend_schema_view(
    post=extend_schema(summary="Remove the file of a package that the archive has taken over")
)
class RemoveFile(_PackageAction):
    input_serializer_class = EmptySerializer

    def perform_action(self, instance: ArchivePackage, **data: Any) -> None:
        packages.remove_file(by=self.actor, package=instance)


_ONE = "archive-packages/<uuid:id>/"
urlpatterns = [
    path("retention-rules/", RuleList.as_view(), name="retention_rules"),
    path("due-records/", DueNow.as_view(), name="due_records"),
    path("due-records/yearly/", DueLists.as_view(), name="yearly_due_records"),
    path("archive-packages/", PackageList.as_view(), name="archive_packages"),
    path(_ONE, PackageDetail.as_view(), name="archive_package"),
    path(f"{_ONE}file/", PackageFile.as_view(), name="archive_package_file"),
    path(f"{_ONE}hand-over/", HandOver.as_view(), name="hand_over_archive_package"),
    path(f"{_ONE}approve/", Approve.as_view(), name="approve_record_deletion"),
    path(f"{_ONE}withdraw/", Withdraw.as_view(), name="withdraw_archive_package"),
    path(f"{_ONE}remove-file/", RemoveFile.as_view(), name="remove_archive_package_file"),
]
