"""issue_certificates: number and print the certificates that a run still owes."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.services.issuing import register_certificates, waiting_for_bytes
from certificates.services.pressing import write_side_by_side
from common.commands import DomainCommand, with_progress
from courses.services import run_by_code


class Command(DomainCommand):
    help = "Issue the certificates of a run; repeating it touches only what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--run", required=True, help="code of the run")

    def work(self, **options: Any) -> dict[str, Any]:
        run = run_by_code(options["run"])
        result = register_certificates(by=PROGRAMME_OFFICE, run=run)
        owed = list(waiting_for_bytes(run))
        for _certificate in with_progress(write_side_by_side(owed), len(owed)):
            pass
        self.warnings = [asdict(warning) for warning in result.warnings]
        return {
            "issued": len(result.issued),
            "already": result.already,
            "held_back": [asdict(held) for held in result.held_back],
        }

    def tell(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Issued: %(issued)s. Already: %(already)s.") % answer)
        for held in answer["held_back"]:
            self.stdout.write(_("Held back: %(full_name)s (%(trainee_code)s): %(message)s") % held)
        for warning in self.warnings:
            self.stdout.write(_("Warning: %(full_name)s (%(trainee_code)s): %(message)s") % warning)
