"""What a page answers where a form is incomplete or a service refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.errors import DomainError, InputError


@contextmanager
def domain_errors_on(form: BaseForm) -> Iterator[None]:
    """Roll back and show on the form what a service refuses."""
    try:
        with transaction.atomic():
            yield
    except DomainError as error:
        form.add_error(None, error.message)
    except ValidationError as error:
        form.add_error(None, error.messages)


@contextmanager
def error_as_message(request: HttpRequest, success: str = "") -> Iterator[None]:
    """Message the success, or why the action was refused."""
    try:
        yield
    except DomainError as error:
        messages.error(request, error.message)
    else:
        if success:
            messages.success(request, success)


def render_form(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a form that, once sent, redirects: shown again it was refused."""
    status = 400 if request.method == "POST" else 200
    return render(request, template, context, status=status)


def valid_data(form: BaseForm, message: str = "") -> dict[str, Any]:
    """The cleaned data; raises InputError with ``message``, else with what the fields say.

    For small forms on a page that is shown again by a redirect.
    """
    if form.is_valid():
        return form.cleaned_data
    sentences = [str(error) for errors in form.errors.values() for error in errors]
    raise InputError("invalid", message or " ".join(sentences))
