from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from counting.cache import rebuild_cache
from jobs.stored_results import PART
from targets.services.nightly_reconciliation import reconcile_and_store


class Command(DomainCommand):
    help = "Follow everybody from a seat to the number; fails on unexplained differences only."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--rebuild", action="store_true", help="rebuild the cached totals first"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        if options["rebuild"]:
            rebuild_cache()
        return reconcile_and_store(by=PROGRAMME_OFFICE).as_json(most=PART)

    def print_answer(self, answer: dict[str, Any]) -> None:
        for step in answer["steps"]:
            self.stdout.write(f"{step['count']:>7}  {step['label']}")
            for reason in step["reasons"]:
                self.stdout.write(f"{reason['count']:>+12}  {reason['label']}")
        for finding in answer["unexplained"]:
            self.stdout.write(_("Unexplained: %(message)s") % finding)
        if answer["ok"]:
            self.stdout.write(_("Every difference is explained."))

    def exit_code(self, answer: dict[str, Any]) -> int:
        return 0 if answer["ok"] else 1
