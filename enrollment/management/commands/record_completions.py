from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from courses.services import run_by_code
from enrollment.services.completion import close_run


class Command(DomainCommand):
    help = "Close a run by its course's completion rule; repeating it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--run", required=True, help="code of the run")

    def work(self, **options: Any) -> dict[str, Any]:
        return asdict(close_run(by=PROGRAMME_OFFICE, run=run_by_code(options["run"])))

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(
            _(
                "Completed: %(completed)s. Not completed: %(not_completed)s. Already "
                "recorded: %(already)s."
            )
            % answer
        )
