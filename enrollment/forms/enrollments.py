"""Forms for seats and nominations."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Count
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.fields import AgencyField
from agencies.models import Agency
from common import clock, formats
from common.date_fields import DayField, day_input
from common.form_choices import RowsField, set_choices
from common.public_text import ReasonField, SearchField, search_text
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.fields import ScanField
from enrollment.models import Enrollment, NominationLetter
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.details import CODED_DETAILS
from people.models import Trainee
from people.querysets import TraineeQuerySet

# Checkboxes on one page: who is not among them is found by name.
MAX_CHOICES = 20


class CapacityForm(forms.Form):
    capacity = forms.IntegerField(label=_("Seats"), min_value=1, max_value=10_000)


class ShareForm(forms.Form):
    """A seat share; agencies are those valid on the first day of the class."""

    agency = AgencyField(label=_("Agency"), to_field_name="slug")
    seats = forms.IntegerField(
        label=_("Reserved seats"),
        min_value=0,
        max_value=10_000,
        help_text=_("Enter 0 to release them."),
    )
    release_on = DayField(
        label=_("Open to everyone from"),
        required=False,
        help_text=_("Leave blank for the day on which the class starts."),
    )

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, agency=Agency.objects.valid_on(on))


class LetterForm(forms.ModelForm[NominationLetter]):
    file = ScanField(label=_("File"), required=False)

    class Meta:
        model = NominationLetter
        fields = ("number", "dated", "signer_name", "signer_title", "file")
        widgets = {"dated": day_input()}


class NominationForm(LetterForm):
    chooser = "people"
    q = SearchField(label=_("Find by name or trainee code"))
    people = RowsField(
        label=_("People"),
        queryset=Trainee.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)
    agency = AgencyField(label=_("Sending agency"), scope="sending", to_field_name="slug")
    field_order = (
        "q", "people", *CODED_DETAILS, "agency", "number", "dated", "signer_name", "signer_title",
        "file",
    )  # fmt: skip

    def __init__(
        self, data: Any, files: Any, *, user: Any, people: TraineeQuerySet, entered: Any
    ) -> None:
        super().__init__(data, files, initial=entered)
        set_choices(self, agency=Agency.objects.to_send_for(user))
        for name, field in forms.fields_for_model(Enrollment, CODED_DETAILS).items():
            field.choices = [("", gettext("not known")), *field.choices[1:]]
            field.help_text = gettext("Of everyone selected above.")
            self.fields[name] = field
        self.order_fields(self.field_order)
        self.more = limit_choices(self, people, entered)


class ReasonForm(forms.Form):
    reason = ReasonField(min_length=None)

    def __init__(self, *args: Any, is_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_required


class ReplaceForm(forms.Form):
    chooser = "trainee"
    q = SearchField(label=_("Find by name or trainee code"))
    trainee = forms.ModelChoiceField(
        label=_("Replacement"),
        queryset=Trainee.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    reason = ReasonField(min_length=None, required=False)

    def __init__(self, data: Any, *, people: TraineeQuerySet, entered: Any) -> None:
        super().__init__(data, initial=entered)
        self.more = limit_choices(self, people, entered)


def limit_choices(form: Any, people: TraineeQuerySet, entered: Any) -> int:
    """Show the selected people and the first matches of the search; return how many more match.

    ``entered`` holds the search text and the selection so far.
    """
    field = form.fields[form.chooser]
    field.queryset = people
    selected = entered.get(form.chooser) or []
    chosen = list(people.filter(code__in=[selected] if isinstance(selected, str) else selected))
    others = people.exclude(pk__in=[person.pk for person in chosen])
    if text := search_text(entered):
        others = others.matching(text)
    choices = [*chosen, *others.select_related("agency")[:MAX_CHOICES]]
    form.offers_nobody = not choices
    field.widget.choices = [(person.code, person_label(person)) for person in choices]
    return max(0, others.count() - MAX_CHOICES)


def person_label(person: Trainee) -> str:
    """Enough about a person to tell namesakes apart."""
    birth = formats.day(person.birth_date) or str(person.birth_year or "")
    return " · ".join(filter(None, (person.full_name, birth, person.unit, person.agency.name)))


class RosterFilter(forms.Form):
    """Narrows the list of a class; ``total`` counts all that its reader may see."""

    q = SearchField(label=_("Full name or trainee code"))
    state = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    agency = forms.ModelChoiceField(
        label=_("Sending agency"),
        queryset=Agency.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, enrollments: EnrollmentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "roster_%s"
        counted = enrollments.order_by().values_list("state").annotate(Count("pk"))
        self.by_state: dict[str, int] = dict(counted)
        self.total = sum(self.by_state.values())
        set_choices(
            self,
            state=[("", ""), *EnrollmentState.choices],
            agency=Agency.objects.filter(enrollments_sent__in=enrollments).distinct(),
        )

    def states(self, asked: Any) -> list[dict[str, Any]]:
        """The states that occur, each with its count and the query that shows it alone."""
        current = asked.get("state", "")
        rest = {name: asked[name] for name in ("q", "agency", "sort") if asked.get(name)}
        found = [("", gettext("All"), self.total)]
        found += [
            (state.value, str(state.label), self.by_state[state])
            for state in EnrollmentState
            if state in self.by_state
        ]
        return [
            {
                "label": label,
                "count": formats.number(count),
                "query": urlencode(rest | ({"state": value} if value else {})),
                "is_current": value == current,
            }
            for value, label, count in found
        ]

    def narrow(self, enrollments: EnrollmentQuerySet, user: Any) -> EnrollmentQuerySet:
        if not self.is_valid():
            return enrollments
        if state := self.cleaned_data["state"]:
            enrollments = enrollments.filter(state=state)
        if agency := self.cleaned_data["agency"]:
            enrollments = enrollments.filter(sending_agency=agency)
        if text := self.cleaned_data["q"]:
            # Nobody is found by a name that the reader may not see.
            people = Trainee.objects.matching(text)
            enrollments = enrollments.of_identifiable_people(user).filter(trainee__in=people)
        return enrollments


class DetailsForm(forms.ModelForm[Enrollment]):
    class Meta:
        model = Enrollment
        fields = ("position", "unit", "remarks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "details_%s"


class SelectionForm(forms.Form):
    who = RowsField(queryset=Enrollment.objects.none())

    def __init__(self, *args: Any, enrollments: EnrollmentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, who=enrollments)


class WithdrawSeveralForm(forms.Form):
    reason = ReasonField(min_length=None, required=False)


class MoveToForm(forms.Form):
    to = forms.ModelChoiceField(
        label=_("To class"), queryset=CourseRun.objects.none(), to_field_name="code"
    )

    def __init__(self, *args: Any, run: CourseRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = CourseRun.objects.of_the_programme().exclude(pk=run.pk)
        set_choices(self, to=others.taking_enrollment(clock.today()).select_related("course"))
        field: Any = self.fields["to"]
        field.label_from_instance = lambda one: " · ".join(
            (one.course.title, formats.days(one.starts_on, one.ends_on), one.code)
        )
