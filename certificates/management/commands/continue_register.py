"""continue_register: give register numbers again after a backup was restored."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.choices import Register
from certificates.services.register_numbers import continue_register
from common.commands import DomainCommand


class Command(DomainCommand):
    help = (
        "After a restore: say the last register number of this year that exists on paper. "
        "The next paper gets the one behind it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("after", type=int, help="the last number that exists on paper")
        parser.add_argument("reason", help="how it was found, for the audit log")
        parser.add_argument(
            "--register",
            type=Register,
            choices=list(Register),
            default=Register.CERTIFICATES,
            help="AI: certificates (the default); XN: confirmations of attendance",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        year = continue_register(
            by=PROGRAMME_OFFICE,
            after=options["after"],
            reason=options["reason"],
            register=options["register"],
        )
        return {"register": f"{year.register} {year.year}", "next_number": year.last_number + 1}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("The next number of %(register)s is %(next_number)s.") % answer)
