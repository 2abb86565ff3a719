"""open_run: open a class of a course, with its sessions."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand, day
from courses.services import course_by_code, open_run


class Command(DomainCommand):
    help = "Open a run (class) of a course; past dates are accepted."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--course", required=True, help="code of the course")
        parser.add_argument("--code", required=True, help="code of the new run")
        parser.add_argument("--starts", required=True, type=day, metavar="YYYY-MM-DD")
        parser.add_argument("--ends", required=True, type=day, metavar="YYYY-MM-DD")
        parser.add_argument("--capacity", required=True, type=int, metavar="SEATS")
        parser.add_argument("--sessions", type=int, help="default: two a day")
        parser.add_argument("--venue", default="")

    def work(self, **options: Any) -> dict[str, Any]:
        run = open_run(
            by=PROGRAMME_OFFICE,
            course=course_by_code(options["course"]),
            code=options["code"],
            starts_on=options["starts"],
            ends_on=options["ends"],
            capacity=options["capacity"],
            sessions=options["sessions"],
            venue=options["venue"],
        )
        return {"run": run.code, "course": run.course.code, "sessions": run.sessions.count()}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Class %(run)s created. Sessions: %(sessions)s.") % answer)
