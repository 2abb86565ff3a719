"""The filter form of a list whose address asks for nothing of it: not built, and drawn once."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.forms import BaseForm


class Unasked(NamedTuple):
    """Stands for the form.

    ``make`` gives the form itself, the same for all who are given this: it is drawn once for each
    language.
    """

    make: Callable[[], BaseForm]
    fields: Collection[str]

    @property
    def errors(self) -> dict[str, Any]:
        return {}

    def is_valid(self) -> bool:
        return True

    def asked(self) -> dict[str, Any]:
        return {}


def is_unasked(form: type[Any], data: Any) -> bool:
    return not any(data.get(name) for name in form.base_fields)
