import datetime as dt
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind, Sector
from agencies.fields import AgenciesField
from agencies.models import Agency
from common.date_fields import DayField, MomentField, domain_errors_as_invalid
from common.form_choices import RowsField
from counting.asked import asked_day, asked_instant
from counting.models import RuleCourse
from counting.replay import GroupBy
from counting.sample import MOST
from courses.models import Course
from enrollment.choices import Evidence


def _several(choices: type[TextChoices], **options: Any) -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(
        choices=choices.choices, required=False, widget=widget, **options
    )


class RuleForm(forms.Form):
    """The next version of the counting rule, beginning with the terms of the one in force.

    Each course has two fields of its own, the days between which it counts. A draft that is only
    compared needs no sentence, day or reason.
    """

    WORDS = ("sentence_vi", "sentence_en", "adopted_on", "reason")

    courses = RowsField(
        label=_("Courses counted"),
        queryset=Course.objects.order_by("code"),
        to_field_name="code",
    )
    sectors = _several(Sector, label=_("Sectors"), help_text=_("None selected: both sectors."))
    kinds = _several(
        AgencyKind,
        label=_("Kinds of agency"),
        help_text=_("None selected: all kinds that belong to a sector."),
    )
    evidence_kinds = _several(
        Evidence,
        label=_("Kinds of evidence"),
        help_text=_("None selected: all except “completed elsewhere”."),
    )
    minimum_periods = forms.IntegerField(
        label=_("Minimum number of periods"), min_value=0, max_value=500
    )
    agencies_left_out = AgenciesField(
        label=_("Excluded agencies"),
        queryset=Agency.objects.order_by("sort_key"),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sentence_vi = forms.CharField(
        label=_("The rule in one sentence (Vietnamese)"),
        help_text=_("It is printed below every figure."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sentence_en = forms.CharField(
        label=_("The same sentence in English"), widget=forms.Textarea(attrs={"rows": 3})
    )
    adopted_on = DayField(label=_("Adopted on"))
    reason = forms.CharField(
        label=_("Reason for changing the rule"),
        max_length=250,
        help_text=_("A new version also applies to the past; signed reports do not change."),
    )

    def __init__(self, *args: Any, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = is_draft
        self.catalogue = list(Course.objects.order_by("code"))
        for course in self.catalogue:
            for name, label in (
                (f"from_{course.pk}", gettext("%(course)s counted from")),
                (f"to_{course.pk}", gettext("%(course)s counted until")),
            ):
                self.fields[name] = DayField(label=label % {"course": course.code}, required=False)
                self.fields[name].initial = ""

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.WORDS if self.is_draft else ():
            self.errors.pop(name, None)
        terms = []
        for course in asked.get("courses", ()):
            first, last = asked.get(f"from_{course.pk}"), asked.get(f"to_{course.pk}")
            if first and last and last < first:
                message = gettext("The last day is before the first day.")
                self.add_error(f"to_{course.pk}", message)
            terms.append(RuleCourse(course=course, counts_from=first, counts_to=last))
        return {name: asked[name] for name in asked if name in self.base_fields} | {
            "courses": terms
        }

    @property
    def course_rows(self) -> list[dict[str, Any]]:
        chosen = set(self["courses"].value() or ())
        return [
            {
                "course": course,
                "counts": course.code in chosen,
                "days": (days := (self[f"from_{course.pk}"], self[f"to_{course.pk}"])),
                "is_limited": any(day.value() or day.errors for day in days),
            }
            for course in self.catalogue
        ]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        apart = ("courses", "agencies_left_out")
        return [self[name] for name in self.base_fields if name not in apart]

    @property
    def agencies_out(self) -> int:
        return len(self["agencies_left_out"].value() or ())


class AsOfForm(forms.Form):
    """The day that a figure speaks of, and the day or instant up to which records are believed."""

    as_of = DayField(label=_("As of"), required=False)
    known_as_of = MomentField(
        label=_("Data as recorded by"),
        required=False,
        help_text=_("A day or an instant as printed, such as 31/12/2025 08:30:00.123456."),
    )

    def clean_as_of(self) -> dt.date | None:
        with domain_errors_as_invalid():
            return asked_day(self.cleaned_data["as_of"])

    def clean_known_as_of(self) -> dt.date | dt.datetime | None:
        with domain_errors_as_invalid():
            return asked_instant(self.cleaned_data["known_as_of"])


class NumberForm(AsOfForm):
    THEN, TODAY = "then", "today"
    PARTS = (
        (GroupBy.SECTOR, _("Sector")),
        (GroupBy.KIND, _("Kind of agency")),
        (GroupBy.AGENCY, _("Agency")),
        (GroupBy.COURSE, _("Course")),
        (GroupBy.MONTH, _("Month")),
    )

    by = forms.ChoiceField(
        label=_("Break down by"),
        required=False,
        initial=GroupBy.SECTOR,
        choices=PARTS,
    )
    agencies = forms.ChoiceField(
        label=_("Agencies"),
        required=False,
        choices=[(THEN, _("as at the time")), (TODAY, _("as they are today"))],
    )

    def clean_by(self) -> GroupBy:
        return GroupBy(self.cleaned_data["by"] or GroupBy.SECTOR)


class SampleForm(AsOfForm):
    """``as_of`` and ``known_as_of`` are filled from the address that repeats a sample exactly."""

    USUAL = 20

    size = forms.IntegerField(
        label=pgettext_lazy("how many", "People"), min_value=1, max_value=MOST, initial=USUAL
    )
    seed = forms.CharField(
        label=_("Random seed"),
        max_length=40,
        required=False,
        help_text=_("Leave blank for a new one."),
    )
    known_as_of = MomentField(required=False, widget=forms.HiddenInput)

    field_order = ("size", "seed", "as_of", "known_as_of")
