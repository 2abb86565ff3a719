"""Refused actions on a page: the reason stands on the form, or above the next page."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from common.errors import DomainError


@contextmanager
def refusal_on(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        form.add_error(field, error.message)


@contextmanager
def refusal_as_message(request: HttpRequest) -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        messages.error(request, error.message)
