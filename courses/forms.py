from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.date_fields import day_input
from common.form_choices import RowsField, set_choices
from common.optimistic_locking import OptimisticLockForm
from common.public_text import SearchField
from courses.choices import RunState
from courses.fields import CODE
from courses.models import ENDLESS_SEATS, Course, CourseRun
from courses.querysets import CourseRunQuerySet


class CatalogueFilter(forms.Form):
    q = SearchField(label=_("Title or code"))


OVER = "over"  # as a state of a class: past its last day, not closed


class RunFilter(CatalogueFilter):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *RunState.choices, (OVER, _("Finished, not closed yet"))],
    )

    mine = forms.BooleanField(label=_("Only classes that I teach"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.has_role("trainer"):
            del self.fields["mine"]

    def narrow(self, runs: CourseRunQuerySet) -> CourseRunQuerySet:
        """Runs that match; all of them where the form is invalid."""
        if not self.is_valid():
            return runs
        if state := self.cleaned_data["state"]:
            runs = runs.over() if state == OVER else runs.filter(state=state)
        if self.cleaned_data.get("mine"):
            runs = runs.taught_by(self.user)
        if text := self.cleaned_data["q"].strip():
            runs = runs.matching(text)
        return runs


class CourseForm(OptimisticLockForm):
    competency_url = forms.URLField(
        label=_("Address of the competency"),
        required=False,
        max_length=200,
        assume_scheme="https",
    )

    class Meta:
        model = Course
        fields = (
            "code", "title_vi", "title_en", "description_vi", "description_en", "periods", "days",
            "delivery", "minimum_attendance", "minimum_score", "grading", "good_from", "fair_from",
            "approval", "prerequisites", "competency_name", "competency_framework",
            "competency_url", "walk_ins_allowed", "recognised_by_office",
            "bare_birth_years", "is_offered",
        )  # fmt: skip
        field_classes = {"prerequisites": RowsField}
        widgets = {
            "description_vi": forms.Textarea(attrs={"rows": 4}),
            "description_en": forms.Textarea(attrs={"rows": 4}),
            "prerequisites": forms.SelectMultiple(attrs={"size": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].validators.append(CODE)
        self.fields["periods"].widget.attrs["min"] = 1
        self.fields["competency_name"].help_text = _(
            "The competency that the course teaches, as named in a published framework. "
            "Certificates refer to it."
        )
        others = Course.objects.exclude(pk=self.instance.pk)
        set_choices(self, prerequisites=others)


def link_field() -> forms.URLField:
    return forms.URLField(label=_("Link"), required=False, assume_scheme="https")


class NewRunForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    sessions = forms.IntegerField(
        label=_("Sessions"),
        required=False,
        min_value=1,
        max_value=1_000,
        help_text=_("Leave blank for one each morning and afternoon."),
    )
    link = link_field()
    is_self_paced = forms.BooleanField(
        label=_("Self-paced: no sessions, open between the two days"),
        required=False,
        help_text=_("Completed with every unit done and the test passed. Seats may be left blank."),
    )
    is_draft = forms.BooleanField(
        label=_("Save as a draft, not yet open for enrollment"), required=False
    )

    class Meta:
        model = CourseRun
        fields = (
            "course",
            "code",
            "starts_on",
            "ends_on",
            "capacity",
            "venue",
            "link",
            "enrollment_opens_on",
            "enrollment_closes_on",
        )
        widgets = {
            name: day_input()
            for name in ("starts_on", "ends_on", "enrollment_opens_on", "enrollment_closes_on")
        }

    field_order = (*Meta.fields[:5], "is_self_paced", "sessions", *Meta.fields[5:], "is_draft")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].validators.append(CODE)
        self.fields["capacity"].required = False
        set_choices(self, course=Course.objects.offered())
        self.fields["course"].to_field_name = "code"  # type: ignore[attr-defined]  # a choice field's own

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("capacity") and "capacity" not in self.errors:
            if data.get("is_self_paced"):
                data["capacity"] = ENDLESS_SEATS
            else:
                self.add_error("capacity", _("Enter the number of seats."))
        return data


class RunForm(OptimisticLockForm):
    """The fields of a run that can change without touching anybody's enrollment."""

    link = link_field()

    class Meta:
        model = CourseRun
        fields = ("ends_on", "venue", "link", "enrollment_opens_on", "enrollment_closes_on")
        widgets = {
            name: day_input() for name in ("ends_on", "enrollment_opens_on", "enrollment_closes_on")
        }
