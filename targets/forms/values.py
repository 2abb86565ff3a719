"""Forms for the indicators that agencies report."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind, Sector
from agencies.fields import AgenciesField
from agencies.models import Agency
from common import clock
from common.date_fields import DayField
from common.form_choices import set_choices
from targets.choices import ReportingInterval
from targets.errors import TargetError
from targets.services.duties import MOST_DAYS
from targets.services.values import LARGEST_FILE, LARGEST_NUMBER, require_evidence

EVIDENCE_HELP = format_lazy(
    _("PDF, Word, Excel or an image, at most {most} MB."), most=LARGEST_FILE // 1_000_000
)


class _PartForm(forms.Form):
    """A value without its agency."""

    numerator = forms.IntegerField(label=_("Numerator"), min_value=0, max_value=LARGEST_NUMBER)
    denominator = forms.IntegerField(
        label=_("Denominator"),
        max_value=LARGEST_NUMBER,
        help_text=_("The total of which the numerator is a part."),
    )
    measured_on = DayField(label=_("As of"))
    evidence = forms.FileField(
        label=_("Evidence file"),
        help_text=EVIDENCE_HELP,
    )
    remark = forms.CharField(label=_("Remarks"), max_length=250, required=False)

    def clean_evidence(self) -> Any:
        file = self.cleaned_data["evidence"]
        try:
            require_evidence(file.name, file.size)
        except TargetError as error:
            raise forms.ValidationError(error.message) from error
        return file


class ValueForm(_PartForm):
    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.none(), empty_label=None
    )

    field_order = ("agency",)

    def __init__(self, *args: Any, agencies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, agency=agencies)


class ReplacementForm(_PartForm):
    reason = forms.CharField(
        label=_("Reason for replacing the value"),
        max_length=250,
        help_text=_("The former value stays on record; the agency is notified."),
    )

    field_order = ("reason",)


class DecisionForm(forms.Form):
    """No initial choice: pressing Enter in the note must not accept a value."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=(
            ("accept", _("Accept: the value counts from now on")),
            ("return", _("Return: the agency corrects it and reports again")),
        ),
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note to the agency"),
        max_length=250,
        required=False,
        help_text=_("Required if the value is returned."),
    )


class DutyForm(forms.Form):
    """Who has to report an indicator: begins with who has to report it now."""

    since = DayField(label=_("Applies from"))
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of agency"),
        choices=[choice for choice in AgencyKind.choices if choice[0] != AgencyKind.OTHER],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every agency of these kinds, without its departments."),
    )
    sectors = forms.MultipleChoiceField(
        label=_("Sectors"),
        choices=Sector.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    agencies = AgenciesField(
        label=_("Agencies by name"),
        queryset=Agency.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("In addition to the kinds and sectors."),
    )
    months = forms.TypedChoiceField(
        label=_("To be reported"), choices=ReportingInterval.choices, coerce=int
    )
    days_to_report = forms.IntegerField(
        label=_("Days to report"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=30,
        help_text=_(
            "After the end of the period; agencies that have not reported are then reminded."
        ),
    )
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=200, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=250)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, agencies=Agency.objects.valid_on(clock.today()).order_by("sort_key"))
