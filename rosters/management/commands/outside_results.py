"""outside_results: record what people completed on platforms and in courses held elsewhere."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from agencies.services import agency_by_slug
from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from courses.models import Course, CourseRun
from rosters.errors import RosterError
from rosters.importing.check_job import heading_mappings_of
from rosters.importing.importer import RosterRejectedError
from rosters.importing.outside import import_outside_results
from rosters.importing.rows import Problem, read_roster


class Command(DomainCommand):
    help = (
        "Record results from elsewhere from a roster (XLSX or CSV) with the columns platform, "
        "course, completed on, proof and, if known, hours. Nobody is enrolled or notified; a "
        "rejected row records nothing. Run again it changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--agency", required=True, help="slug of the sending agency")
        parser.add_argument("--sheet", default="", help="default: the one most like a roster")

    def work(self, **options: Any) -> dict[str, Any]:
        agency, path = agency_by_slug(options["agency"]), options["file"]
        if not path.is_file():
            raise RosterError("no_such_file", _("There is no file %(file)s.") % {"file": path})
        matched = Course.objects.filter(runs__in=CourseRun.objects.outside())
        roster = read_roster(
            path,
            path.name,
            bare_birth_years=not matched.filter(bare_birth_years=False).exists(),
            sheet=options["sheet"],
            mapping=heading_mappings_of(agency),
        )
        self._say(roster.file_warnings)
        try:
            report, outcome = import_outside_results(
                by=PROGRAMME_OFFICE, roster=roster, agency=agency
            )
        except RosterRejectedError as refused:
            self._say(finding for row in refused.report.results for finding in row.errors)
            raise
        self._say(finding for row in report.results for finding in row.warnings)
        return {
            "rows": len(report.results),
            "recorded": outcome.recorded,
            "already": outcome.already,
        }

    def _say(self, findings: Iterable[Problem]) -> None:
        """What was found in the rows goes beside the answer, which says only what was recorded."""
        for finding in findings:
            self.stderr.write(finding.message)
