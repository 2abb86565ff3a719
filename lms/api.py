"""The API: every room's endpoints, the schema that describes them, and its page."""

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

import agencies.api
import certificates.api
import courses.api
import enrollment.api
import people.api
import targets.api
from accounts.api import Endpoint, read
from common.access import ANYBODY, SIGNED_IN, allow

APPS = (agencies.api, courses.api, people.api, enrollment.api, certificates.api, targets.api)


class IndexSerializer(serializers.Serializer[Any]):
    addresses = serializers.DictField(child=serializers.URLField())


class Index(Endpoint):
    name = "index"
    tag = "index"

    @read(SIGNED_IN, gives=IndexSerializer)
    def get(self, request: Request) -> dict[str, Any]:
        """Where the lists are."""
        lists = [
            route for room in APPS for route in room.urlpatterns if "<" not in str(route.pattern)
        ]
        here = request.build_absolute_uri(request.path)
        return {"addresses": {str(route.name): f"{here}{route.pattern}" for route in lists}}


class Nowhere(Endpoint):
    """Every other address below /api/v1/: told in the API's form of error."""

    schema = None  # type: ignore[assignment]  # this view is not part of the schema

    @read(ANYBODY, gives=None)
    def get(self, request: Request) -> dict[str, Any]:
        raise exceptions.NotFound

    post = put = patch = delete = get


class _Schema(SpectacularAPIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)


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
_v1 += [route for room in APPS for route in room.urlpatterns]
_v1 += [re_path(r"", Nowhere.as_view(), name="nowhere")]
urlpatterns = [
    path("v1/", include(_v1)),
    path("schema/", allow(ANYBODY)(_Schema.as_view()), name="schema"),
    path("docs/", allow(ANYBODY)(_docs_policy(_Docs.as_view())), name="docs"),
]
