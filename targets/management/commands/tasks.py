from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common import clock
from common.commands import DomainCommand
from common.dates import parse_date, parse_moment
from counting.asked import asked_day, asked_instant
from targets.models import AgencyTask
from targets.progress.task_status import believed_at, task_statuses


class Command(DomainCommand):
    help = "List the tasks of agencies as they stood on a day, with the answers given by then."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="D", help="how they stood on this day; today")
        parser.add_argument("--known-as-of", metavar="D", help="believe records up to this day")

    def work(self, **options: Any) -> dict[str, Any]:
        as_of, known = (options[name] for name in ("as_of", "known_as_of"))
        day = asked_day(as_of and parse_date(as_of)) or clock.today()
        instant = believed_at(asked_instant(known and parse_moment(known)))
        tasks = AgencyTask.objects.believed(instant).with_state(day)
        rows = tasks.select_related("agency", "indicator").order_by("due_on", "pk")
        self.found = task_statuses(rows, day, instant)
        return {"tasks": [status.as_json() for status in self.found]}

    def print_answer(self, answer: dict[str, Any]) -> None:
        for status in self.found:
            task = status.task
            self.stdout.write(f"{task.due_on}  {status.state.label:<16}  {task.agency}: {task}")
            for unit in status.units:
                given = unit.get_answer_display() if unit.answer else _("no answer yet")
                self.stdout.write(f"{'':12}{unit}: {given} {unit.change_reason}".rstrip())
        if not self.found:
            self.stdout.write(_("No tasks"))
