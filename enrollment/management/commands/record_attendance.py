from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from courses.services import run_by_code
from enrollment.choices import Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.services.attendance import mark_everyone, record_attendance
from enrollment.sheets import read_attendance


class Command(DomainCommand):
    help = "Record attendance of a run: everybody alike, or from a sheet (XLSX or CSV)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--run", required=True, help="code of the run")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--everyone", choices=[str(mark) for mark in Mark])
        how.add_argument(
            "--file",
            metavar="FILE",
            help="trainee code or name, then one column per session (1, 2, … or Buổi 1, …)",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        run = run_by_code(options["run"])
        if options["everyone"]:
            marks = mark_everyone(by=PROGRAMME_OFFICE, run=run, mark=Mark(options["everyone"]))
        else:
            path = Path(options["file"])
            if not path.is_file():
                raise EnrollmentError(
                    "no_such_file", _("There is no file %(file)s.") % {"file": path}
                )
            marks = record_attendance(
                by=PROGRAMME_OFFICE,
                run=run,
                marks=read_attendance(path, run),
                evidence=Evidence.SIGNED_SHEET,
            )
        people = run.enrollments.exclude(attendances=None).count()
        return {"run": run.code, "marks": marks, "people": people}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Marks recorded: %(marks)s, for people: %(people)s.") % answer)
