"""verify_backup: whether a backup is as it was written."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from lms.backups.restoring import verify_backup


class Command(DomainCommand):
    help = "Compare every file of a backup with its manifest. Exit 1: it cannot be relied on."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("backup", type=Path)

    def work(self, **options: Any) -> dict[str, Any]:
        problems = verify_backup(options["backup"])
        return {"sound": not problems, "problems": problems}

    def print_answer(self, answer: dict[str, Any]) -> None:
        for problem in answer["problems"]:
            self.stdout.write(problem)
        if answer["sound"]:
            self.stdout.write(_("The backup is intact."))

    def exit_code(self, answer: dict[str, Any]) -> int:
        return 0 if answer["sound"] else 1
