"""Forms for those who run a class."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from agencies.fields import AgencyField
from agencies.models import Agency, Succession
from common import clock
from common.date_fields import DayField, day_input
from common.form_choices import RowsField, set_choices
from common.optimistic_locking import OptimisticLockForm
from courses.choices import DayPart
from courses.fields import CODE
from courses.models import CourseRun, OfficialDecision, Session
from enrollment.choices import TraineeKind
from enrollment.fields import ScanField
from enrollment.models import Completion
from people.models import Trainee

MAX_MATERIAL_SIZE = 50 * 1024 * 1024
MATERIAL_EXTENSIONS = (
    ".pdf", ".pptx", ".ppt", ".odp", ".docx", ".doc", ".odt", ".xlsx", ".xls", ".ods", ".csv",
    ".txt", ".png", ".jpg", ".jpeg", ".mp4", ".mp3", ".zip",
)  # fmt: skip
_WEEKDAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]


def time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def score_field(**options: Any) -> forms.DecimalField:
    """Out of ten."""
    return forms.DecimalField(min_value=0, max_value=10, decimal_places=2, **options)


class ScoreForm(forms.Form):
    """Scores out of ten, one field per enrollment, named ``score-<id>``."""

    def __init__(self, *args: Any, enrollments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for enrollment in enrollments:
            name, score = enrollment.trainee.full_name, enrollment.score
            field = score_field(label=name, required=False, initial=score)
            self.fields[f"score-{enrollment.pk}"] = field


class SplitAssignmentForm(forms.Form):
    agency = forms.ModelChoiceField(
        label=_("Successor agency"), queryset=Agency.objects.none(), to_field_name="slug"
    )
    completions = RowsField(label=_("Results"), queryset=Completion.objects.none(), required=False)
    people = RowsField(
        label=_("People"), queryset=Trainee.objects.none(), to_field_name="code", required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned["completions"] and not cleaned["people"]:
            raise forms.ValidationError(_("Choose at least one person or result."))
        return cleaned

    def __init__(
        self, *args: Any, split: Succession, waiting: Any, people: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        successors = Agency.objects.filter(links_to_predecessors__succession=split)
        set_choices(self, agency=successors, completions=waiting, people=people)


class ScoreFileForm(forms.Form):
    file = forms.FileField(
        label=_("Score sheet"),
        help_text=_("The Excel file above with the score column filled in."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class CorrectionForm(forms.Form):
    """A corrected result; a field left as it is changes nothing."""

    score = score_field(label=_("Score"), required=False)
    completed_on = DayField(label=_("Completed on"))
    sending_agency = AgencyField(
        label=_("Sending agency"),
        scope="every",
        to_field_name="slug",
        help_text=_("Mergers and renamings up to that day are applied automatically."),
    )
    trainee_kind = forms.ChoiceField(
        label=_("Official or expert"),
        choices=[("", _("not known")), *TraineeKind.choices],
        required=False,
    )
    reason = forms.CharField(label=_("Reason"), max_length=250)
    document = ScanField(
        label=_("Document"),
        required=False,
        help_text=_("A scan; needed for a day outside the days of the class."),
    )

    def __init__(self, *args: Any, completion: Completion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, sending_agency=Agency.objects.all())
        self.initial.update(
            score=completion.score,
            completed_on=completion.completed_on,
            sending_agency=completion.sending_agency.slug,
            trainee_kind=completion.trainee_kind,
        )


class AgencyKindForm(forms.Form):
    MOVE, KEEP = "move", "keep"

    results = forms.ChoiceField(
        label=_("These results"),
        choices=(
            (MOVE, _("The old kind was a mistake: correct them; their certificates are reissued")),
            (KEEP, _("The kind changed later: leave them as they were recorded")),
        ),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), max_length=250)


class ResitForm(forms.Form):
    score = score_field(label=_("Score"))
    sat_on = DayField(label=_("Re-sit on"))


class ScanForm(forms.Form):
    file = ScanField(label=_("Scan"))
    title = forms.CharField(label=_("Document name"), max_length=200, required=False)


def check_material(file: Any) -> Any:
    """Raises ValidationError for another kind of file, or one that is too large."""
    if not file.name.lower().endswith(MATERIAL_EXTENSIONS):
        raise forms.ValidationError(_("Files of this type are not accepted."))
    if file.size > MAX_MATERIAL_SIZE:
        raise forms.ValidationError(_("The file is larger than 50 MB."))
    return file


class MaterialForm(forms.Form):
    title = forms.CharField(label=_("Document name"), max_length=200)
    file = forms.FileField(
        label=_("File"),
        help_text=_("Slides, documents, spreadsheets, images or videos, at most 50 MB."),
    )

    def clean_file(self) -> Any:
        return check_material(self.cleaned_data["file"])


class ExceptionForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class DecisionForm(OptimisticLockForm):
    """A class-opening or recognition decision, worded as documents and certificates print it."""

    file = ScanField(label=_("File"), required=False)

    class Meta:
        model = OfficialDecision
        fields = (
            "number",
            "dated",
            "parent_body",
            "issuing_body",
            "place",
            "signer_name",
            "signer_title",
            "file",
        )
        widgets = {"dated": day_input()}


class SessionForm(OptimisticLockForm):
    day = DayField(label=_("Day"))
    begins = forms.TimeField(label=_("Starts at"), widget=time_input())
    ends = forms.TimeField(label=_("Ends at"), widget=time_input())
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)
    watched = ("starts_at", "ends_at", "topic", "is_mandatory")

    class Meta:
        model = Session
        fields = ("topic", "is_mandatory")

    field_order = ("day", "begins", "ends", "topic", "is_mandatory")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            first, last = (
                moment.astimezone(clock.HANOI)
                for moment in (self.instance.starts_at, self.instance.ends_at)
            )
            self.initial.update(day=first.date(), begins=first.time(), ends=last.time())

    def action(self) -> dict[str, Any]:
        """Arguments for the services; instants are in Asia/Ho_Chi_Minh."""
        data = self.cleaned_data
        starts_at, ends_at = (
            dt.datetime.combine(data["day"], data[name], tzinfo=clock.HANOI)
            for name in ("begins", "ends")
        )
        unchanged_names = {name: data[name] for name in ("topic", "is_mandatory")}
        return {"starts_at": starts_at, "ends_at": ends_at} | unchanged_names


class PatternForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        choices=_WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    parts = forms.MultipleChoiceField(
        label=_("Parts of the day"), choices=DayPart.choices, widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)


class MoveForm(forms.Form):
    starts_on = DayField(label=_("New first day"))
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AgreeForm(forms.Form):
    """Cancels a session; ``agreed`` is the number of recipients that was shown and confirmed."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)


class CopyForm(forms.Form):
    code = forms.CharField(label=_("Class code"), max_length=40, validators=[CODE])
    starts_on = DayField(label=_("First day"))


class TrainerForm(forms.Form):
    user = forms.ModelChoiceField(
        label=_("Trainer"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("A guest speaker"),
    )
    guest_name = forms.CharField(label=_("Guest speaker"), max_length=150, required=False)
    guest_title = forms.CharField(label=_("Title or agency"), max_length=150, required=False)

    def __init__(self, *args: Any, run: CourseRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trainers = User.objects.filter(is_active=True, role_grants__role=Role.TRAINER)
        others = trainers.exclude(runs_taught__run=run).distinct().order_by("full_name", "email")
        set_choices(self, user=others)
