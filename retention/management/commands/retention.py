from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common import clock, formats
from common.commands import DomainCommand, day
from retention.services.due import due_on


class Command(DomainCommand):
    help = "List every kind of records with its retention time, and how many are due on a day."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="D", type=day, help="due on this day; today")

    def work(self, **options: Any) -> dict[str, Any]:
        as_of = options["as_of"] or clock.today()
        self.found = [(due, due.as_json()) for due in due_on(as_of)]
        return {"as_of": as_of, "kinds": [line for _due, line in self.found]}

    def print_answer(self, answer: dict[str, Any]) -> None:
        for due, line in self.found:
            years = _("%(years)s years") % {"years": line["years"]} if line["years"] else ""
            kept = _("retained permanently") if due.kind.why_kept else _("not decided yet")
            note = "" if line["is_confirmed"] else f" ({_('to be confirmed')})"
            records = formats.number(line["records"])
            self.stdout.write(f"{records:>10}  {due.kind.label}: {years or kept}{note}")
