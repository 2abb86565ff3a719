"""A message to people of a class."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from common import formats
from common.form_choices import RowsField, set_choices
from common.numbers import whole_number
from courses.models import CourseRun, Material
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.class_messages import LONGEST_SUBJECT, LONGEST_TEXT

# Checkboxes on one page; of a larger class people are chosen by their state.
MOST_PEOPLE = 200


class ClassMessageForm(forms.Form):
    states = forms.MultipleChoiceField(
        label=_("To everyone who is"), required=False, widget=forms.CheckboxSelectMultiple
    )
    people = RowsField(
        label=_("Or only to"),
        queryset=Enrollment.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only those selected here, whatever their state."),
    )
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("A greeting by name and a signature are added."),
    )
    materials = RowsField(
        label=_("Attachments"),
        queryset=Material.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Materials of the class, together at most 10 MB."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, run: CourseRun, enrollments: EnrollmentQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._enrollments, self._run = enrollments, run
        counted = enrollments.order_by().values_list("state").annotate(Count("pk"))
        by_state = dict(counted)
        set_choices(
            self,
            states=[
                (state, f"{state.label} ({formats.number(by_state[state])})")
                for state in EnrollmentState
                if state in by_state
            ],
            people=enrollments,
            materials=run.materials.order_by("added_at", "pk"),
        )
        self._offer_people()
        if not run.materials.exists():
            del self.fields["materials"]
        self.initial.setdefault("key", uuid.uuid4())
        self.initial.setdefault("states", [EnrollmentState.ENROLLED])
        if settings.REPLY_TO_SENDER:
            self.fields["body"].help_text = _(
                "A greeting by name and a signature are added. Replies go to your address."
            )

    def _offer_people(self) -> None:
        in_order = self._enrollments.select_related("trainee").in_roster_order()
        people = list(in_order[: MOST_PEOPLE + 1])
        if len(people) > MOST_PEOPLE:
            # Of a large class only whoever was selected on its page can be ticked.
            people = list(in_order.filter(pk__in=self._selected()))
            if not people:
                del self.fields["people"]
                return
        widget: Any = self.fields["people"].widget
        widget.choices = [
            (one.pk, f"{one.trainee.full_name} · {one.get_state_display()}") for one in people
        ]

    def _selected(self) -> list[int]:
        people = self["people"].value() or []
        keys = [whole_number(str(getattr(one, "pk", one))) for one in people]
        return [key for key in keys if key is not None]

    def chosen(self) -> EnrollmentQuerySet:
        if people := self.cleaned_data.get("people"):
            return self._enrollments.filter(pk__in=[one.pk for one in people])
        return self._enrollments.filter(state__in=self.cleaned_data["states"])
