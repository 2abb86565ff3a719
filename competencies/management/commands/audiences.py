"""audiences: who should learn what, and how many of them are not yet trained."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from agencies.models import Agency
from common import clock
from common.commands import DomainCommand, day
from competencies.models import AudienceRule
from competencies.progress import by_agency, requirements_of


class Command(DomainCommand):
    help = "List the audiences, with how many of their people are trained and not yet trained."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", type=day, metavar="D", help="the figures' day; today")
        parser.add_argument("--agencies", action="store_true", help="with the figures by agency")

    def work(self, **options: Any) -> dict[str, Any]:
        as_of = options["as_of"] or clock.today()
        rules = AudienceRule.objects.in_force(as_of).with_requirements().order_by("audience")
        found = [_coverage(rule, as_of, by=options["agencies"]) for rule in rules]
        return {"as_of": as_of, "audiences": found}

    def print_answer(self, answer: dict[str, Any]) -> None:
        text = _("%(slug)s, %(title)s: %(untrained)s of %(members)s people not yet trained")
        for one in answer["audiences"]:
            self.stdout.write(text % one)
            for part in one.get("agencies", ()):
                self.stdout.write("  {agency}: {untrained} / {members}".format_map(part))


def _coverage(rule: AudienceRule, as_of: Any, *, by: bool) -> dict[str, Any]:
    parts = by_agency(rule, as_of)
    members = sum(part.members for part in parts)
    untrained = sum(part.lacking for part in parts)
    answer: dict[str, Any] = {
        "slug": rule.audience.slug,
        "title": rule.audience.title,
        "in_use": rule.audience.is_in_use,
        "requirements": [str(one) for one in requirements_of(rule)],
        "members": members,
        "trained": members - untrained,
        "untrained": untrained,
    }
    if by:
        slugs = dict(Agency.objects.values_list("pk", "slug"))
        rows = [
            {
                "agency": slugs[part.agency],
                "members": part.members,
                "trained": part.trained,
                "untrained": part.lacking,
            }
            for part in parts
        ]
        answer["agencies"] = sorted(rows, key=lambda row: str(row["agency"]))
    return answer
