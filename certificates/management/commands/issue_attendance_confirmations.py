"""issue_attendance_confirmations: for whoever attended a closed class without completing it."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.services.attendance import (
    chosen_of,
    held_back,
    register_confirmations,
    write_confirmations,
)
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
        held = held_back(run, chosen) if chosen else []
        issued = register_confirmations(by=PROGRAMME_OFFICE, run=run, chosen=chosen)
        written = list(write_confirmations(run))
        return {
            "issued": [confirmation.register_label for confirmation in issued],
            "files": len(written),
            "held_back": [asdict(one) for one in held],
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Files created: %(files)s.") % answer)
        for number in answer["issued"]:
            self.stdout.write(number)
        for held in answer["held_back"]:
            self.stdout.write(
                _("Not eligible: %(full_name)s (%(trainee_code)s): %(message)s") % held
            )
