"""Rows shown in Django's admin to be read: actions go through services, never past them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

from common.lookups import refused, undeclared
from common.public_text import searched_by

_SEARCH, _ORDER, _PAGE = "q", "o", "p"
_DATE_PARTS = ("year", "month", "day")


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shown to whoever may enter the admin site; added, changed and deleted by nobody.

    Only the fields named in ``fields`` are shown, and a list takes only the parameters that
    its class declares: what one may not see one may not search, filter or sort by.
    """

    fields: ClassVar[tuple[str, ...]] = ()  # nothing is shown unless a class names it
    filter_lookups: ClassVar[tuple[str, ...]] = ()  # the parameters that list_filter writes
    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER
    preserve_filters = False
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @property
    def declared_lookups(self) -> frozenset[str]:
        parts = [f"{self.date_hierarchy}__{part}" for part in _DATE_PARTS]
        return frozenset((*self.filter_lookups, *(parts if self.date_hierarchy else ())))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self.declared_lookups

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        declared = {*self.declared_lookups, _ORDER, _PAGE}
        if self.search_fields:
            declared.add(_SEARCH)
        if name := undeclared(request, declared):
            return refused(request, name)
        response: HttpResponse = searched_by(_SEARCH)(super().changelist_view)(
            request, extra_context
        )
        return response

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            raise BadRequest from error

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if name := undeclared(request, ()):
            return refused(request, name)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found
