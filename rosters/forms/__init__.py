"""Forms of rosters; choices are limited by the user's rights."""

from collections.abc import Callable
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
from common.form_choices import set_choices
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.fields import ScanField
from rosters.fields import FIELD, IMPORTED_KEYS
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
    agency = AgencyField(
        label=_("Sending agency"),
        help_text=_("The agency that sends these people; it is stored with the enrollment."),
        scope="sending",
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
        agencies = Agency.objects.to_send_for(user)
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
            reasons = [str(one.reason) for one in findings if one.column == field.label]
            field.help_text = " ".join(reasons)
            if field.label in wrong or name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"
                begin = begin or field
        (begin or next(iter(self.fields.values()))).widget.attrs["autofocus"] = True


def open_runs(user: User) -> QuerySet[CourseRun]:
    """Runs to nominate for, the next one first. The office may also enter rosters afterwards."""
    if user.has_role(Role.PROGRAMME_OFFICE):
        runs = CourseRun.objects.filter(state__in=(RunState.OPEN, RunState.RUNNING))
    else:
        runs = CourseRun.objects.taking_enrollment(clock.today())
    return runs.select_related("course").order_by("starts_on", "code")
