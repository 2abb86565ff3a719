from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.fields import AgencyField
from agencies.models import Agency
from common import clock
from common.date_fields import DayField
from common.form_choices import RowsField, set_choices
from common.vietnamese import tidy
from enrollment.querysets import EnrollmentQuerySet
from people.choices import RequestKind, RequestState
from people.models import CandidatePair, Letter, Trainee
from people.querysets import LetterQuerySet


class TransferForm(forms.Form):
    agency = AgencyField(label=_("New agency"), scope="current", to_field_name="slug")
    on = DayField(
        label=_("Since"),
        help_text=_("Before this day the person belonged to the agency now on file."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, agency=Agency.objects.valid_on(clock.today()))


class SamePersonForm(forms.Form):
    """Two rows are one person: which row is kept, and why."""

    keep = forms.ChoiceField(label=_("Main record"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=250, required=False)

    def __init__(self, *args: Any, pair: CandidatePair, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = {row.code: row for row in (pair.first, pair.second)}
        named = [(row.code, f"{row.full_name} ({row.code})") for row in self._rows.values()]
        set_choices(self, keep=named)
        # Whoever bears a number is the better known of the two.
        known = max((pair.first, pair.second), key=lambda row: bool(row.personal_number_tail))
        self.fields["keep"].initial = known.code

    def survivor(self) -> Trainee:
        return self._rows[self.cleaned_data["keep"]]


class OwnRequestForm(forms.Form):
    kind = forms.ChoiceField(label=_("I request"), choices=RequestKind.choices)
    text = forms.CharField(
        label=_("Your explanation"),
        required=False,
        max_length=2000,
        help_text=_("For a correction: state what is wrong, and what is correct."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @staticmethod
    def asked_for(enrollments: EnrollmentQuerySet, asked: Mapping[str, str]) -> dict[str, str]:
        """What an address fills in: the kind, and the class of one of these enrollments."""
        code = asked.get("run", "")
        is_theirs = bool(code) and enrollments.filter(run__code=code).exists()
        text = gettext("About the class %(run)s: ") % {"run": code} if is_theirs else ""
        return {"kind": asked.get("kind", ""), "text": text}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == RequestKind.CORRECT and not values.get("text"):
            self.add_error("text", gettext("State what is wrong, and what is correct."))
        return values


class CorrectionRequestForm(OwnRequestForm):
    """What a coordinator may ask for in place of the person."""

    kind = forms.ChoiceField(choices=RequestKind.choices, widget=forms.HiddenInput, required=False)

    def clean_kind(self) -> str:
        return RequestKind.CORRECT


class LetterRequestForm(OwnRequestForm):
    kind = forms.ChoiceField(label=_("The person requests"), choices=RequestKind.choices)
    received_on = DayField(
        label=_("Received on"),
        initial=clock.today,
        help_text=_("The two working days start on this date."),
    )
    field_order = ("kind", "received_on", "text")


class HolidayForm(forms.Form):
    first = DayField(label=_("First day"))
    last = DayField(
        label=_("Last day"), required=False, help_text=_("Leave blank for a single day.")
    )
    name = forms.CharField(label=_("Name of the holiday"), max_length=100)

    def clean_name(self) -> str:
        return tidy(self.cleaned_data["name"])


class AnswerForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (RequestState.REPLIED, _("accept it for processing and notify the person")),
            (RequestState.DONE, _("grant")),
            (RequestState.REFUSED, _("refuse")),
        ],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"),
        max_length=2000,
        help_text=_("The person will read this. A refusal must state its legal basis."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class LettersForm(forms.Form):
    """Letters: those ticked where ``chosen``, else all that wait (of one agency if named)."""

    letter = RowsField(Letter.objects.none(), required=False)
    chosen = forms.BooleanField(required=False)
    agency = forms.SlugField(required=False, max_length=60)

    def __init__(self, *args: Any, letters: LetterQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._letters = letters
        set_choices(self, letter=letters)

    def wanted(self) -> LetterQuerySet:
        data = self.cleaned_data
        if data["chosen"]:
            return self._letters.filter(pk__in=[one.pk for one in data["letter"]])
        waiting = self._letters.to_print()
        return waiting.filter(trainee__agency__slug=data["agency"]) if data["agency"] else waiting
