"""message_kinds: the table of kinds of messages, as docs/messages.md has it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from notices.services.kind_table import kind_table, with_table


class Command(BaseCommand):
    help = "Print the kinds of messages as a table; --write puts it into docs/messages.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["write"]:
            self.stdout.write(kind_table())
            return
        file = Path(settings.BASE_DIR) / "docs/messages.md"
        file.write_text(with_table(file.read_text()))
