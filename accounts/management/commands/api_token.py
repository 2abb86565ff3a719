"""api_token: a token of the API for somebody, shown once; or withdraw theirs."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.services import account_with_email, create_token, withdraw_tokens
from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand


class Command(DomainCommand):
    help = "Give somebody a token of the API, shown once, or withdraw all that they have."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--days", type=int, metavar="N", help="how long it lives; 30")
        parser.add_argument("--withdraw", action="store_true", help="withdraw all their tokens")

    def work(self, **options: Any) -> dict[str, Any]:
        user = account_with_email(options["email"])
        if options["withdraw"]:
            return {"withdrawn": withdraw_tokens(by=PROGRAMME_OFFICE, user=user)}
        return {"token": create_token(by=PROGRAMME_OFFICE, user=user, days=options["days"])}
