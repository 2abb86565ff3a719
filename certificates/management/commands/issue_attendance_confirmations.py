"""issue_attendance_confirmations: for whoever attended a closed class without completing it."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.services.attendance import chosen_of, register_confirmations, write_confirmations
from common.commands import DomainCommand
from courses.services import run_by_code


class Command(DomainCommand):
    help = "Issue confirmations of attendance of a run; repeating it touches only what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--run", required=True, help="code of the run")
        parser.add_argument(
            "--trainee", action="append", help="a trainee code; may be repeated; default: everybody"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        run = run_by_code(options["run"])
        chosen = chosen_of(run, options["trainee"]) if options["trainee"] else None
        issued = register_confirmations(by=PROGRAMME_OFFICE, run=run, chosen=chosen)
        written = list(write_confirmations(run))
        return {
            "issued": [confirmation.register_label for confirmation in issued],
            "files": len(written),
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Files created: %(files)s.") % answer)
        for number in answer["issued"]:
            self.stdout.write(number)
