"""backfill_results: record past results on paper from a roster and a scan."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from agencies.services import agency_by_slug
from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand, day
from courses.services import run_by_code
from rosters.errors import RosterError
from rosters.importing.backfill import backfill_roster
from rosters.importing.check_job import heading_mappings_of
from rosters.importing.importer import RosterRejectedError, read
from rosters.importing.rows import Problem


class Command(DomainCommand):
    help = (
        "Record that everybody on a roster (XLSX or CSV) completed a run on paper, with the scan "
        "that it rests on. Nobody is enrolled or notified; a rejected row records nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--run", required=True, help="code of the run")
        parser.add_argument("--agency", required=True, help="slug of the sending agency")
        parser.add_argument("--sheet", default="", help="default: the one most like a roster")
        parser.add_argument("--scan", required=True, type=Path, help="the evidence, scanned")
        parser.add_argument("--completed-on", type=day, help="default: the run's last day")
        parser.add_argument("--reason", default="", help="why that day is none of the run's days")

    def work(self, **options: Any) -> dict[str, Any]:
        run, agency = run_by_code(options["run"]), agency_by_slug(options["agency"])
        for path in (options["file"], options["scan"]):
            if not path.is_file():
                raise RosterError("no_such_file", _("There is no file %(file)s.") % {"file": path})
        roster = read(
            options["file"],
            options["file"].name,
            run,
            options["sheet"],
            heading_mappings_of(agency),
        )
        self._say(roster.file_warnings)
        try:
            report, outcome = backfill_roster(
                by=PROGRAMME_OFFICE,
                roster=roster,
                run=run,
                agency=agency,
                scan=options["scan"].read_bytes(),
                scan_name=options["scan"].name,
                completed_on=options["completed_on"],
                reason=options["reason"],
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
