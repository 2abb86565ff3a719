"""For the last member of the office, whom no colleague can help."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.services import account_with_email
from accounts.services.second_factor import reset_second_factor
from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand


class Command(DomainCommand):
    help = "Take away somebody's lost second factor; they set up a new one when they sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("reason", metavar="REASON", help="kept on record")

    def work(self, **options: Any) -> dict[str, Any]:
        user = account_with_email(options["email"])
        reset_second_factor(by=PROGRAMME_OFFICE, user=user, reason=options["reason"])
        return {"email": user.email}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(
            _("%(email)s will set up a new second factor at the next sign-in.") % answer
        )
