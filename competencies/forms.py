from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.date_fields import day_input
from common.form_choices import set_choices
from common.optimistic_locking import OptimisticLockForm
from competencies.models import Competency, CourseCompetency, Framework, Level


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
