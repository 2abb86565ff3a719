"""Django's admin for what no page of ours shows: read by those who see everything."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ReadingRoom(AdminSite):
    """Entered by the programme office and auditors, through the site's own sign-in.

    Django's own form knows neither the second factor nor the limits on guessing.
    """

    site_title = site_header = _("Applied AI training")
    index_title = _("Records to read")

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_active and user.reads_everything)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to sign-in; who is signed in and has no right is told so."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))
