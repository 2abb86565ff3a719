"""demo_code: what a demo user's telephone would show now."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.services import current_code
from common.commands import DomainCommand


class Command(DomainCommand):
    help = "Print the current one-time code of a demo user's second factor (DEBUG=1 only)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")

    def work(self, **options: Any) -> dict[str, Any]:
        return {"code": current_code(email=options["email"])}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(answer["code"])
