"""import_audiences: enter or change audiences from a workbook."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from competencies.services.audience_rows import drafts_of_rows, import_audiences, to_correct
from competencies.sheets import read_audiences


class Command(DomainCommand):
    help = (
        "Enter or change audiences from an .xlsx or CSV file as the page of audiences gives it. "
        "All rows or none; rows that say nothing new are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        super().add_arguments(parser)

    def work(self, **options: Any) -> dict[str, int]:
        drafts, problems = drafts_of_rows(read_audiences(options["file"]))
        if problems:
            raise to_correct(problems)
        return asdict(import_audiences(by=PROGRAMME_OFFICE, drafts=drafts))
