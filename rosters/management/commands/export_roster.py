"""export_roster: write a run's roster as XLSX or CSV."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from courses.services import run_by_code
from enrollment.models import Enrollment
from rosters.errors import RosterError, RosterInputError
from rosters.exporting.lists import export_roster


class Command(DomainCommand):
    help = "Export the roster of a run; identity numbers are masked."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--run", required=True, help="code of the run")
        parser.add_argument("--output", required=True, metavar="FILE.xlsx|.csv")

    def work(self, **options: Any) -> dict[str, Any]:
        run, output = run_by_code(options["run"]), Path(options["output"])
        form = output.suffix.lower().removeprefix(".")
        if form not in ("xlsx", "csv"):
            raise RosterInputError(
                "unknown_form", _("The output file name must end in .xlsx or .csv.")
            )
        if not output.parent.is_dir():
            raise RosterError(
                "no_such_folder", _("There is no folder %(folder)s.") % {"folder": output.parent}
            )
        enrollments = Enrollment.objects.all()
        pieces = export_roster(by=PROGRAMME_OFFICE, run=run, enrollments=enrollments, form=form)
        # Beside the target first: a killed export leaves no half roster under its name.
        draft = output.with_name(f".{output.name}.part")
        with draft.open("wb") as file:
            file.writelines(pieces)
        draft.replace(output)
        return {
            "run": run.code,
            "rows": enrollments.filter(run=run).named().count(),
            "file": str(output),
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("%(rows)s rows of %(run)s written to %(file)s.") % answer)
