"""How the API describes itself, beyond what drf-spectacular finds out: errors and headers."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from common.access import ANYBODY
from common.api.errors import MEDIA_TYPE, ProblemSerializer
from common.api.serializers import EmptySerializer, RowSerializer, StrictSerializer

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
_PROBLEM_EXAMPLE = OpenApiExample(
    "Problem",
    value={
        "type": "urn:problem-type:lms:invalid",
        "title": "Invalid",
        "status": 400,
        "detail": "Some fields need correcting.",
        "instance": "/api/v1/runs/",
        "code": "invalid",
        "message": "Some fields need correcting.",
        "fields": {"capacity": ["A valid integer is required."]},
    },
    media_type=MEDIA_TYPE,
)


def _request_header(name: str, description: str) -> OpenApiParameter:
    kind = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"}
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description)


def _response_header(
    name: str, description: str, *, kind: Any = OpenApiTypes.STR, codes: Any = True
) -> OpenApiParameter:
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=description, response=codes
    )


_IDEMPOTENCY_KEY = _request_header("Idempotency-Key", "Repeating the key repeats the answer only.")
_IF_MATCH = _request_header("If-Match", "The ETag of what was read; * for whatever is there.")
_IF_NONE_MATCH = _request_header("If-None-Match", "The ETag of what is known already.")
_OF_EVERY_ANSWER = [
    _response_header("RateLimit-Limit", "Calls in a minute.", kind=OpenApiTypes.INT),
    _response_header("RateLimit-Remaining", "Calls that are left.", kind=OpenApiTypes.INT),
    _response_header("RateLimit-Reset", "Seconds until all are.", kind=OpenApiTypes.INT),
    _response_header("Retry-After", "Seconds to wait.", kind=OpenApiTypes.INT, codes=[429]),
    _response_header("WWW-Authenticate", "How to sign in.", codes=[401]),
    _response_header("ETag", "The version of what is answered.", codes=[200, 201, 304]),
]
_REPLAY = _response_header(
    "Idempotent-Replay", "true: done before and not done again.", codes=[200, 201, 202]
)


class AutoSchema(SpectacularSchema):
    view: Any

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            visitors = ", ".join(f"`{visitor}`" for visitor in self._visitors)
            text = operation.get("description", "")
            operation["description"] = f"{text}\n\nOpen to: {visitors}.".strip()
        return operation

    def get_auth(self) -> list[Any]:
        return [] if ANYBODY in self._visitors else [{"token": []}, {"session": []}]

    @property
    def _visitors(self) -> tuple[str, ...]:
        found: tuple[str, ...] = self.view.get_visitors()[self.method.lower()]
        return found

    def get_request_serializer(self) -> Any:
        kind = self.view.input_serializer_class or self.view.get_serializer_class()
        return None if kind is EmptySerializer else kind

    def get_response_serializers(self) -> Any:
        is_post = self.method == "POST"
        status = self.view.success_status if is_post else 200
        answer = (is_post and self.view.success_serializer_class) or (
            self.view.get_serializer_class()
        )
        answers: dict[Any, Any] = {status: answer}
        if media_types := self.view.media_types:
            answers = {(status, media_type): OpenApiTypes.BINARY for media_type in media_types}
        elif self.method == "GET":
            answers[304] = OpenApiResponse(description="The same as If-None-Match says.")
        for refusal in self._refusals():
            answers[refusal, MEDIA_TYPE] = OpenApiResponse(
                ProblemSerializer, description=_REASONS[refusal], examples=[_PROBLEM_EXAMPLE]
            )
        return answers

    def _refusals(self) -> list[int]:
        found = [400, 404, 429]
        if ANYBODY not in self._visitors:
            found += [401, 403]
        if self.method != "GET":
            found += [409, 415]
        if self.method == "PATCH":
            found += [412, 428]
        return sorted(found)

    def get_override_parameters(self) -> list[Any]:
        found = {
            "GET": [_IF_NONE_MATCH],
            "POST": [_IDEMPOTENCY_KEY, _REPLAY],
            "PATCH": [_IF_MATCH],
        }[self.method]
        query = self.view.query_serializer_class
        return [*_OF_EVERY_ANSWER, *found, *([query] if query else [])]

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: Any) -> Any:
        postprocess: Any = super()._postprocess_serializer_schema
        schema = postprocess(schema, serializer, direction)
        if direction == "request" and isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        if direction == "response" and isinstance(serializer, RowSerializer):
            schema["required"] = sorted(schema["properties"])  # every row has every column
        return schema
