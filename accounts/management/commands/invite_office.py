"""invite_office: somebody who runs the programme; the first account of a new site."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.services.invitations import invite_office
from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand


class Command(DomainCommand):
    help = (
        "Let somebody run the programme: opens their account, or gives the role to the one "
        "they have. Prints the link that claims it, once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="", help="how pages and mails call this person")

    def work(self, **options: Any) -> dict[str, Any]:
        email = options["email"]
        link = invite_office(by=PROGRAMME_OFFICE, email=email, full_name=options["name"])
        return {"email": email, "link": link}

    def print_answer(self, answer: dict[str, Any]) -> None:
        if answer["link"]:
            self.stdout.write(_("Open this link to choose a password; it works once:"))
            self.stdout.write(answer["link"])
        else:
            self.stdout.write(_("The account is active and now has the programme office role."))
