from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from common.dates import parse_date, parse_moment
from counting.asked import asked_day, asked_instant
from counting.choices import Unit
from counting.models import Indicator
from targets.progress.measure_output import measure_as_json
from targets.progress.percentages import measured


class Command(DomainCommand):
    help = "Say the three percentages, whom they speak of, and their targets."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="D", help="the day the figures speak of; today")
        parser.add_argument("--known-as-of", metavar="D", help="believe records up to this day")

    def work(self, **options: Any) -> dict[str, Any]:
        as_of, known = (options[name] for name in ("as_of", "known_as_of"))
        day = asked_day(as_of and parse_date(as_of))
        instant = asked_instant(known and parse_moment(known))
        rows = Indicator.objects.filter(unit=Unit.PERCENT).order_by("slug")
        return {
            "indicators": [measure_as_json(measured(row, day, known_as_of=instant)) for row in rows]
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        for one in answer["indicators"]:
            shares = {name: _rounded(one[name]) for name in ("percent", "percent_of_all")}
            text = _(
                "%(indicator)s: %(percent)s %% (%(numerator)s of %(denominator)s) as of %(as_of)s."
            )
            self.stdout.write(text % (one | shares))
            if base := one["base"]:
                text = _(
                    "  %(reported)s of %(expected)s agencies have reported for %(period)s, "
                    "%(silent)s have not; %(percent_of_all)s %% of all."
                )
                self.stdout.write(text % (base | shares))
            for goal in one["targets"]:
                text = _("  at least %(minimum)s %% by %(due_on)s: reached")
                if not goal["met"]:
                    text = _("  at least %(minimum)s %% by %(due_on)s: not reached")
                self.stdout.write(text % goal)


def _rounded(share: float | None) -> str:
    return "–" if share is None else f"{share:.1f}"
