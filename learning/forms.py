from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import bounded
from common.date_fields import day_input
from common.errors import DomainError
from common.form_choices import set_choices
from enrollment.forms import MaterialForm, ScoreFileForm, check_material
from learning.choices import Difficulty, QuestionKind, Stage
from learning.models import ClassUnit, CourseTest, Unit, UnitVersion
from learning.models.units import CONTENT
from learning.parsers import check_file
from learning.sheets.drafts import LONGEST, Draft, read_answers

MAX_QUESTION_FILE: Final = 5_000_000


def _text(**options: Any) -> forms.CharField:
    return forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}), **options)


def _moment(**options: Any) -> forms.DateTimeField:
    # Browsers read and send local times in this format alone.
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, input_formats=["%Y-%m-%dT%H:%M"], **options)


class UnitForm(forms.ModelForm[UnitVersion]):
    """A new version of a unit, with what holds for all of its versions."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=MaterialForm.base_fields["file"].help_text,
        widget=forms.FileInput,
    )
    link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    is_required = Unit._meta.get_field("is_required").formfield()
    opens_after_days = Unit._meta.get_field("opens_after_days").formfield(max_value=366)

    class Meta:
        model = UnitVersion
        fields = CONTENT
        widgets = {
            "text_vi": forms.Textarea(attrs={"rows": 10}),
            "text_en": forms.Textarea(attrs={"rows": 10}),
        }
        help_texts = {"text_vi": _("Markdown: # heading, **bold**, - list, [text](address).")}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file or isinstance(file, str) or not hasattr(file, "content_type"):
            return ""  # the file of the version before stays
        check_material(self.cleaned_data["file"])
        try:
            bounded.run(check_file, file.read(), file.name)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        file.seek(0)
        return file

    def _post_clean(self) -> None:
        """The service checks: a version is never changed, so there is no instance to validate."""


class ClassUnitForm(forms.ModelForm[ClassUnit]):
    class Meta:
        model = ClassUnit
        fields = ("version", "visible_from", "is_hidden")
        widgets = {"visible_from": day_input()}

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions: Any = self.fields["version"]
        versions.queryset = unit.versions.order_by("-number")
        versions.label, versions.empty_label = _("Version"), _("the newest")
        versions.label_from_instance = lambda one: f"{one.number}. {one.title}"


class QuestionForm(forms.Form):
    """A question with its answers in our notation (``learning.sheets.drafts``)."""

    kind = forms.ChoiceField(label=_("Question kind"), choices=QuestionKind.choices)
    part = forms.CharField(
        label=_("Part"),
        max_length=60,
        required=False,
        help_text=_("Tests draw so many questions from each part."),
    )
    difficulty = forms.TypedChoiceField(
        label=_("Difficulty"), choices=Difficulty.choices, coerce=int, initial=Difficulty.MEDIUM
    )
    text_vi = _text(label=_("Question in Vietnamese"))
    text_en = _text(label=_("Question in English"), required=False)
    answers = _text(
        label=_("Answers"),
        help_text=_(
            "One on each line, Vietnamese | English. Mark what is right with *; for true or false "
            "write “đúng” or “sai”; for a number 12,5 ± 0,5; to be put in order: in the right "
            "order; to be matched: left = right."
        ),
    )
    explanation_vi = _text(label=_("Explanation in Vietnamese"), required=False)
    explanation_en = _text(label=_("Explanation in English"), required=False)

    def draft(self) -> Draft:
        """Error: LearningInputError."""
        data = dict(self.cleaned_data)
        data["answers"] = read_answers(data["kind"], data["answers"])
        return Draft(**data)


class QuestionFileForm(forms.Form):
    file = forms.FileField(
        label=_("Question file"),
        help_text=_(
            "Excel, Moodle GIFT (.gift, .txt) or Moodle XML, at most 5 MB. Of Moodle's feedback, "
            "that to the whole question becomes the explanation."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.gift,.txt,.xml"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_QUESTION_FILE:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file


class CourseTestForm(forms.ModelForm[CourseTest]):
    """A test; a field for each part and difficulty that the bank has questions of."""

    class Meta:
        model = CourseTest
        fields = (
            "title_vi", "title_en", "minutes", "attempts", "is_asked_before", "gives_score",
            "feedback",
        )  # fmt: skip

    def __init__(self, *args: Any, bank: Mapping[tuple[str, int], int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minutes"].widget.attrs["min"] = 1
        self.fields["minutes"].validators.append(MinValueValidator(1))
        self.slots = dict(enumerate(bank))
        wanted = {(one["part"], one["difficulty"]): one["count"] for one in self.instance.draws}
        for at, (part, level) in self.slots.items():
            values = {"part": part or gettext("without a part"), "level": Difficulty(level).label}
            self.fields[f"draw-{at}"] = forms.IntegerField(
                label=gettext("Questions: %(part)s, %(level)s") % values,
                help_text=gettext("The bank has %(count)s.") % {"count": bank[part, level]},
                required=False,
                min_value=0,
                max_value=bank[part, level],
                initial=wanted.get((part, level)),
            )

    def validate_constraints(self) -> None:
        """The service's, which words what is refused."""

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        counts = {at: data.pop(f"draw-{at}") for at in self.slots}
        data["draws"] = [
            {"part": part, "difficulty": level, "count": counts[at]}
            for at, (part, level) in self.slots.items()
            if counts[at]
        ]
        return data


class WindowForm(forms.Form):
    stage = forms.ChoiceField(label=_("When"), choices=Stage.choices)
    opens_at = _moment(label=_("Opens"))
    closes_at = _moment(label=_("Closes"))

    def __init__(self, *args: Any, test: CourseTest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not test.is_asked_before:
            set_choices(self, stage=[(Stage.AFTER, Stage.AFTER.label)])


class PaperForm(ScoreFileForm):
    stage = forms.ChoiceField(label=_("When"), choices=Stage.choices)
