"""Which calendar an address is created for."""

from typing import Any

from django import forms

from accounts.models import User
from common.form_choices import set_choices
from courses.choices import CalendarScope
from courses.models import CourseRun


class CalendarForm(forms.Form):
    scope = forms.ChoiceField(choices=CalendarScope.choices)
    run = forms.ModelChoiceField(CourseRun.objects.none(), to_field_name="code", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, run=CourseRun.objects.visible_to(user))
