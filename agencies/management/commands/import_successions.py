"""import_successions: record mergers, renamings and splits from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from agencies.services import import_successions
from agencies.sheets import read_successions
from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand


class Command(DomainCommand):
    help = (
        "Record mergers, renamings and splits from an .xlsx or CSV file with the columns kind, "
        "on, predecessors, successors (slugs, several apart by ;) and legal basis. All rows or "
        "none; rows that already stand are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        super().add_arguments(parser)

    def work(self, **options: Any) -> dict[str, int]:
        rows = read_successions(options["file"])
        return import_successions(by=PROGRAMME_OFFICE, rows=rows)
