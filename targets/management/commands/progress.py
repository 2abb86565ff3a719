from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common import formats
from common.commands import DomainCommand
from common.dates import format_date, parse_date, parse_moment
from counting.asked import asked_day, asked_instant
from counting.counter import counted
from counting.groups import groups
from counting.replay import Count, GroupBy
from targets.errors import TargetInputError
from targets.progress import Milestone, as_json, milestones


class Command(DomainCommand):
    help = "Say how many distinct people have been trained, by which rule, against the targets."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="D", help="the day the figure speaks of; today")
        parser.add_argument(
            "--known-as-of",
            metavar="D",
            help="believe records up to this day or instant",
        )
        parser.add_argument("--by", metavar="GROUP", help="agency, sector, kind, course or month")
        parser.add_argument(
            "--as-it-is-today",
            action="store_true",
            help="roll agencies up along mergers and renamings",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        as_of, known_as_of = options["as_of"], options["known_as_of"]
        by = _group_by(options["by"])
        self.count = counted(
            asked_day(as_of and parse_date(as_of)),
            known_as_of=asked_instant(known_as_of and parse_moment(known_as_of)),
        )
        self.by, self.as_it_is_today = by, options["as_it_is_today"]
        return as_json(self.count, by=by, as_it_is_today=self.as_it_is_today)

    def print_answer(self, answer: dict[str, Any]) -> None:
        count = self.count
        self.stdout.write(_sentence(count))
        self.stdout.write(_rule_line(count))
        self.stdout.write("")
        for milestone in milestones(count):
            self.stdout.write(_target_line(milestone))
        if self.by:
            self.stdout.write("")
            self._table(_rows(count, self.by, as_it_is_today=self.as_it_is_today))

    def _table(self, rows: list[tuple[str, str, str]]) -> None:
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for label, persons, completions in rows:
            line = f"{label:<{widths[0]}}  {persons:>{widths[1]}}  {completions:>{widths[2]}}"
            self.stdout.write(line)


def _group_by(text: str | None) -> GroupBy | None:
    if text is None:
        return None
    try:
        return GroupBy(text)
    except ValueError:
        message = _(
            "The number can be shown by agency, sector, kind, course or month, not by %(text)s."
        )
        raise TargetInputError("unknown_grouping", message % {"text": text}) from None


def _sentence(count: Count) -> str:
    message = _(
        "People trained: %(persons)s (completions: %(completions)s), as of %(as_of)s, "
        "data as recorded by %(known_as_of)s."
    )
    return message % {
        "persons": count.persons,
        "completions": count.completions,
        "as_of": format_date(count.as_of),
        "known_as_of": formats.exact(count.known_as_of),
    }


def _rule_line(count: Count) -> str:
    if count.rule is None:
        return _("No counting rule had been adopted by then, so no one is counted.")
    message = _("Rule %(version)s, adopted on %(day)s: %(sentence)s")
    return message % {
        "version": count.rule.version,
        "day": format_date(count.rule.adopted_on),
        "sentence": count.rule.sentence,
    }


def _target_line(milestone: Milestone) -> str:
    if milestone.met_on:
        message = _("%(persons)s of at least %(minimum)s by %(due_on)s; reached on %(met_on)s.")
    else:
        message = _("%(persons)s of at least %(minimum)s by %(due_on)s; not reached.")
    return message % {
        "persons": milestone.persons,
        "minimum": milestone.minimum,
        "due_on": format_date(milestone.due_on),
        "met_on": milestone.met_on and format_date(milestone.met_on),
    }


def _rows(count: Count, by: GroupBy, *, as_it_is_today: bool) -> list[tuple[str, str, str]]:
    found = groups(count, by, as_it_is_today=as_it_is_today)
    return [
        ("", _("people"), _("completions")),
        *((group.label, str(group.persons), str(group.completions)) for group in found),
        (_("All"), str(count.persons), str(count.completions)),
    ]
