"""Forms for seats and nominations."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.fields import AgencyField
from agencies.models import Agency
from common import formats
from common.date_fields import DayField, day_input
from common.form_choices import RowsField, set_choices
from common.public_text import ReasonField, SearchField, search_text
from enrollment.fields import ScanField
from enrollment.models import Enrollment, NominationLetter
from enrollment.services.details import CODED_DETAILS
from people.models import Trainee
from people.querysets import TraineeQuerySet

# Checkboxes on one page: who is not among them is found by name.
MAX_CHOICES = 20


class CapacityForm(forms.Form):
    capacity = forms.IntegerField(label=_("Seats"), min_value=1, max_value=10_000)


class ShareForm(forms.Form):
    """A seat share; agencies are those valid on the first day of the class."""

    agency = AgencyField(label=_("Agency"), to_field_name="slug")
    seats = forms.IntegerField(
        label=_("Reserved seats"),
        min_value=0,
        max_value=10_000,
        help_text=_("Enter 0 to release them."),
    )
    release_on = DayField(
        label=_("Open to everyone from"),
        required=False,
        help_text=_("Leave blank for the day on which the class starts."),
    )

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, agency=Agency.objects.valid_on(on))


class LetterForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    file = ScanField(label=_("File"), required=False)

    class Meta:
        model = NominationLetter
        fields = ("number", "dated", "signer_name", "signer_title", "file")
        widgets = {"dated": day_input()}


class NominationForm(LetterForm):
    chooser = "people"
    q = SearchField(label=_("Find by name or trainee code"))
    people = RowsField(
        label=_("People"),
        queryset=Trainee.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)
    agency = AgencyField(label=_("Sending agency"), scope="sending", to_field_name="slug")
    field_order = (
        "q", "people", *CODED_DETAILS, "agency", "number", "dated", "signer_name", "signer_title",
        "file",
    )  # fmt: skip

    def __init__(
        self, data: Any, files: Any, *, user: Any, people: TraineeQuerySet, entered: Any
    ) -> None:
        super().__init__(data, files, initial=entered)
        set_choices(self, agency=Agency.objects.to_send_for(user))
        for name, field in forms.fields_for_model(Enrollment, CODED_DETAILS).items():
            field.choices = [("", gettext("not known")), *field.choices[1:]]
            field.help_text = gettext("Of everyone selected above.")
            self.fields[name] = field
        self.order_fields(self.field_order)
        self.more = limit_choices(self, people, entered)


class ReasonForm(forms.Form):
    reason = ReasonField(min_length=None)

    def __init__(self, *args: Any, is_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_required


class ReplaceForm(forms.Form):
    chooser = "trainee"
    q = SearchField(label=_("Find by name or trainee code"))
    trainee = forms.ModelChoiceField(
        label=_("Replacement"),
        queryset=Trainee.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    reason = ReasonField(min_length=None, required=False)

    def __init__(self, data: Any, *, people: TraineeQuerySet, entered: Any) -> None:
        super().__init__(data, initial=entered)
        self.more = limit_choices(self, people, entered)


def limit_choices(form: Any, people: TraineeQuerySet, entered: Any) -> int:
    """Show the selected people and the first matches of the search; return how many more match.

    ``entered`` holds the search text and the selection so far.
    """
    field = form.fields[form.chooser]
    field.queryset = people
    selected = entered.get(form.chooser) or []
    chosen = list(people.filter(code__in=[selected] if isinstance(selected, str) else selected))
    others = people.exclude(pk__in=[person.pk for person in chosen])
    if text := search_text(entered):
        others = others.matching(text)
    choices = [*chosen, *others.select_related("agency")[:MAX_CHOICES]]
    form.offers_nobody = not choices
    field.widget.choices = [(person.code, person_label(person)) for person in choices]
    return max(0, others.count() - MAX_CHOICES)


def person_label(person: Trainee) -> str:
    """Enough about a person to tell namesakes apart."""
    birth = formats.day(person.birth_date) or str(person.birth_year or "")
    return " · ".join(filter(None, (person.full_name, birth, person.unit, person.agency.name)))
