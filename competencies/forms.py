from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind
from common.date_fields import DayField, day_input
from common.form_choices import QuickSelect, RowsField, set_choices
from common.optimistic_locking import OptimisticLockForm
from competencies.models import (
    Audience,
    AudienceRule,
    Competency,
    CourseCompetency,
    Framework,
    Level,
)
from competencies.services.audiences import LISTS, RuleContent, content_of
from courses.models import Course
from enrollment.choices import TraineeKind


class FrameworkForm(forms.ModelForm[Framework]):
    url = forms.URLField(label=_("Published at"), max_length=200, assume_scheme="https")
    file = forms.FileField(
        label=_("The framework, as an Excel file"),
        help_text=_("Download a version that is there, change it, and upload it here."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    class Meta:
        model = Framework
        fields = ("slug", "title_vi", "title_en", "source", "url")


class AdoptionForm(forms.Form):
    reason = forms.CharField(
        label=_("Decision or reason"),
        max_length=250,
        help_text=_("For example the number and date of the decision."),
    )


class _Grouped(forms.models.ModelChoiceIterator[Any]):
    """Choices under the name of their framework."""

    def __iter__(self) -> Any:
        yield ("", self.field.empty_label)
        for framework, rows in groupby(self.queryset, key=lambda row: row.framework):
            yield (str(framework), [self.choice(row) for row in rows])


class _InFramework(forms.ModelChoiceField):
    iterator = _Grouped


class CourseCompetencyForm(OptimisticLockForm):
    class Meta:
        model = CourseCompetency
        fields = ("competency", "level", "first_day", "last_day")
        field_classes = {"competency": _InFramework, "level": _InFramework}
        widgets = {name: day_input() for name in ("first_day", "last_day")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        competencies = Competency.objects.of_frameworks_in_force()
        levels = Level.objects.of_frameworks_in_force()
        if self.instance.pk:
            before = self.instance.competency
            competencies |= Competency.objects.filter(pk=before.pk).select_related("framework")
            levels |= Level.objects.filter(framework=before.framework_id)
        set_choices(self, competency=competencies, level=levels)


class AudiencesFileForm(forms.Form):
    file = forms.FileField(
        label=_("The audiences, as an Excel file"),
        help_text=_("Download the audiences that are there, change the file, and upload it here."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class PhrasesField(forms.CharField):
    """A phrase on each line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return [line.strip() for line in text.splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class AsOfForm(forms.Form):
    as_of = DayField(label=_("As of"), required=False)


class AudienceForm(forms.Form):
    """An audience with its rule; a select for each competency says which level is needed."""

    slug = forms.SlugField(label=_("Short name"), max_length=40)
    title_vi = forms.CharField(label=_("Title in Vietnamese"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=200, required=False)
    is_in_use = forms.BooleanField(label=_("In use"), required=False, initial=True)
    positions = PhrasesField(
        label=_("Position contains one of"),
        required=False,
        max_length=5000,
        help_text=_("One phrase per line, without regard to accents and capitals."),
    )
    positions_not = PhrasesField(
        label=_("Position contains none of"), required=False, max_length=5000
    )
    units = PhrasesField(label=_("Unit contains one of"), required=False, max_length=5000)
    agency_kinds = forms.MultipleChoiceField(
        label=_("Kind of agency"),
        choices=AgencyKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    trainee_kinds = forms.MultipleChoiceField(
        label=_("Official or expert"),
        choices=TraineeKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    courses = RowsField(
        label=_("Courses to complete"),
        queryset=Course.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    first_day = DayField(
        label=_("In force from"),
        required=False,
        help_text=_("Blank: from today. What was in force before stays for the days before."),
    )
    reason = forms.CharField(label=_("Reason for the change"), max_length=250, required=False)

    def __init__(self, *args: Any, audience: Audience | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if audience:
            del self.fields["slug"]
        else:
            del self.fields["is_in_use"], self.fields["reason"]
        set_choices(self, courses=Course.objects.offered())
        self._levels = {
            level.pk: level for level in Level.objects.of_frameworks_in_force().order_by("number")
        }
        self._competencies = {}
        for one in Competency.objects.of_frameworks_in_force():
            name = f"competency-{one.pk}"
            self._competencies[name] = one
            self.fields[name] = forms.ChoiceField(
                label=f"{one.code} {one.name}",
                choices=[("", _("not needed")), *self._levels_of(one)],
                required=False,
                widget=QuickSelect,
            )

    def _levels_of(self, competency: Competency) -> list[tuple[str, str]]:
        return [
            (str(pk), str(level))
            for pk, level in self._levels.items()
            if level.framework_id == competency.framework_id
        ]

    def frameworks(self) -> list[tuple[str, list[Any]]]:
        """The title of each framework, with the fields of its competencies."""
        found = groupby(self._competencies.items(), key=lambda item: item[1].framework)
        return [(str(framework), [self[name] for name, _one in rows]) for framework, rows in found]

    def plain_fields(self) -> list[Any]:
        return [field for field in self.visible_fields() if field.name not in self._competencies]

    def content(self) -> RuleContent:
        data = self.cleaned_data
        needed = [
            (competency, self._levels[int(data[name])])
            for name, competency in self._competencies.items()
            if data[name]
        ]
        return RuleContent(
            **{name: data[name] for name in LISTS}, courses=data["courses"], competencies=needed
        )

    @staticmethod
    def initial_of(audience: Audience, rule: AudienceRule | None) -> dict[str, Any]:
        about = {name: getattr(audience, name) for name in ("title_vi", "title_en", "is_in_use")}
        if rule is None:
            return about
        content = content_of(rule)
        needed = {f"competency-{one.pk}": str(level.pk) for one, level in content.competencies}
        courses = [course.pk for course in content.courses]
        return (
            about | {name: getattr(content, name) for name in LISTS} | needed | {"courses": courses}
        )
