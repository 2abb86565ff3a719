from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.fields import AgencyField
from agencies.models import Agency
from common.date_fields import domain_errors_as_invalid
from common.dates import check_birth, format_date, parse_birth
from common.form_choices import QuickSelect, set_choices
from common.identity import parse_email, parse_phone, personal_digits
from common.parsed_text import ParsedField
from common.person_names import PersonNameInput
from common.public_text import SearchField
from common.vietnamese import tidy
from people.choices import Sex, TrainingStatus
from people.models import Trainee


class PeopleSearch(forms.Form):
    q = SearchField(label=_("Name or trainee code"))


class PeopleFilter(PeopleSearch):
    agency = AgencyField(
        label=_("Agency"),
        scope="listed",
        to_field_name="slug",
        required=False,
        empty_label=_("all"),
    )
    status = forms.ChoiceField(
        label=_("Training status"),
        choices=[("", _("all")), *TrainingStatus.choices],
        required=False,
        widget=QuickSelect,
    )
    # The short name of an audience: of its people those who are not yet trained for it.
    untrained = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, agencies: Any, first: Sequence[Agency] = (), **kwargs: Any
    ) -> None:
        """``first``: as of an ``AgencyField``."""
        super().__init__(*args, **kwargs)
        set_choices(self, agency=agencies)
        cast("AgencyField", self.fields["agency"]).first = first

    def asked(self) -> dict[str, str]:
        data = self.cleaned_data
        agency = data["agency"].slug if data["agency"] else ""
        asked = {name: data[name] for name in ("q", "status", "untrained")}
        return asked | {"agency": agency}


class NeverEchoed(forms.TextInput):
    """An input whose value is submitted but never rendered back."""

    def format_value(self, value: Any) -> str | None:
        return None


class PersonForm(forms.Form):
    """Corrects a trainee; ``seen`` is the version that the user was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)
    full_name = PersonNameInput(label=_("Full name"), max_length=200)
    birth = forms.CharField(
        label=_("Birth date or birth year"),
        required=False,
        max_length=20,
        help_text=_("As dd/mm/yyyy, or only the year."),
    )
    sex = forms.ChoiceField(
        label=_("Sex"), choices=[("", _("not specified")), *Sex.choices], required=False
    )
    unit = ParsedField(tidy, label=_("Unit"), max_length=200, required=False)
    position = ParsedField(tidy, label=_("Position"), max_length=150, required=False)
    email = ParsedField(
        parse_email,
        label=_("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    phone = ParsedField(
        parse_phone,
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    personal_number = ParsedField(
        personal_digits,
        label=_("New personal number"),
        max_length=40,
        required=False,
        help_text=_("12 digits; only if the recorded number is missing or wrong."),
        widget=NeverEchoed(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    @classmethod
    def showing(cls, trainee: Trainee) -> "PersonForm":
        birth = trainee.birth_date or trainee.birth_year
        plain = ("full_name", "sex", "unit", "position", "email", "phone")
        return cls(
            initial={
                "seen": trainee.edition,
                "birth": format_date(trainee.birth_date) if trainee.birth_date else birth or "",
            }
            | {field: getattr(trainee, field) for field in plain}
        )

    def clean_birth(self) -> Any:
        text = self.cleaned_data["birth"]
        if not text:
            return None
        with domain_errors_as_invalid():
            birth = parse_birth(text)
            check_birth(birth)
            return birth

    def values(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        birth = values.pop("birth")
        is_year = isinstance(birth, int)
        values["birth_date"] = None if is_year else birth
        values["birth_year"] = birth if is_year else birth and birth.year
        del values["seen"]
        return values
