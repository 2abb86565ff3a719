"""Forms of exported lists: which rows and columns, in which form of file."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agencies.fields import AgencyField
from agencies.models import Agency
from common.date_fields import DayField
from common.errors import DomainError
from common.form_choices import set_choices
from common.public_text import ReasonField, SearchField
from common.spreadsheets import FileForm
from courses.models import CourseRun
from enrollment.choices import NOT_LIVE, EnrollmentState
from enrollment.services.people import agencies_listed_for
from people.choices import TrainingStatus
from people.forms import PeopleFilter
from rosters.choices import Paper
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import MATRIX, PEOPLE
from rosters.exporting.columns import column_names
from rosters.fields import DEFAULT_KEYS, PEOPLE_KEYS, ROSTER_KEYS
from rosters.form_fields import ColumnsField
from rosters.models import ListSchedule

_ROWS_FIRST = ("run", "q", "agency", "status", "state", "since", "until", "paper")


class _FileForm(forms.Form):
    reason = ReasonField(
        label=_("Reason for full personal numbers"),
        required=False,
        help_text=_("Only for the programme office; the reason is logged."),
    )
    form = forms.ChoiceField(label=_("Form"), choices=FileForm.choices)

    def _offer(self, user: User, fields: Sequence[str], **columns: Any) -> None:
        self.fields["columns"] = ColumnsField(
            label=gettext("Columns"), words=column_names(fields), **columns
        )
        if not export_requests.may_see_numbers(user):
            del self.fields["reason"]


class ExportForm(_FileForm):
    run = forms.CharField(label=_("Class code"), required=False, max_length=40)
    q = SearchField(label=_("Name or trainee code"))
    status = forms.ChoiceField(
        label=_("Training status"),
        choices=[("", _("all")), *TrainingStatus.choices],
        required=False,
    )
    agency = AgencyField(
        label=_("Sending agency"),
        scope="seen",
        to_field_name="slug",
        required=False,
        empty_label=_("all"),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    since = DayField(label=_("Classes ending from"), required=False)
    until = DayField(label=_("Classes ending until"), required=False)
    paper = forms.ChoiceField(
        label=_("Layout"),
        choices=Paper.choices,
        initial=Paper.TABLE,
        required=False,
        help_text=_(
            "An official document is for one class and has its own columns; the "
            "attendance sheet and the list for certificates name everyone in the class."
        ),
    )
    save_as = forms.CharField(
        label=_("Save these columns as"),
        required=False,
        max_length=80,
        help_text=_(
            "Choose a name to find them again; if it already exists, its columns are replaced."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        set_choices(self, agency=Agency.objects.seen_by(user))
        states = [state for state in EnrollmentState if state not in NOT_LIVE]
        choices = [("", gettext("all")), *((state.value, state.label) for state in states)]
        set_choices(self, state=choices)
        self._offer(
            user,
            ROSTER_KEYS,
            help_text=gettext(
                "Select the columns; the numbers give their order, the smallest first. A "
                "list of several classes always includes the class code."
            ),
            initial=DEFAULT_KEYS,
        )
        self.order_fields([*_ROWS_FIRST, "columns", "save_as", "reason"])

    def clean_run(self) -> str:
        typed = self.cleaned_data["run"].strip()
        known = CourseRun.objects.visible_to(self._user).filter(code__iexact=typed)
        codes = list(known.values_list("code", flat=True)) if typed else [""]
        if not codes:
            raise ValidationError(
                gettext("There is no class with the code %(code)s.") % {"code": typed}
            )
        return typed if typed in codes else codes[0]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        paper = cleaned.get("paper") or Paper.TABLE
        if paper != Paper.TABLE and not cleaned.get("run") and "run" not in self.errors:
            self.add_error(
                "run", gettext("An official document is for one class; choose the class.")
            )
        if paper == Paper.NOMINATION and not cleaned.get("agency"):
            self.add_error(
                "agency",
                gettext("A nomination list is signed by one agency; choose the sending agency."),
            )
        try:
            export_requests.refuse_part_of_a_class(self._user, cleaned)
        except DomainError as error:
            self.add_error("paper", error.message)
        if "only_save" in self.data and not cleaned.get("save_as"):
            self.add_error("save_as", gettext("Enter a name for the columns."))
        return cleaned

    def wanted(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "run": data["run"],
            "agency": data["agency"].slug if data["agency"] else "",
            "q": data["q"],
            "status": data["status"],
            "state": data["state"],
            "since": data["since"].isoformat() if data["since"] else "",
            "until": data["until"].isoformat() if data["until"] else "",
            "fields": data["columns"],
            "form": data["form"],
            "paper": data["paper"] or Paper.TABLE.value,
            "reason": data.get("reason", ""),
        }


class PeopleExportForm(PeopleFilter, _FileForm):
    """Narrowed like the list of people."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, agencies=agencies_listed_for(user), **kwargs)
        self._offer(
            user,
            PEOPLE_KEYS,
            help_text=gettext(
                "Select the columns; the numbers give their order, the smallest first."
            ),
            initial=PEOPLE_KEYS,
        )
        self.order_fields([*PeopleFilter.base_fields, "columns"])

    def wanted(self) -> dict[str, Any]:
        data = self.cleaned_data
        chosen = {"fields": data["columns"], "form": data["form"], "reason": data.get("reason", "")}
        return {"of": PEOPLE, **self.asked(), **chosen}


class MatrixForm(PeopleFilter):
    """Narrowed like the list of people, and to results of a period."""

    since = DayField(label=_("Completed from"), required=False)
    until = DayField(label=_("Completed until"), required=False)
    form = forms.ChoiceField(
        label=_("Form"), choices=FileForm.choices, initial=FileForm.XLSX, required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, agencies=agencies_listed_for(user), **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("The period cannot end before it starts."))
        return cleaned

    def wanted(self) -> dict[str, Any]:
        data = self.cleaned_data
        days = {name: data[name].isoformat() if data[name] else "" for name in ("since", "until")}
        return {"of": MATRIX, **self.asked(), **days, "form": data["form"] or FileForm.XLSX.value}


class ScheduleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=28,
        help_text=_("From 1 to 28; the list is ready in the course of that day."),
    )
    month_before = forms.BooleanField(
        label=_("Only the month before"),
        required=False,
        help_text=_("Instead of the period that was chosen."),
    )

    def __init__(self, data: Any, *, schedule: ListSchedule) -> None:
        shown = {name: getattr(schedule, name) for name in self.base_fields}
        super().__init__(data, initial=shown)
        if "since" not in schedule.wanted:
            del self.fields["month_before"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        return {"month_before": False} | cleaned


class ViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
