"""What is asked of whoever looks back, looks into the number or draws a sample."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common import clock
from common.date_fields import DayField
from counting.replay import GroupBy
from counting.sampling import MOST


class ExplainForm(forms.Form):
    as_of = DayField(label=_("As of"), required=False)
    known_as_of = DayField(label=_("As known on"), required=False)

    def clean_as_of(self) -> dt.date | None:
        return _not_in_future(self.cleaned_data["as_of"])


class NumberForm(forms.Form):
    """Which number is asked for: of which day, by which records, in which parts."""

    THEN, TODAY = "then", "today"
    PARTS = (
        (GroupBy.SECTOR, _("Sector")),
        (GroupBy.KIND, _("Kind of agency")),
        (GroupBy.AGENCY, _("Agency")),
        (GroupBy.COURSE, _("Course")),
        (GroupBy.MONTH, _("Month")),
    )

    as_of = DayField(label=_("As of"), required=False)
    known_as_of = DayField(label=_("Records believed up to"), required=False)
    by = forms.ChoiceField(
        label=_("In parts by"),
        required=False,
        initial=GroupBy.SECTOR,
        choices=PARTS,
    )
    agencies = forms.ChoiceField(
        label=_("Agencies"),
        required=False,
        choices=[(THEN, _("as they were then")), (TODAY, _("as they are today"))],
    )

    def clean_as_of(self) -> dt.date | None:
        return _not_in_future(self.cleaned_data["as_of"])

    def clean_known_as_of(self) -> dt.date | None:
        return _not_in_future(self.cleaned_data["known_as_of"])

    def clean_by(self) -> GroupBy:
        return GroupBy(self.cleaned_data["by"] or GroupBy.SECTOR)


class SampleForm(forms.Form):
    """A sample's size and seed; what repeats one exactly comes along in the address."""

    USUAL = 20

    size = forms.IntegerField(
        label=pgettext_lazy("how many", "People"), min_value=1, max_value=MOST, initial=USUAL
    )
    seed = forms.CharField(
        label=_("Seed"), max_length=40, required=False, help_text=_("Blank: a new one.")
    )
    as_of = DayField(label=_("As of"), required=False)
    known_as_of = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean_as_of(self) -> dt.date | None:
        return _not_in_future(self.cleaned_data["as_of"])


def _not_in_future(day: dt.date | None) -> dt.date | None:
    if day and day > clock.today():
        raise forms.ValidationError(_("This day is still to come: nothing is counted on it yet."))
    return day
