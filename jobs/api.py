from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.generics import GenericAPIView
from accounts.api.permissions import permit
from common.access import SIGNED_IN
from jobs.models import Job
from jobs.serializers import JobSerializer


@extend_schema_view(get=extend_schema(summary="How far long work is"))
class JobDetail(GenericAPIView):
    """One's own work; the office and auditors see everybody's."""

    queryset = Job.objects.all()
    serializer_class = JobSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.user)

    def get(self, request: Request, id: object) -> Response:  # noqa: A002 - of the address
        return Response(JobSerializer(get_object_or_404(self.get_row_queryset())).data)


urlpatterns = [path("jobs/<uuid:id>/", JobDetail.as_view(), name="job")]
