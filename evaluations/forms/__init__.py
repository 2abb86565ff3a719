import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.date_fields import DayField
from common.form_choices import set_choices
from common.person_names import PersonNameInput
from courses.models import Course
from evaluations.choices import ExampleState, Use
from evaluations.layouts import FilledForm, Key, Layout
from evaluations.models import Evaluation, EvaluationForm, FollowUp, FollowUpRule
from evaluations.models.forms import HIGHEST, LOWEST
from evaluations.services.follow_ups import FILE_KINDS
from evaluations.sheets import LONGEST_TEXT


class PlanForm(forms.Form):
    form = forms.ModelChoiceField(
        label=_("Evaluation form"), queryset=EvaluationForm.objects.none()
    )
    opens_on = DayField(label=_("Open from"))
    closes_on = DayField(label=_("Last day to answer"))

    def __init__(self, *args: Any, evaluation: Evaluation | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = EvaluationForm.objects.current()
        if evaluation:
            current |= EvaluationForm.objects.filter(pk=evaluation.form_id)
        field: Any = self.fields["form"]
        field.queryset = current


class IdentityForm(forms.Form):
    name = forms.CharField(label=_("Full name"), max_length=100)
    last_digits = forms.RegexField(
        r"^[0-9]{3}$",
        label=_("Last three digits of the personal identification number"),
        max_length=3,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class AnswerForm(forms.Form):
    """Every prompt of a layout; none of them is required."""

    def __init__(self, *args: Any, layout: Layout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout = layout
        choices = [(str(value), str(value)) for value in range(LOWEST, HIGHEST + 1)]
        self._prompts = {f"a-{prompt.key}": prompt for prompt in layout.indicators()}
        self._questions = {f"t-{prompt.key}": prompt for prompt in layout.questions()}
        for name, prompt in self._prompts.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{prompt.number} {prompt.item.text}",
                choices=choices,
                required=False,
                widget=forms.RadioSelect(attrs={"class": "scale"}),
                error_messages={"invalid_choice": _("Choose a number from 1 to 10.")},
            )
        for name, prompt in self._questions.items():
            self.fields[name] = forms.CharField(
                label=prompt.item.text,
                max_length=LONGEST_TEXT,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def filled(self) -> FilledForm:
        data: Mapping[str, Any] = self.cleaned_data
        answers = {
            prompt.key: int(data[name]) for name, prompt in self._prompts.items() if data[name]
        }
        texts: dict[Key, str] = {
            prompt.key: data[name] for name, prompt in self._questions.items() if data[name]
        }
        return FilledForm(answers, texts)

    def sections(self) -> list[tuple[str, list[tuple[str, list[Any]]], list[Any]]]:
        """Title of each section, its criteria with their fields, and its questions."""
        return [
            (
                section.title,
                [
                    (
                        criterion.item.text,
                        [self[f"a-{prompt.key}"] for prompt in criterion.indicators],
                    )
                    for criterion in section.criteria
                ],
                [self[f"t-{prompt.key}"] for prompt in section.questions],
            )
            for section in self.layout.sections
        ]


class SheetForm(forms.Form):
    file = forms.FileField(
        label=_("Forms on paper, as an Excel file"),
        help_text=_("The sheet above, with one row for each form."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class FormVersionForm(forms.ModelForm[EvaluationForm]):
    file = forms.FileField(
        label=_("The form, as an Excel file"),
        help_text=_("Download the version before, change it, and upload it here."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    class Meta:
        model = EvaluationForm
        fields = (
            "slug", "title_vi", "title_en", "legal_basis", "most_unanswered", "least_forms",
            "days_open", "yearly_share",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class YearForm(forms.Form):
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100, required=False)


class FollowUpForm(forms.ModelForm[FollowUp]):
    use = forms.ChoiceField(
        label=_("Is what was learned used at work?"), choices=Use.choices, widget=forms.RadioSelect
    )
    example = forms.CharField(
        label=_("An example, in words"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was done, with which tool, and what it saved. Leave out personal data."),
    )
    link = forms.URLField(label=_("A link to it"), required=False, assume_scheme="https")
    file = forms.FileField(
        label=_("A file that shows it"),
        required=False,
        help_text=_("PDF, Word, Excel, PowerPoint or an image, at most 10 MB."),
        validators=(FileExtensionValidator(FILE_KINDS),),
        widget=forms.FileInput(attrs={"accept": ",".join(f".{one}" for one in FILE_KINDS)}),
    )

    class Meta:
        model = FollowUp
        fields = ("use", "what", "obstacle", "example", "link", "file", "may_publish")
        labels = {
            "may_publish": _("The programme office may publish the example, without my name"),
        }
        widgets = {
            "what": forms.Textarea(attrs={"rows": 3}),
            "obstacle": forms.Textarea(attrs={"rows": 2}),
        }

    def _post_clean(self) -> None:
        """The service writes the row."""


class ManagerForm(forms.Form):
    full_name = PersonNameInput(label=_("Manager's full name"), max_length=100)
    email = forms.EmailField(label=_("Manager's e-mail"))


class RuleForm(forms.ModelForm[FollowUpRule]):
    months = forms.CharField(
        label=_("Months after the completion"),
        help_text=_("Numbers with commas between them, such as 3, 6."),
        max_length=40,
    )

    class Meta:
        model = FollowUpRule
        fields = ("months", "reminders", "days_between", "days_open")

    def clean_months(self) -> list[int]:
        parts = [part.strip() for part in self.cleaned_data["months"].split(",")]
        if not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
            raise forms.ValidationError(
                gettext("Enter numbers of months with commas between them.")
            )
        return [int(part) for part in parts]

    def clean_days_between(self) -> int:
        return self._at_least_one("days_between")

    def clean_days_open(self) -> int:
        return self._at_least_one("days_open")

    def _at_least_one(self, name: str) -> int:
        days: int = self.cleaned_data[name]
        if not 1 <= days <= 366:
            raise forms.ValidationError(gettext("Enter a number of days from 1 to 366."))
        return days


class ExampleForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Decision"),
        choices=[(one.value, one.label) for one in ExampleState if one != ExampleState.SUBMITTED],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note to its author"), max_length=250, required=False)
    public_title = forms.CharField(label=_("Title, as published"), max_length=150, required=False)
    public_text = forms.CharField(
        label=_("Text, as published"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Without names of people and without what the agency does not make public."),
    )


class EffectFilterForm(forms.Form):
    """For those who may read single answers: two narrowings compared tell them."""

    course = forms.ModelChoiceField(
        label=_("Course"),
        queryset=Course.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("all"),
    )
    months = forms.IntegerField(
        label=_("Months after the completion"), min_value=1, max_value=60, required=False
    )
    since = DayField(label=_("Completed from"), required=False)
    until = DayField(label=_("Completed until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, course=Course.objects.order_by("code"))

    def narrowing(self) -> dict[str, Any]:
        """Look-ups of ``FollowUp``, by what was chosen."""
        data = self.cleaned_data if self.is_valid() else {}
        lookups: dict[str, Any] = {
            "completion__run__course": data.get("course"),
            "months": data.get("months"),
            "completion__completed_on__gte": data.get("since"),
            "completion__completed_on__lte": data.get("until"),
        }
        return {name: value for name, value in lookups.items() if value}


def default_closing(opens_on: dt.date, form: EvaluationForm | None) -> dt.date:
    return opens_on + dt.timedelta(days=form.days_open if form else 14)
