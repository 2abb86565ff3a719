from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.date_fields import DayField
from retention.services.kinds import KINDS, Kind
from retention.services.rules import LONGEST


class RuleForm(forms.Form):
    years = forms.IntegerField(
        label=_("Years"),
        min_value=1,
        max_value=LONGEST,
        required=False,
        help_text=_("From the end of the year in which a record was closed. Empty: for good."),
    )
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=300)
    is_confirmed = forms.BooleanField(
        label=_("Confirmed by the programme office"),
        required=False,
        help_text=_("Nothing is deleted before that."),
    )
    valid_from = DayField(label=_("In force from"))
    reason = forms.CharField(label=_("Reason"), max_length=250)

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind.why_kept:
            self.fields["years"].disabled = True


class PackageForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of records"), widget=forms.CheckboxSelectMultiple
    )
    until_year = forms.IntegerField(
        label=_("Closed up to the end of the year"),
        min_value=2000,
        max_value=2200,
        help_text=_("Of kinds with a retention time, only what is due is packed."),
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=250)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kinds"]
        field.choices = [(name, kind.label) for name, kind in KINDS.items()]
        self.initial.setdefault("until_year", clock.today().year - 1)


class ReceiverForm(forms.Form):
    handed_over_to = forms.CharField(label=_("Handed over to"), max_length=250)


class DecisionForm(forms.Form):
    decision = forms.CharField(
        label=_("Decision"),
        max_length=250,
        help_text=_("Number and date of the decision on which the deletion rests."),
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)
