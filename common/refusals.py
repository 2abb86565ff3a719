"""Refused actions on a page: the reason stands on the form, or above the next page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from common.errors import DomainError


class _Refusal(AbstractContextManager[object, bool]):
    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        is_refusal = isinstance(error, DomainError)
        if is_refusal:
            self._tell(error.message)
        return is_refusal


def refusal_on(form: forms.BaseForm, field: str | None = None) -> _Refusal:
    return _Refusal(lambda message: form.add_error(field, message))


def refusal_as_message(request: HttpRequest) -> _Refusal:
    return _Refusal(lambda message: messages.error(request, message))
