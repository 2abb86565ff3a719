"""import_roster: import a nomination roster, with findings row by row."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from agencies.models import Agency
from agencies.services import agency_by_slug
from audit.services import PROGRAMME_OFFICE
from common.bounded import BoundedError
from common.commands import DomainCommand
from common.public_text import ReasonField
from courses.models import CourseRun
from courses.services import run_by_code
from rosters.errors import RosterError
from rosters.fields import MAPPABLE_KEYS
from rosters.importing.check_job import heading_mappings_of
from rosters.importing.highlights import can_mark, highlighted
from rosters.importing.importer import RosterRejectedError, check_roster, import_roster, read
from rosters.importing.layouts.headings import heading_key
from rosters.importing.layouts.layout import Layout
from rosters.importing.missing import WithdrawalReason, keep_everybody, notes_on
from rosters.importing.rejects import write_rejects
from rosters.importing.report import ImportReport, finding_as_dict, note_as_dict
from rosters.importing.rows import Roster
from rosters.importing.senders import office


class Command(DomainCommand):
    help = "Import a nomination roster (XLSX or CSV). With rejected rows nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--run", required=True, help="code of the run")
        parser.add_argument("--agency", required=True, help="slug of the sending agency")
        parser.add_argument("--sheet", default="", help="default: the one most like a roster")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADING=FIELD",
            help="what a column holds, by its heading or letter; an empty field sets it aside",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell, but write nothing")
        parser.add_argument("--partial", action="store_true", help="write the good rows")
        parser.add_argument(
            "--transfer",
            action="store_true",
            help="move people of other agencies to the sender; without it their transfer is asked",
        )
        parser.add_argument(
            "--missing",
            choices=("keep", "withdraw"),
            default="keep",
            help="people whom the agency nominated before and who are not on this roster",
        )
        parser.add_argument("--reason", default="", help="why the missing people are withdrawn")
        parser.add_argument("--rejects", metavar="FILE", help="write the rejected rows here")

    def work(self, **options: Any) -> dict[str, Any]:
        run, agency = run_by_code(options["run"]), agency_by_slug(options["agency"])
        path = Path(options["file"])
        if not path.is_file():
            raise RosterError(
                "no_such_file", _("There is no file %(file)s.") % {"file": options["file"]}
            )
        chosen = _column_options(options["map"])
        withdrawal = _withdrawal(**options)
        mapping = {
            **heading_mappings_of(agency),
            **{heading_key(text): name for text, name in chosen.items()},
        }
        roster = read(path, path.name, run, options["sheet"], mapping)
        _refuse_unknown_columns(chosen, roster.layout)
        report = _run(roster, run, agency, withdrawal, options)
        if options["rejects"]:
            _write_rejects(Path(options["rejects"]), path, roster.layout, report, agency)
        self.report = report
        answer = report.as_json()
        file_warnings = [finding_as_dict(problem) for problem in roster.file_warnings]
        notes = [note_as_dict(note) for note in (*roster.notes, *notes_on(report.missing))]
        return answer | {"warnings": [*file_warnings, *answer["warnings"]], "notes": notes}

    def print_answer(self, answer: dict[str, Any]) -> None:
        for finding in [*answer["errors"], *answer["warnings"], *answer["notes"]]:
            self.stdout.write(finding["message"])
        self.stdout.write(
            _(
                "Rows: %(rows)s. New: %(created)s. Existing: %(matched)s. Unchanged: "
                "%(unchanged)s. To compare: %(candidates)s. Rejected: %(rejected)s."
            )
            % answer
        )
        if self.report.written:
            seats = {"seated": self.report.enrolled, "waiting": self.report.waitlisted}
            self.stdout.write(_("Seated: %(seated)s. On the waiting list: %(waiting)s.") % seats)
        else:
            self.stdout.write(_("Nothing was saved."))

    def exit_code(self, answer: dict[str, Any]) -> int:
        return 1 if answer["rejected"] else 0


def _column_options(pairs: list[str]) -> dict[str, str]:
    chosen = dict[str, str]()
    for pair in pairs:
        heading, sign, name = (part.strip() for part in pair.rpartition("="))
        if not sign or not heading or name not in MAPPABLE_KEYS:
            fields = ", ".join(filter(None, MAPPABLE_KEYS))
            reason = _("--map expects HEADING=FIELD, not “%(pair)s”; the fields are: %(fields)s.")
            raise RosterError("map_unreadable", reason % {"pair": pair, "fields": fields})
        chosen[heading] = name
    return chosen


def _refuse_unknown_columns(chosen: dict[str, str], layout: Layout) -> None:
    there = {heading_key(text) for text in layout.headings.values()}
    for heading in chosen:
        if heading_key(heading) not in there:
            reason = _("No column has the heading “%(heading)s”; the headings are: %(headings)s.")
            headings = ", ".join(layout.headings.values())
            raise RosterError("no_such_column", reason % {"heading": heading, "headings": headings})


def _write_rejects(
    target: Path, source: Path, layout: Layout, report: ImportReport, agency: Agency
) -> None:
    """The sender's own workbook, marked; a plain list of rows for CSV and giants."""
    content = source.read_bytes()
    if target.suffix.lower() == ".xlsx" and can_mark(content):
        headings = {str(at): text for at, text in layout.headings.items()}
        table = {"sheet": layout.sheet.name, "columns": layout.columns, "headings": headings}
        # Some programs write workbooks that openpyxl cannot open: their rows go back as a list.
        with suppress(BoundedError):
            target.write_bytes(highlighted(content, table, report.results))
            return
    write_rejects(target, layout, report.results, mapping=heading_mappings_of(agency))


def _withdrawal(missing: str, reason: str, **_others: Any) -> WithdrawalReason:
    if missing == "keep":
        if reason:
            raise RosterError("reason_unused", _("--reason is for --missing withdraw."))
        return keep_everybody
    if not reason.strip():
        raise RosterError("reason_missing", _("--missing withdraw needs --reason."))
    try:
        text = ReasonField(min_length=None).clean(reason)
    except ValidationError as error:
        raise RosterError("reason_refused", " ".join(error.messages)) from error
    return lambda _enrollment_id: text


def _run(
    roster: Roster,
    run: CourseRun,
    agency: Agency,
    withdrawal: WithdrawalReason,
    options: dict[str, Any],
) -> ImportReport:
    sender = office(agency, moves=options["transfer"])
    if options["dry_run"]:
        report = check_roster(roster=roster, run=run, sender=sender)
        report.missing = report.missing.after(report.missing.withdrawing(withdrawal))
        return report
    try:
        return import_roster(
            by=PROGRAMME_OFFICE,
            roster=roster,
            run=run,
            sender=sender,
            partial=options["partial"],
            withdrawal=withdrawal,
        )
    except RosterRejectedError as refused:
        return refused.report
