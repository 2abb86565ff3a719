"""issue_certificates: number and print the certificates that a run still owes."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.services.issuance import register_certificates, without_file
from certificates.services.parallel import write_in_parallel
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
        owed = list(without_file(run))
        for _certificate in with_progress(write_in_parallel(owed), len(owed)):
            pass
        self.warnings = [asdict(warning) for warning in result.warnings]
        return {
            "issued": len(result.issued),
            "already": result.already,
            "held_back": [asdict(held) for held in result.held_back],
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Issued: %(issued)s. Already: %(already)s.") % answer)
        for held in answer["held_back"]:
            self.stdout.write(
                _("Not eligible: %(full_name)s (%(trainee_code)s): %(message)s") % held
            )
        for warning in self.warnings:
            self.stdout.write(_("Warning: %(full_name)s (%(trainee_code)s): %(message)s") % warning)
