"""Pages that are found by the key of the row before them, at the same cost however deep."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from common.api.serializers import RowSerializer
from common.encryption import box
from common.keyset import beyond

CURSOR_LENGTH = 1_000


class Shape(NamedTuple):
    """What decides the SQL of a page, besides its rows."""

    columns: tuple[str, ...]
    ordering: tuple[str, ...]
    keys: tuple[str, ...]  # the columns of the ordering
    is_later: bool
    size: int


def one_page(rows: Any, shape: Shape, behind: Sequence[Any]) -> Any:
    """One row more than the page that begins behind the row with these keys."""
    if shape.is_later:
        rows = rows.filter(beyond(shape.ordering, behind))
    rows = rows.order_by(*shape.ordering)
    # First the keys, then the columns: with the joins of columns SQLite would sort all rows.
    return rows.filter(pk__in=rows.values("pk")[: shape.size + 1]).values_list(*shape.columns)


class KeysetPagination(CursorPagination):
    """``{"next": address or null, "results": […]}``.

    The ordering is one column without nulls; the primary key settles ties, so that a page of equal
    values does not have to be counted through, as CursorPagination does it.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    cursor_query_description = "Where to go on: taken from `next` of the page before."
    page_size_query_description = "Rows of a page."

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """``queryset`` is the question of a list: asked with a shape and the keys before it."""
        cursor = request.query_params.get(self.cursor_query_param)
        shape = self._shape(queryset, request, view, is_later=bool(cursor))
        behind = _opened(cursor, shape.ordering[0]) if cursor else []
        found = queryset(shape, behind)
        page = [dict(zip(shape.columns, row, strict=True)) for row in found]
        self.next_link = None
        if len(page) > shape.size:
            page.pop()
            following = sealed_cursor(shape.ordering[0], [page[-1][name] for name in shape.keys])
            address = request.build_absolute_uri()
            self.next_link = replace_query_param(address, self.cursor_query_param, following)
        return page

    def _shape(self, question: Any, request: Request, view: Any, *, is_later: bool) -> Shape:
        size, ordering = self.get_page_size(request), self.get_ordering(request, question, view)
        keys = tuple(dict.fromkeys(name.removeprefix("-") for name in ordering))
        serializer = view.get_serializer_class()
        columns = serializer.get_columns() if issubclass(serializer, RowSerializer) else ()
        return Shape(tuple(dict.fromkeys([*columns, *keys])), ordering, keys, is_later, size)

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= self.max_page_size:
            return int(text[:6])
        message = _("A page can have 1 to %(most)s rows.") % {"most": self.max_page_size}
        raise exceptions.ValidationError({self.page_size_query_param: [message]})

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_link, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {
            "type": "string",
            "nullable": True,
            "format": "uri",
            "description": "The next page, or null.",
        }
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limits = {
            self.cursor_query_param: {"type": "string", "maxLength": CURSOR_LENGTH},
            self.page_size_query_param: {
                "type": "integer",
                "minimum": 1,
                "maximum": self.max_page_size,
                "default": self.page_size,
            },
        }
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        return [parameter | {"schema": limits[parameter["name"]]} for parameter in found]


def sealed_cursor(ordering: str, values: list[Any]) -> str:
    # Encrypted: addresses end up in logs, and the sort key of a person is their name.
    plain = [v.isoformat() if isinstance(v, dt.date) else v for v in values]
    return box().encrypt(json.dumps([ordering, *plain]).encode()).decode().rstrip("=")


def _opened(cursor: str, ordering: str) -> list[Any]:
    try:
        text = box().decrypt((cursor[:CURSOR_LENGTH] + "=" * (-len(cursor) % 4)).encode())
    except (InvalidToken, ValueError):
        raise _not_ours() from None
    written_for, *values = json.loads(text)
    if written_for != ordering:
        raise _not_ours()
    return list(values)


def _not_ours() -> exceptions.ValidationError:
    message = _("This cursor does not belong to this list; start without one.")
    return exceptions.ValidationError({"cursor": [message]})
