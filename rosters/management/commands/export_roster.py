"""export_roster: write a run's roster as XLSX or CSV."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from courses.services import run_by_code
from enrollment.models import Enrollment
from rosters.exporting.lists import export_roster
from rosters.fields import DEFAULT_KEYS, ROSTER_KEYS
from rosters.management.output import ExportCommand, write_file


class Command(ExportCommand):
    help = "Export the roster of a run; identity numbers are masked."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--run", required=True, help="code of the run")
        parser.add_argument(
            "--columns",
            default=",".join(DEFAULT_KEYS),
            help=f"by commas, in their order, of: {', '.join(ROSTER_KEYS)}",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        run, (output, form) = run_by_code(options["run"]), self.output(options)
        enrollments = Enrollment.objects.all()
        about: dict[str, Any] = {"run": run, "enrollments": enrollments, "form": form}
        fields = options["columns"].split(",")
        write_file(output, export_roster(by=PROGRAMME_OFFICE, fields=fields, **about))
        return {
            "run": run.code,
            "rows": enrollments.filter(run=run).named().count(),
            "file": str(output),
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Rows of %(run)s written to %(file)s: %(rows)s.") % answer)
