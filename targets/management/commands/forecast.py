from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common import formats
from common.commands import DomainCommand
from common.dates import parse_date, parse_moment
from counting.asked import asked_day, asked_instant
from targets.progress.forecast_output import forecast_as_json, next_forecast


class Command(DomainCommand):
    help = "Say when the next target will be reached, and how often such ranges held the truth."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="D", help="forecast from this day; today")
        parser.add_argument("--known-as-of", metavar="D", help="believe records up to this day")

    def work(self, **options: Any) -> dict[str, Any]:
        as_of, known = (options[name] for name in ("as_of", "known_as_of"))
        self.found = next_forecast(
            asked_day(as_of and parse_date(as_of)), asked_instant(known and parse_moment(known))
        )
        return forecast_as_json(self.found)

    def print_answer(self, answer: dict[str, Any]) -> None:
        if not answer["enough"]:
            text = _("Not enough data for a forecast: %(quarters)s of four full quarters.")
            self.stdout.write(text % answer)
        for one in self.found.ahead[:8]:
            what = {
                "quarter": one.quarter.label,
                "low": formats.number(round(one.total.low)),
                "high": formats.number(round(one.total.high)),
            }
            self.stdout.write(_("%(quarter)s: between %(low)s and %(high)s people.") % what)
        text = _(
            "The range contained the actual result in %(held)s of %(questions)s past forecasts."
        )
        self.stdout.write(text % answer)
