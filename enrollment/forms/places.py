"""What is asked about seats and of whoever sends people."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock
from courses.forms import day_input
from enrollment.models import NominationLetter
from people.models import Trainee


class CapacityForm(forms.Form):
    capacity = forms.IntegerField(label=_("Seats"), min_value=1, max_value=10_000)


class ShareForm(forms.Form):
    """An agency's part of the seats; the agencies are those valid on the first day."""

    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), to_field_name="slug"
    )
    seats = forms.IntegerField(
        label=_("Seats kept"), min_value=0, max_value=10_000, help_text=_("0 takes them back.")
    )
    release_on = forms.DateField(
        label=_("Open to all from"),
        required=False,
        widget=day_input(),
        help_text=_("Blank: from the day on which the class starts."),
    )

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = Agency.objects.valid_on(on)  # type: ignore[attr-defined]  # a choice field's own


class LetterForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The letter that names the nominees."""

    class Meta:
        model = NominationLetter
        fields = ("number", "dated", "signer_name", "signer_title", "file")
        widgets = {"dated": day_input()}


class NominationForm(LetterForm):
    """Whom an agency sends, with its letter."""

    agency = forms.ModelChoiceField(
        label=_("Sending agency"), queryset=Agency.objects.none(), to_field_name="slug"
    )
    people = forms.ModelMultipleChoiceField(
        label=_("People"),
        queryset=Trainee.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("agency", "people", "number", "dated", "signer_name", "signer_title", "file")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = Agency.objects.valid_on(clock.today())
        if not user.reads_everything:
            acted_for = Agency.objects.acted_for_by(user)
            agencies = agencies.filter(pk__in=acted_for.values("pk"))
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]  # a choice field's own
        own = Trainee.objects.visible_to(user).exclude(user=user).in_roster_order()
        self.fields["people"].queryset = own  # type: ignore[attr-defined]  # a choice field's own


class ReasonForm(forms.Form):
    """Why somebody is turned down or gives a place back; it stays with the place."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, is_asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_asked


class ReplaceForm(forms.Form):
    trainee = forms.ModelChoiceField(
        label=_("Instead comes"), queryset=Trainee.objects.none(), to_field_name="code"
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trainee"].queryset = people  # type: ignore[attr-defined]  # a choice field's own
