from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.generics import GenericAPIView
from accounts.api.permissions import permit
from common.access import SIGNED_IN
from common.api.serializers import StrictSerializer
from counting.explanation import explain
from counting.serializers import AsOfQuery, ExplanationSerializer
from people.models import Trainee


class AsOfView(GenericAPIView):
    """Figures of a day, as believed at an instant."""

    query_serializer_class: ClassVar[type[StrictSerializer] | None] = AsOfQuery

    def asked(self) -> dict[str, Any]:
        query = self.get_query()
        return {name: query.get(name) for name in ("as_of", "known_as_of")}


@extend_schema_view(
    get=extend_schema(summary="Why a person counts, since when and by what, or what is missing")
)
class Explain(AsOfView):
    queryset = Trainee.objects.all()
    serializer_class = ExplanationSerializer
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"code": "code"}

    def get(self, request: Request, code: str) -> Response:
        trainee = get_object_or_404(self.get_row_queryset())
        return Response(explain(trainee.code, **self.asked()).as_json())


urlpatterns = [path("explain/<str:code>/", Explain.as_view(), name="explain")]
