"""Files that commands write: in the form of their name, whole or not at all."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from common.spreadsheets import FileForm
from rosters.errors import RosterError, RosterInputError


class ExportCommand(DomainCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--output", required=True, metavar="FILE.xlsx|.csv")
        parser.add_argument(
            "--plain-csv",
            action="store_true",
            help="a .csv for programs: commas, UTF-8, days as 2026-12-31",
        )

    def output(self, options: dict[str, Any]) -> tuple[Path, FileForm]:
        """Raises RosterError ``unknown_form``, ``no_such_folder``."""
        output = Path(options["output"])
        suffix = output.suffix.lower().removeprefix(".")
        if suffix not in ("xlsx", "csv") or (options["plain_csv"] and suffix != "csv"):
            raise RosterInputError(
                "unknown_form",
                _("The output file name must end in .xlsx or .csv; --plain-csv is for .csv."),
            )
        if not output.parent.is_dir():
            raise RosterError(
                "no_such_folder", _("There is no folder %(folder)s.") % {"folder": output.parent}
            )
        return output, FileForm.PLAIN_CSV if options["plain_csv"] else FileForm(suffix)


def write_file(output: Path, pieces: Iterable[bytes]) -> None:
    """Beside the target first: a killed export leaves no half list under its name."""
    draft = output.with_name(f".{output.name}.part")
    with draft.open("wb") as file:
        file.writelines(pieces)
    draft.replace(output)
