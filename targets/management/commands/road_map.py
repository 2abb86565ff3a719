from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from common.dates import parse_date, parse_moment
from counting.asked import asked_day, asked_instant
from targets.progress.road_map_output import asked_road_map


class Command(DomainCommand):
    help = "Compare plan and actual of each agency, furthest behind first."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="D", help="the day the figures speak of; today")
        parser.add_argument("--known-as-of", metavar="D", help="believe records up to this day")

    def work(self, **options: Any) -> dict[str, Any]:
        as_of, known = (options[name] for name in ("as_of", "known_as_of"))
        day = asked_day(as_of and parse_date(as_of))
        return {"agencies": asked_road_map(day, asked_instant(known and parse_moment(known)))}

    def print_answer(self, answer: dict[str, Any]) -> None:
        text = _("%(agency)s: %(persons)s of %(planned)s planned by now, %(behind)s behind.")
        for row in answer["agencies"]:
            self.stdout.write(text % row)
        if not answer["agencies"]:
            self.stdout.write(_("No agency has a quota of the next target."))
