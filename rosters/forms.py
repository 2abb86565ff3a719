"""What is asked of somebody who uploads a roster; the choices are limited by rights."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock, formats
from courses.choices import RunState
from courses.models import CourseRun


class _RunField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def label_from_instance(self, run: Any) -> str:
        return f"{run.code} · {run.course.title} · {formats.days(run.starts_on, run.ends_on)}"


class RosterForm(forms.Form):
    run = _RunField(
        label=_("Class"), queryset=CourseRun.objects.none(), to_field_name="code", empty_label=None
    )
    agency = forms.ModelChoiceField(
        label=_("Sending agency"),
        help_text=_("The agency that sends these people; it stays on record."),
        queryset=Agency.objects.none(),
        to_field_name="slug",
        empty_label=None,
    )
    file = forms.FileField(
        label=_("Roster"),
        help_text=_(
            "An Excel workbook (.xlsx) or a CSV file. The columns may stand in any order;"
            " nothing is entered before you have seen what was found."
        ),
        validators=[
            FileExtensionValidator(
                ["xlsx", "csv"],
                _("This is neither .xlsx nor .csv. Save the roster as an Excel workbook (.xlsx)."),
            )
        ],
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["run"].queryset = open_runs()  # type: ignore[attr-defined]
        self.fields["agency"].queryset = agencies_to_send_for(user)  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.ROSTER_MAX_BYTES:
            most = {"most": settings.ROSTER_MAX_BYTES // 1_000_000}
            raise ValidationError(
                _now("The file is larger than %(most)s MB; split it into several rosters.") % most
            )
        return file


def open_runs() -> Any:
    """Runs that people can still be nominated for, the next one first."""
    states = (RunState.OPEN, RunState.RUNNING)
    runs = CourseRun.objects.filter(state__in=states).select_related("course")
    return runs.order_by("starts_on", "code")


def agencies_to_send_for(user: Any) -> Any:
    """All of today's agencies for the programme office, a coordinator's own for others."""
    agencies = Agency.objects.valid_on(clock.today())
    if user.reads_everything:
        return agencies
    return agencies.filter(pk__in=Agency.objects.acted_for_by(user).values("pk"))
