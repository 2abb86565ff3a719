from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.choices import OVERSEERS
from common.access import allow
from common.read_only_admin import ReadOnlyAdmin


class ReadOnlyAdminSite(AdminSite):
    """A read-only admin for the programme office and auditors.

    Its URLs are listed one by one. Django's own sign-in, password change, deletion and history are
    left out: they know neither the second factor nor the limits on guessing.
    """

    site_title = site_header = _("Applied AI training")
    index_title = _("Read-only records")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        # Ignores what libraries register for themselves.
        if not (isinstance(admin_class, type) and issubclass(admin_class, ReadOnlyAdmin)):
            raise ImproperlyConfigured(f"{admin_class} is no ReadOnlyAdmin")
        super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.is_active and user.reads_everything

    def get_urls(self) -> list[Any]:
        labels = "|".join(sorted({model._meta.app_label for model in self._registry}))
        return [
            path("", _to_read(self.index), name="index"),
            *(route for model_admin in self._registry.values() for route in _rows(model_admin)),
            re_path(rf"^(?P<app_label>{labels})/$", _to_read(self.app_index), name="app_list"),
        ]


def _rows(model_admin: ModelAdmin[Any]) -> Iterable[URLPattern]:
    options = model_admin.opts
    begins, name = (
        f"{options.app_label}/{options.model_name}/",
        f"{options.app_label}_{options.model_name}",
    )
    yield path(begins, _to_read(model_admin.changelist_view), name=f"{name}_changelist")
    yield path(
        f"{begins}<path:object_id>/change/",
        _to_read(model_admin.change_view),
        name=f"{name}_change",
    )


def _to_read(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    def entry(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    opened = allow(*OVERSEERS)(require_safe(entry))
    opened.__dict__["declares_lookups"] = True  # read by RefuseLookupsMiddleware
    return opened
