"""Text that others will read: searches appear in addresses and logs, reasons in the audit log.

Neither accepts what may be an identity number.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import View
from common.vietnamese import tidy

# Between digits, also of a phone number; not three, as between two years or two dates.
_BETWEEN = r"[\s.\-_\)‐‑‒–—―−·]{0,2}"
_MANY_DIGITS = re.compile(rf"(?:\d{_BETWEEN}){{9}}")
_HASH = re.compile(r"[0-9a-f]{32,}")
# The same for browsers, which then send nothing: an address that was asked for is in a log.
_FEW_DIGITS = rf"(?!.*(\d{_BETWEEN}){{9}}).*"
NO_SEARCH_BY_NUMBER = gettext_lazy(
    "You cannot search by personal number: search terms appear in addresses and logs. "
    "Search by name or by trainee code."
)


def may_hold_identity_number(text: str) -> bool:
    """Nine or more digits in a row, whatever cannot be seen between them."""
    return bool(_MANY_DIGITS.search(tidy(text))) and not _HASH.fullmatch(text)


def refuse_number_in_search(text: str) -> None:
    if may_hold_identity_number(text):
        raise ValidationError(NO_SEARCH_BY_NUMBER)


def refuse_number_in_reason(text: str) -> None:
    if may_hold_identity_number(text):
        raise ValidationError(_("Do not enter a number here: the reason is stored in the log."))


class SearchInput(forms.TextInput):
    """Never renders an identity number back into the page."""

    input_type = "search"

    def __init__(self) -> None:
        super().__init__(attrs={"pattern": _FEW_DIGITS, "title": NO_SEARCH_BY_NUMBER})

    def format_value(self, value: Any) -> str | None:
        return None if may_hold_identity_number(str(value)) else super().format_value(value)


class SearchField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {"required": False, "max_length": 100, "widget": SearchInput}
        super().__init__(**(given | options))
        self.validators.append(refuse_number_in_search)


def search_text(asked: Any, name: str = "q") -> str:
    """Valid search text from request data, empty otherwise; for use before the form is bound."""
    try:
        return str(SearchField().clean(asked.get(name)))
    except ValidationError:
        return ""


class ReasonField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {
            "label": gettext_lazy("Reason"),
            "min_length": 5,
            "max_length": 200,
            "help_text": gettext_lazy("The reason is logged with your name."),
        }
        super().__init__(**(given | options))
        self.validators.append(refuse_number_in_reason)

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value) or "")


def searched_by(*names: str) -> Callable[[View], View]:
    """Redirect away from an address whose query may hold an identity number."""

    def decorate(view: View) -> View:
        @wraps(view)
        def careful(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if any(may_hold_identity_number(request.GET.get(name, "")) for name in names):
                messages.error(request, NO_SEARCH_BY_NUMBER)
                return redirect(request.path)
            return view(request, *args, **kwargs)

        return cast("View", careful)

    return decorate


class ReasonForm(forms.Form):
    reason = ReasonField()
