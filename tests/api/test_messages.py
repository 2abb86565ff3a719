"""What libraries say through the API is Vietnamese; our own sentences are anyway."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override
from rest_framework import exceptions, serializers

from lms.api import APPS
from tests.architecture.test_api_access import visitors_of


def messages_of_fields() -> Iterator[Any]:
    """The library's own messages of every field that the API takes."""
    for app in APPS:
        for route in app.urlpatterns:
            endpoint = route.callback.view_class
            if {"post", "patch"} & visitors_of(endpoint).keys():
                kind = endpoint.input_serializer_class or endpoint.serializer_class
                yield from _messages(kind())


def _messages(field: Any) -> Iterator[Any]:
    for kind in type(field).__mro__:
        if kind.__module__.startswith("rest_framework"):
            messages = vars(kind).get("default_error_messages", {})
            # A field of ours may say it in a sentence of its own.
            yield from (text for key, text in messages.items() if field.error_messages[key] is text)
    below = field.fields.values() if isinstance(field, serializers.Serializer) else []
    child = getattr(field, "child", None)
    for part in (*below, *([child] if child is not None else [])):
        yield from _messages(part)


def messages_of_refusals() -> Iterator[Any]:
    for kind in vars(exceptions).values():
        if isinstance(kind, type) and issubclass(kind, exceptions.APIException):
            yield kind.default_detail


def spoken(message: Any, language: str) -> str:
    with override(language):
        return str(message)


@pytest.mark.parametrize("messages", [messages_of_fields, messages_of_refusals])
def test_every_message_of_a_library_is_vietnamese(messages) -> None:
    plain = {spoken(message, "en"): message for message in messages()}
    assert plain
    assert [text for text, message in plain.items() if spoken(message, "vi") == text] == []


def test_a_body_that_is_no_json_is_refused_in_a_sentence_of_ours(office) -> None:
    answer = office.client.post(
        "/api/v1/runs/", "{", content_type="application/json", headers=office.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert "Expecting" not in answer.json()["message"]
