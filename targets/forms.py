"""What is asked of whoever signs, promises, reports and looks back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Signer
from targets.services.signing import RECIPIENTS


def day_field(label: Any, **options: Any) -> forms.DateField:
    """A day, with the browser's own picker."""
    picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=picker, **options)


# Reports --------------------------------------------------------------------------------


class PeriodForm(forms.Form):
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))


class SignOffForm(forms.Form):
    """The letter around the figure; the period and the figure agreed to come along unseen."""

    starts_on = forms.DateField(widget=forms.HiddenInput)
    ends_on = forms.DateField(widget=forms.HiddenInput)
    agreed_persons = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.CharField(
        label=_("Number and symbol"), max_length=60, help_text=_("As in 12/BC-BKHCN.")
    )
    dated = day_field(_("Date of the report"))
    signer = forms.ModelChoiceField(label=_("Signer"), queryset=Signer.objects.none())
    recipients = forms.CharField(
        label=_("Recipients (“Nơi nhận”)"),
        widget=forms.Textarea(attrs={"rows": 3}),
        initial=RECIPIENTS,
        max_length=1000,
        help_text=_("One on each line."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signers = Signer.objects.select_related("body").order_by("body__name", "name")
        field: Any = self.fields["signer"]
        field.queryset = signers
        field.label_from_instance = lambda signer: f"{signer} · {signer.body.name}"


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class PackForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the names are needed in clear"),
        max_length=250,
        help_text=_("It goes on record with your name."),
    )
