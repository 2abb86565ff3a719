"""The API: every app's views, the schema that describes them, and its page."""

from functools import cache
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.urls import include, path, re_path
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

import agencies.api
import certificates.api
import certificates.attendance_api
import certificates.bundles_api
import competencies.api
import counting.api
import courses.api
import enrollment.api
import evaluations.api
import jobs.api
import learning.api
import notices.api
import people.api
import retention.api
import rosters.api
import targets.api
from accounts.api.generics import GenericAPIView
from accounts.api.permissions import permit
from common.access import ANYBODY, SIGNED_IN, allow

APPS = (
    agencies.api,
    courses.api,
    people.api,
    enrollment.api,
    certificates.attendance_api,  # before codes of certificates
    certificates.bundles_api,
    certificates.api,
    competencies.api,
    evaluations.api,
    learning.api,
    rosters.api,
    counting.api,
    targets.api,
    retention.api,
    jobs.api,
    notices.api,
)


class IndexSerializer(serializers.Serializer[Any]):
    addresses = serializers.DictField(child=serializers.URLField())


@extend_schema_view(get=extend_schema(operation_id="index_retrieve", summary="Where the lists are"))
class Index(GenericAPIView):
    serializer_class = IndexSerializer
    permission_classes = (permit(get=SIGNED_IN),)

    def get(self, request: Request) -> Response:
        lists = [
            route for app in APPS for route in app.urlpatterns if "<" not in str(route.pattern)
        ]
        here = request.build_absolute_uri(request.path)
        return Response({"addresses": {str(one.name): f"{here}{one.pattern}" for one in lists}})


class Nowhere(GenericAPIView):
    """Every other address below /api/v1/, so that its error is one of the API's too."""

    schema = None  # not a part of the description
    permission_classes = (
        permit(get=ANYBODY, post=ANYBODY, put=ANYBODY, patch=ANYBODY, delete=ANYBODY),
    )

    def get(self, request: Request) -> Response:
        raise Http404

    post = put = patch = delete = get


@cache
def _description(renderer: Any) -> bytes:
    # The schema as text: it changes with the code alone, and takes seconds to make.
    with override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
        return bytes(renderer().render(schema, renderer_context={}))


class _Schema(SpectacularAPIView):
    schema = None
    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = DefaultContentNegotiation

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        kind: Any = type(renderer)
        response = HttpResponse(_description(kind), content_type=renderer.media_type)
        set_response_etag(response)
        found = get_conditional_response(request._request, response["ETag"], response=response)
        return found or response

    def get_exception_handler(self) -> Any:
        return exception_handler


class _Docs(SpectacularSwaggerSplitView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    url_name = "api:schema"
    template_name = "api/docs.html"
    template_name_js = "api/docs.js"

    @property
    def title(self) -> str:  # type: ignore[override]  # a plain attribute there
        return _("API of the programme")


# Swagger needs pictures in data: addresses and its schema; nothing inline or from elsewhere.
_docs_policy = csp_replace(
    {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
    }
)

app_name = "api"
_v1 = [path("", Index.as_view(), name="index")]
_v1 += [route for app in APPS for route in app.urlpatterns]
_v1 += [re_path(r"", Nowhere.as_view(), name="nowhere")]
urlpatterns = [
    path("v1/", include(_v1)),
    path("schema/", allow(ANYBODY)(_Schema.as_view()), name="schema"),
    path("docs/", allow(ANYBODY)(_docs_policy(_Docs.as_view())), name="docs"),
]
