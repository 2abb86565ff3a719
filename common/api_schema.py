"""How the API describes itself: every answer that a door can give is in the schema."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django_filters import ChoiceFilter, DateFilter, FilterSet, NumberFilter
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from uritemplate import variables

from common.access import ANYBODY
from common.api import CURSOR_LENGTH, MOST_ROWS, PAGE, Nothing, Problem, Strict

IDEMPOTENCY_KEY = "Idempotency-Key"
IF_MATCH = "If-Match"
_REASONS = {
    400: "Something sent cannot be right: `fields` says what.",
    401: "Nobody is signed in, or the token is unknown or has expired.",
    403: "The visitor's role does not allow this.",
    404: "There is no such thing, or it is not the visitor's to see.",
    409: "A rule of the domain says no: `code` says which.",
    412: "The row was changed meanwhile; nothing was overwritten.",
    415: "The body is not JSON.",
    428: "The header If-Match is missing.",
    429: "Too many calls: wait for as many seconds as Retry-After says.",
}


@dataclass(frozen=True, slots=True)
class Spec:
    """What a method of an endpoint says of itself."""

    visitors: tuple[str, ...]
    gives: type[serializers.BaseSerializer[Any]] | None
    takes: type[serializers.Serializer[Any]] | None = None
    status: int = 200
    is_list: bool = False
    is_matched: bool = False
    parameters: tuple[OpenApiParameter, ...] = field(default=())

    @property
    def writes(self) -> bool:
        return self.takes is not None


def filter_parameters(filters: type[FilterSet]) -> list[OpenApiParameter]:
    """The filters of a list as parameters of its address."""
    return [_parameter(name, part) for name, part in filters.base_filters.items()]


def _parameter(name: str, part: Any) -> OpenApiParameter:
    kind: Any = {"type": "string", "maxLength": part.extra.get("max_length", 100)}
    choices = None
    if isinstance(part, ChoiceFilter):
        kind, choices = OpenApiTypes.STR, [str(value) for value, _label in part.extra["choices"]]
    elif isinstance(part, DateFilter):
        kind = OpenApiTypes.DATE
    elif isinstance(part, NumberFilter):
        kind = {"type": "integer", "minimum": 0, "maximum": part.extra.get("max_value", 9999)}
    return OpenApiParameter(
        name, kind, enum=choices, description=_text(part.extra.get("help_text"))
    )


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | Promise) else ""


def list_parameters(orderings: dict[str, str], default: str) -> list[OpenApiParameter]:
    """Ordering, page size and cursor."""
    both = [sign + name for name in orderings for sign in ("", "-")]
    return [
        OpenApiParameter("ordering", enum=both, default=default),
        OpenApiParameter(
            "page_size",
            {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": PAGE},
        ),
        OpenApiParameter(
            "cursor",
            {"type": "string", "maxLength": CURSOR_LENGTH},
            description="Where to go on: taken from `next` of the page before.",
        ),
    ]


class EndpointSchema(AutoSchema):
    """Reads an endpoint's ``Spec`` instead of guessing from its class."""

    view: Any

    @property
    def _spec(self) -> Spec:
        spec: Spec = getattr(self.view, self.method.lower()).spec
        return spec

    def get_operation_id(self) -> str:
        return f"{self.view.name}_{self.method.lower()}"

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_summary(self) -> str | None:
        text = getattr(self.view, self.method.lower()).__doc__ or ""
        return text.strip().split("\n")[0].rstrip(".") or None

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        text = getattr(self.view, self.method.lower()).__doc__ or ""
        rest = " ".join(line.strip() for line in text.strip().split("\n")[1:]).strip()
        doors = ", ".join(f"`{visitor}`" for visitor in self._spec.visitors)
        return f"{rest}\n\nOpen to: {doors}.".strip()

    def get_auth(self) -> list[Any]:
        return [] if ANYBODY in self._spec.visitors else [{"token": []}, {"session": []}]

    def get_request_serializer(self) -> Any:
        takes = self._spec.takes
        return None if takes is None or takes is Nothing else takes

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: Any) -> Any:
        schema = super()._postprocess_serializer_schema(  # type: ignore[no-untyped-call]  # drf-spectacular ships no types here
            schema, serializer, direction
        )
        if isinstance(serializer, Strict):
            schema["additionalProperties"] = False
        return schema

    def get_override_parameters(self) -> list[Any]:
        spec = self._spec
        keys = [
            OpenApiParameter(
                name,
                {"type": "integer", "minimum": 0, "maximum": 32767}
                if name in self.view.numbers
                else {"type": "string", "minLength": 1, "maxLength": 60},
                OpenApiParameter.PATH,
            )
            for name in sorted(variables(self.path))
        ]
        if spec.is_list:
            keys += filter_parameters(self.view.filters)
            keys += list_parameters(self.view.orderings, self.view.ordering)
        if spec.writes and self.method == "POST":
            keys.append(_header(IDEMPOTENCY_KEY, "Repeating the key repeats the answer only."))
        if spec.is_matched:
            keys.append(_header(IF_MATCH, "The ETag of what was read; * for whatever is there."))
        return [*keys, *spec.parameters]

    def get_response_serializers(self) -> Any:
        spec = self._spec
        good = spec.gives
        if spec.is_list and good is not None:
            good = page_of(good)
        answers: dict[int, Any] = {spec.status: good or OpenApiResponse(description="Done.")}
        for status in self._refusals():
            answers[status] = OpenApiResponse(Problem, description=_REASONS[status])
        return answers

    def _refusals(self) -> list[int]:
        spec = self._spec
        found = [400, 404, 429]
        if ANYBODY not in spec.visitors:
            found += [401, 403]
        if spec.writes:
            found += [409, 415]
        if spec.is_matched:
            found += [412, 428]
        return sorted(found)


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
        OpenApiParameter.HEADER,
        description=description,
    )


_pages: dict[type, type[serializers.Serializer[Any]]] = {}


def page_of(row: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The form of one page of a list; one class per kind of row."""
    if row not in _pages:
        parts: dict[str, Any] = {
            "next": serializers.URLField(allow_null=True, help_text="The next page, or null."),
            "results": row(many=True),
        }
        _pages[row] = type(f"{row.__name__}Page", (serializers.Serializer,), parts)
    return _pages[row]
