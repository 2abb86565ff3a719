import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.form_choices import QuickSelect, RowsField
from common.form_rendering import input_tag
from common.lists import address_of
from common.prepared import Prepared
from common.public_text import SearchInput, refuse_number_in_search

if TYPE_CHECKING:
    from agencies.models import Agency

_LONG_FORM = re.compile(r"(?:\d{2,3}\.)+[A-Z]\d{2}")
_SUGGESTING = {
    "hx-trigger": "input changed delay:250ms",
    "hx-sync": "this:replace",
    "hx-validate": "true",
}
# So many are a list to choose from; of more, a name is typed.
SHOWN = 20
LONGEST = 300  # characters of a name with its term


def stored_identifier(text: str) -> str:
    """``G12.18`` for an identifier in either of its two official forms.

    Decision 20/2020/QĐ-TTg writes the levels from the smallest to the largest, with zeros for a
    level that is not used: ``000.00.18.G12``. Data exchange writes the same unit as ``G12.18``.
    Enterprise numbers and anything else are only trimmed.
    """
    code = text.strip().upper()
    if not _LONG_FORM.fullmatch(code):
        return code
    levels = [level for level in reversed(code.split(".")) if level.strip("0")]
    return ".".join(levels)


def labelled(agencies: Iterable["Agency"]) -> list[tuple["Agency", str]]:
    """Agencies by name; those with the same name show their term."""
    agencies = list(agencies)
    bearers = Counter(agency.name for agency in agencies)
    terms = (formats.term(agency.valid_from, agency.valid_to) for agency in agencies)
    return [
        (agency, f"{agency.name} ({term})" if term and bearers[agency.name] > 1 else agency.name)
        for agency, term in zip(agencies, terms, strict=True)
    ]


def found_by_name(agencies: Any, text: str) -> list[tuple["Agency", str]]:
    """Those that match a text; those alone whose whole name, or short name, it is."""
    if len(text) > LONGEST:  # SQLite refuses to look for the longest
        return []
    wanted = text.strip().casefold()
    # The term behind a name is how it is shown, not part of it.
    found = labelled(agencies.matching(text.partition(" (")[0]))
    exact = [(agency, label) for agency, label in found if label.casefold() == wanted]
    short = [pair for pair in found if pair[0].short_name.casefold() == wanted]
    return exact or short or found


class _Agencies(ModelChoiceIterator[Any]):
    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for agency, label in labelled(getattr(self.field, "first", ()) or self.queryset):
            yield self.choice(agency)[0], label


def _are_many(field: "AgencyField") -> bool:
    if field.first:
        return len(field.first) > SHOWN
    agencies: Any = field.queryset
    if agencies.query.where:
        return bool(agencies[SHOWN : SHOWN + 1].exists())
    return are_too_many(agencies.model)


def are_too_many(agencies: type[Model]) -> bool:
    """Whether all agencies are more than a list to choose from: it is a search field for all."""
    return bool(_one_too_many(agencies))


@Prepared
def _one_too_many(agencies: type[Model]) -> Any:
    return agencies._default_manager.order_by().values_list("pk")[SHOWN : SHOWN + 1]


@cache
def _htmx() -> SafeString:
    return render_to_string("htmx.html")


class AgencyPicker(QuickSelect):
    """A list of a few agencies; of many, a search field that suggests what fits.

    Suggestions come from the scope's address while somebody types (``agency_scopes``); where there
    is no scope they stand in the page. Without scripts a name is typed and sent.
    """

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        field: Any = self.choices.field  # type: ignore[attr-defined]  # of the field's iterator
        if _are_many(field):
            return self._search(field, name, value, attrs)
        return super().render(name, value, attrs, renderer)

    def _search(self, field: Any, name: str, value: Any, attrs: Any) -> str:
        chosen = field.chosen(value)
        text = field.label_of(chosen) if chosen else SearchInput().format_value(value) or ""
        suggested = labelled(field.queryset) if not self.scope else []
        if text and not chosen:
            suggested = found_by_name(field.queryset, text)[:SHOWN]
        given = SearchInput().attrs | self.build_attrs(self.attrs, attrs)
        options = f"{given['id']}_options"
        given |= {"list": options, "autocomplete": "off", "maxlength": 200}
        if self.scope:
            address = address_of("agency_options")(self.scope)
            given |= _SUGGESTING | {"hx-get": address, "hx-target": f"#{options}"}
        return format_html(
            '{}<datalist id="{}">{}</datalist>{}',
            input_tag(type="search", name=name, value=text, attrs=given),
            options,
            format_html_join("", '<option value="{}"></option>', ([of[1]] for of in suggested)),
            _htmx() if self.scope else "",
        )


class AgencyField(forms.ModelChoiceField[Any]):
    """One agency, by its key or by what it is called.

    Agencies may have ended: successors often have the same name.
    """

    iterator = _Agencies
    # Where a form knows them: the first to choose from, more than ``SHOWN`` if there are more.
    first: "Sequence[Agency]" = ()

    def __init__(self, queryset: Any = None, *, scope: str = "", **options: Any) -> None:
        given = {"widget": AgencyPicker(scope)} | options
        super().__init__(queryset, **given)

    def chosen(self, value: Any) -> "Agency | None":
        try:
            return super().to_python(value)
        except ValidationError:
            return None

    def label_of(self, agency: "Agency") -> str:
        rows: Any = self.queryset
        namesakes = labelled(rows.filter(name_vi=agency.name_vi))
        return next(label for one, label in namesakes if one == agency)

    def to_python(self, value: Any) -> "Agency | None":
        if value in self.empty_values or (chosen := self.chosen(value)):
            return chosen if value not in self.empty_values else None
        text = str(value)
        refuse_number_in_search(text)
        found = found_by_name(self.queryset, text)
        if len(found) == 1:
            return found[0][0]
        names = "; ".join(label for _agency, label in found[:SHOWN])
        raise ValidationError(
            _("Several agencies are called that; enter one of these names: %s.") % names
            if found
            else _("No agency with this name can be chosen here. Enter a part of its name."),
            code="invalid_choice",
        )


class AgenciesField(RowsField):
    iterator = _Agencies
