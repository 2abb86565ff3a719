from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.generics import GenericAPIView
from accounts.api.permissions import permit
from common.access import SIGNED_IN
from counting.explanation import explain
from counting.serializers import AsOfQuery, ExplanationSerializer
from people.models import Trainee


@extend_schema_view(
    get=extend_schema(summary="Why a person counts, since when and by what, or what is missing")
)
class Explain(GenericAPIView):
    queryset = Trainee.objects.all()
    serializer_class = ExplanationSerializer
    query_serializer_class = AsOfQuery
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "code"}

    def get_queryset(self) -> QuerySet[Trainee]:
        return Trainee.objects.visible_to(self.user)

    def get(self, request: Request, code: str) -> Response:
        query = self.get_query()
        found = explain(
            get_object_or_404(self.get_row_queryset()).code,
            as_of=query.get("as_of"),
            known_as_of=query.get("known_as_of"),
        )
        return Response(found.as_json())


urlpatterns = [path("explain/<str:code>/", Explain.as_view(), name="explain")]
