"""Forms of rosters; choices are limited by the user's rights."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from agencies.fields import AgencyField
from agencies.models import Agency
from common import clock, formats
from common.date_fields import DayField
from common.errors import DomainError
from common.form_choices import set_choices
from common.public_text import ReasonField, SearchField
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import NOT_LIVE, EnrollmentState
from enrollment.fields import ScanField
from enrollment.services.people import agencies_listed_for
from people.choices import TrainingStatus
from people.forms import PeopleFilter
from rosters.choices import Paper
from rosters.exporting import export_requests
from rosters.exporting.columns import column_names
from rosters.fields import DEFAULT_KEYS, FIELD, IMPORTED_KEYS, PEOPLE_KEYS, ROSTER_KEYS
from rosters.form_fields import ColumnsField
from rosters.importing.report import RowResult


class _RunField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def label_from_instance(self, run: Any) -> str:
        return f"{run.code} · {run.course.title} · {formats.days(run.starts_on, run.ends_on)}"


class RosterForm(forms.Form):
    run = _RunField(
        label=_("Class"),
        queryset=CourseRun.objects.none(),
        to_field_name="code",
        empty_label=_("Choose the class"),
    )
    agency = forms.ModelChoiceField(
        label=_("Sending agency"),
        help_text=_("The agency that sends these people; it is stored with the enrollment."),
        queryset=Agency.objects.none(),
        to_field_name="slug",
        empty_label=_("Choose the agency"),
    )
    file = forms.FileField(
        label=_("Roster"),
        help_text=_(
            "An Excel workbook (.xlsx, .xls), an OpenDocument spreadsheet (.ods), a CSV "
            "file or tab-separated text (.txt, .tsv). The columns can be in any order; "
            "nothing is imported until you have reviewed the result of the check."
        ),
        validators=[
            FileExtensionValidator(
                ["xlsx", "xls", "xlsm", "xlsb", "ods", "csv", "tsv", "txt"],
                _("This is not a roster. Save it as an Excel workbook (.xlsx) or as “CSV UTF-8”."),
            )
        ],
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt"}),
    )

    moves = forms.BooleanField(
        label=_("Transfer people from other agencies to the sending agency"),
        required=False,
        help_text=_(
            "Immediately, without asking their agencies. Otherwise they are nominated "
            "and their transfer is requested."
        ),
    )
    letter_number = forms.CharField(
        label=_("Number and symbol of the letter"),
        required=False,
        max_length=60,
        help_text=_("Of the letter that came with the roster; leave both blank if there is none."),
    )
    letter_dated = DayField(label=_("Date of the letter"), required=False)
    letter_signer = forms.CharField(label=_("Signer of the letter"), required=False, max_length=150)
    letter_file = ScanField(
        label=_("Letter as a file"),
        required=False,
        help_text=_("A PDF or image, at most 20 MB; approvers can open it."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = agencies_to_send_for(user)
        set_choices(self, run=open_runs(user), agency=agencies)
        if len(only := agencies[:2]) == 1:  # nothing else can be meant
            self.initial.setdefault("agency", only[0].slug)
        if not user.has_role(Role.PROGRAMME_OFFICE):
            del self.fields["moves"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        number, dated = cleaned.get("letter_number"), cleaned.get("letter_dated")
        if dated and dated > clock.today():
            self.add_error("letter_dated", gettext("A letter cannot be dated in the future."))
        if bool(number) != bool(dated) and "letter_dated" not in self.errors:
            missing = "letter_dated" if number else "letter_number"
            self.add_error(missing, gettext("A letter needs both its number and its date."))
        elif (cleaned.get("letter_signer") or cleaned.get("letter_file")) and not number:
            self.add_error("letter_number", gettext("A letter needs both its number and its date."))
        return cleaned

    def letter(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if not data["letter_number"]:
            return None
        return {
            "number": data["letter_number"],
            "dated": data["letter_dated"],
            "signer_name": data["letter_signer"],
            "file": data["letter_file"],
        }

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.ROSTER_MAX_BYTES:
            most = {"most": settings.ROSTER_MAX_BYTES // 1_000_000}
            raise ValidationError(
                gettext("The file is larger than %(most)s MB; split it into several rosters.")
                % most
            )
        return file


FIELD_LABELS = {"": _("not used")} | {key: FIELD[key].label for key in IMPORTED_KEYS}


class ColumnsForm(forms.Form):
    """The sheet, and a field for each column of its table."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)

    def __init__(self, *args: Any, table: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sheets = [(name, name) for name in table["sheets"]]
        self.fields["sheet"] = forms.ChoiceField(
            label=gettext("Sheet"), choices=sheets, initial=table["sheet"]
        )
        field_at = {at: field for field, at in table["columns"].items()}
        for at, heading in sorted(table["headings"].items(), key=lambda item: int(item[0])):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=heading,
                help_text=table.get("examples", {}).get(at, ""),
                choices=list(FIELD_LABELS.items()),
                initial=field_at.get(int(at), ""),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [value for name, value in cleaned.items() if name != "sheet" and value]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(
                gettext("Two columns cannot have the same content; choose one of them.")
            )
        return cleaned

    def fields_by_column(self) -> dict[int, str]:
        return {
            int(name.removeprefix("column_")): value
            for name, value in self.cleaned_data.items()
            if name in self.changed_data and name != "sheet"
        }


_LONGEST_CELL = 500


class RowForm(forms.Form):
    """The cells of one row as texts, with the findings beside them.

    A cell may stay as long as it is in the file.
    """

    def __init__(
        self,
        *args: Any,
        cells: dict[str, str],
        heading: Callable[[str], str],
        found: RowResult | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for field, text in cells.items():
            self.fields[field] = forms.CharField(
                label=heading(field),
                initial=text,
                required=False,
                max_length=max(_LONGEST_CELL, len(text)),
            )
        if found:
            self._show(found)

    def _show(self, found: RowResult) -> None:
        wrong = {finding.column for finding in found.errors}
        begin = None
        for name, field in self.fields.items():
            findings = [*found.errors, *found.warnings]
            reasons = [one.reason for one in findings if one.column == field.label]
            field.help_text = " ".join(reasons)
            if field.label in wrong or name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"
                begin = begin or field
        (begin or next(iter(self.fields.values()))).widget.attrs["autofocus"] = True


_ROWS_FIRST = ("run", "q", "agency", "status", "state", "since", "until", "paper")


class _FileForm(forms.Form):
    reason = ReasonField(
        label=_("Reason for full personal numbers"),
        required=False,
        help_text=_("Only for the programme office; the reason is logged."),
    )
    form = forms.ChoiceField(label=_("Form"), choices=[("xlsx", "Excel"), ("csv", "CSV")])

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
        queryset=Agency.objects.none(),
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
        agencies = Agency.objects.all()
        if not user.reads_everything:
            own = Agency.objects.visible_to_coordinator(user)
            agencies = agencies.filter(pk__in=own.values("pk"))
        set_choices(self, agency=agencies)
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
        return {"of": export_requests.PEOPLE, **self.asked(), **chosen}


class ViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


def open_runs(user: User) -> QuerySet[CourseRun]:
    """Runs to nominate for, the next one first. The office may also enter rosters afterwards."""
    if user.has_role(Role.PROGRAMME_OFFICE):
        runs = CourseRun.objects.filter(state__in=(RunState.OPEN, RunState.RUNNING))
    else:
        runs = CourseRun.objects.taking_enrollment(clock.today())
    return runs.select_related("course").order_by("starts_on", "code")


def agencies_to_send_for(user: User) -> QuerySet[Agency]:
    own = Agency.objects.manageable_by(user).values("pk")
    return Agency.objects.valid_on(clock.today()).filter(pk__in=own)
