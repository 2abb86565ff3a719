"""export_people: write the list of people with their training, or who completed which course."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from agencies.services import agency_by_slug
from audit.services import PROGRAMME_OFFICE
from common.commands import day
from enrollment.services.people import listed_people
from people.choices import TrainingStatus
from people.models import Trainee
from rosters.exporting.chosen_rows import MATRIX, PEOPLE, scope_of
from rosters.exporting.lists import export_matrix, export_people
from rosters.management.output import ExportCommand, write_file


class Command(ExportCommand):
    help = "Export one row per person with their training; identity numbers are masked."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--agency", default="", help="slug of the agency where people work now")
        parser.add_argument("--status", default="", choices=TrainingStatus.values)
        parser.add_argument(
            "--matrix", action="store_true", help="people × courses, with the days of completion"
        )
        parser.add_argument("--since", type=day, help="first day of completion, with --matrix")
        parser.add_argument("--until", type=day, help="last day of completion, with --matrix")

    def work(self, **options: Any) -> dict[str, Any]:
        output, form = self.output(options)
        asked = {name: options[name] for name in ("agency", "status")}
        if asked["agency"]:
            agency_by_slug(asked["agency"])
        people = listed_people(Trainee.objects.all(), **asked)
        about: dict[str, Any] = {"by": PROGRAMME_OFFICE, "people": people, "form": form}
        if options["matrix"]:
            period = {name: options[name] for name in ("since", "until")}
            pieces = export_matrix(
                **about, **period, scope=scope_of(asked | period | {"of": MATRIX})
            )
        else:
            pieces = export_people(**about, scope=scope_of(asked | {"of": PEOPLE}))
        write_file(output, pieces)
        return {"rows": people.count(), "file": str(output)}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Rows written to %(file)s: %(rows)s.") % answer)
