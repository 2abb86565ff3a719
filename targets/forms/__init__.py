from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind
from agencies.fields import AgencyField
from agencies.models import Agency
from certificates.models import Signer
from common import clock, formats
from common.date_fields import DayField
from common.dates import format_date, parse_date
from common.errors import InputError
from common.form_choices import RowsField, set_choices
from counting.forms import AsOfForm
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS
from targets.choices import TaskState, UnitAnswer
from targets.errors import TargetError
from targets.forms.values import EVIDENCE_HELP
from targets.job_types import SignOffPayload
from targets.models import AudienceStep, Step, Target
from targets.services.reports import RECIPIENTS, letter_of, require_letter
from targets.services.targets import MOST_PEOPLE

# Reports --------------------------------------------------------------------------------


class PeriodForm(forms.Form):
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))


class SignOffForm(forms.Form):
    """The letter around the figure; period and agreed figure are hidden fields."""

    starts_on = forms.DateField(widget=forms.HiddenInput)
    ends_on = forms.DateField(widget=forms.HiddenInput)
    agreed_persons = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.CharField(
        label=_("Number and symbol"), max_length=60, help_text=_("For example: 12/BC-BKHCN.")
    )
    dated = DayField(label=_("Date of the report"))
    signer = forms.ModelChoiceField(label=_("Signer"), queryset=Signer.objects.none())
    recipients = forms.CharField(
        label=_("Recipients (“Nơi nhận”)"),
        widget=forms.Textarea(attrs={"rows": 3}),
        initial=RECIPIENTS,
        max_length=1000,
        help_text=_("One per line."),
    )
    signed_here = forms.BooleanField(
        label=_("Sign the PDF with the key of this server"),
        initial=True,
        required=False,
        help_text=_("Otherwise download the PDF, have it signed externally, and upload it."),
    )

    acknowledged = forms.BooleanField(
        label=_("I have looked at the open points above and sign nevertheless"), required=False
    )

    def __init__(self, *args: Any, open_points: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if open_points:
            self.fields["acknowledged"].required = True
        else:
            del self.fields["acknowledged"]
        signers = Signer.objects.in_force().select_related("body").order_by("body__name", "name")
        field: Any = self.fields["signer"]
        field.queryset = signers
        field.label_from_instance = lambda signer: f"{signer} · {signer.body.name}"

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        words = ("signer", "number", "dated", "recipients")
        try:
            self.letter = letter_of(**{name: self.cleaned_data[name] for name in words})
            require_letter(self.letter, self.cleaned_data["ends_on"])
        except TargetError as error:
            self.add_error(None, error.message)

    @property
    def payload(self) -> SignOffPayload:
        data = self.cleaned_data
        return {
            "starts_on": data["starts_on"].isoformat(),
            "ends_on": data["ends_on"].isoformat(),
            "number": data["number"],
            "signer": data["signer"].pk,
            "dated": data["dated"].isoformat(),
            "recipients": data["recipients"],
            "agreed_persons": data["agreed_persons"],
            "signed_here": data["signed_here"],
        }


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class SignedReportForm(forms.Form):
    signed_file = forms.FileField(
        label=_("Signed report"),
        help_text=_("The PDF as saved by the signing software, without any other change."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )


class PackForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason why full names are needed"),
        max_length=250,
        help_text=_("The reason is logged with your name."),
    )


# Quotas and tasks -----------------------------------------------------------------------


class _AgencyForm(forms.Form):
    """Offers the agencies that count and exist today, and the row's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        valid = Agency.objects.valid_on(clock.today()).exclude(kind=AgencyKind.OTHER)
        chosen = Agency.objects.filter(pk=_pk(self.initial.get("agency")))
        set_choices(self, agency=valid | chosen)


def _pk(agency: Any) -> Any:
    return agency.pk if isinstance(agency, Agency) else None


def steps_as_text(steps: Iterable[Step]) -> str:
    return "\n".join(f"{format_date(step.day)}: {step.persons}" for step in steps)


def audience_steps_as_text(plan: Mapping[str, Iterable[Step]]) -> str:
    return "\n".join(
        f"{audience}: {line}"
        for audience, steps in plan.items()
        for line in steps_as_text(steps).splitlines()
    )


class StepsField(forms.CharField):
    """Lines of a day and a number, as a list of steps."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> list[Step]:
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        return [self._step(line) for line in lines]

    def _step(self, line: str) -> Step:
        day, _colon, persons = line.replace("\t", ":").rpartition(":")
        try:
            return Step(parse_date(day.strip()), int(persons.strip()))
        except (InputError, ValueError) as error:
            message = gettext(
                "“%(line)s” is not a step: write a day, a colon and a number, such as "
                "31/12/2027: 12."
            )
            raise forms.ValidationError(message % {"line": line.strip()}) from error


class AudienceStepsField(StepsField):
    """Lines of an audience's short name, a day and a number."""

    def clean(self, value: Any) -> Any:
        lines = [line for line in forms.CharField.clean(self, value).splitlines() if line.strip()]
        return [self._of_audience(line) for line in lines]

    def _of_audience(self, line: str) -> AudienceStep:
        audience, _colon, step = line.replace("\t", ":").partition(":")
        day, persons = self._step(step)
        return AudienceStep(audience.strip(), day, persons)


class QuotaForm(_AgencyForm):
    target = forms.ModelChoiceField(
        label=_("Target"),
        queryset=Target.objects.of(TRAINED_OFFICIALS).current(),
        empty_label=None,
    )
    agency = AgencyField(label=_("Agency"))
    minimum = forms.IntegerField(label=_("At least (people)"), min_value=1, max_value=1_000_000)
    due_on = DayField(
        label=_("Deadline"),
        required=False,
        help_text=_("Leave blank for the target's due date."),
    )
    steps = StepsField(
        label=_("Steps to the quota"),
        required=False,
        help_text=_(
            "One per line: a day and the people trained by then, all in all. For example: "
            "31/12/2027: 12. The last step is the quota itself."
        ),
    )
    audience_steps = AudienceStepsField(
        label=_("Of these, by audience"),
        required=False,
        help_text=_(
            "One per line: the short name of an audience, a day and the people trained by then. "
            "For example: leaders: 31/12/2027: 4."
        ),
    )
    lead_unit = forms.CharField(label=_("Lead unit"), max_length=200, required=False)
    cooperating_units = forms.CharField(
        label=_("Cooperating units"), max_length=400, required=False
    )
    reason = forms.CharField(label=_("Reason for the change"), max_length=250)

    def __init__(self, *args: Any, is_change: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_change
        if not is_change:
            self.fields["reason"].label = gettext("Reason or legal basis")
        field: Any = self.fields["target"]
        field.label_from_instance = _target_label


def _target_label(target: Target) -> str:
    return gettext("At least %(minimum)s by %(day)s") % {
        "minimum": formats.number(target.minimum),
        "day": formats.day(target.due_on),
    }


class _IndicatorForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicator"]
        field.label_from_instance = lambda indicator: indicator.title


class TargetForm(_IndicatorForm):
    indicator = forms.ModelChoiceField(
        label=_("Indicator"), queryset=Indicator.objects.all(), empty_label=None
    )
    minimum = forms.IntegerField(
        label=_("At least"),
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=_("People, or percent if the indicator is a percentage."),
    )
    due_on = DayField(label=_("Due on"))
    legal_basis = forms.CharField(
        label=_("Legal basis"), max_length=200, help_text=_("For example: Quyết định 699/QĐ-BTTTT.")
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class TaskForm(_AgencyForm, _IndicatorForm):
    indicator = forms.ModelChoiceField(
        label=_("Indicator"), queryset=Indicator.objects.all(), empty_label=None
    )
    agency = AgencyField(label=_("Agency"))
    title = forms.CharField(label=_("Task"), max_length=250)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=200, required=False)
    starts_on = DayField(label=_("To be started on"), required=False)
    due_on = DayField(label=_("To be completed by"))
    responsible_unit = forms.CharField(label=_("Responsible unit"), max_length=200)
    cooperating_units = RowsField(
        label=_("Cooperating units"),
        queryset=Agency.objects.none(),
        required=False,
        help_text=_("Agencies of the system: they see the task and answer it."),
    )
    other_units = forms.CharField(
        label=_("Other cooperating units"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Units that are not in the list, one per line."),
    )
    reason = forms.CharField(label=_("Reason for the change"), max_length=250)

    def __init__(self, *args: Any, is_change: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_change
        if not is_change:
            del self.fields["reason"]
        chosen = Agency.objects.filter(pk__in=[one.pk for one in self._chosen()])
        field: Any = self.fields["cooperating_units"]
        field.queryset = Agency.objects.valid_on(clock.today()) | chosen

    def _chosen(self) -> list[Agency]:
        units: list[Agency] = self.initial.get("cooperating_units") or []
        return units

    def clean_other_units(self) -> list[str]:
        text: str = self.cleaned_data["other_units"]
        return text.splitlines()


class TaskFilterForm(AsOfForm):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *TaskState.choices]
    )
    to_review = forms.BooleanField(label=_("With progress to review"), required=False)


class ProgressForm(forms.Form):
    day = DayField(label=_("As of"), initial=clock.today)
    text = forms.CharField(
        label=_("Progress"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_final = forms.BooleanField(label=_("The task is completed"), required=False)
    proof = forms.FileField(
        label=_("Proof"),
        required=False,
        help_text=EVIDENCE_HELP,
    )


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Answer"), choices=UnitAnswer.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=250, required=False, help_text=_("Required for a refusal.")
    )


class FinishForm(forms.Form):
    done_on = DayField(label=_("Done on"), initial=clock.today)


class PublicAsOfForm(forms.Form):
    as_of = DayField(label=_("As of"))

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > clock.today():
            raise forms.ValidationError(_("This date is in the future: choose today or earlier."))
        return day
