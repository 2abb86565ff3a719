"""backup: everything that the site keeps, while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from lms.backups.making import make_backup, write_keys


class Command(DomainCommand):
    help = (
        "Copy database and files to a new folder under DESTINATION, with a manifest. Files that "
        "have not changed since the last backup there are shared with it where the disk can."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("destination", type=Path)
        parser.add_argument("--keep", type=int, help="so many backups; older ones are deleted")
        parser.add_argument(
            "--encrypt-to",
            type=Path,
            metavar="FILE",
            help="an OpenPGP public key: only who holds its private key can restore",
        )
        parser.add_argument(
            "--keys-to",
            type=Path,
            metavar="FOLDER",
            help="write the keys there, in another safe than DESTINATION",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        if options["keys_to"]:
            write_keys(options["keys_to"], options["destination"])
        made = make_backup(
            options["destination"], keep=options["keep"], recipient_file=options["encrypt_to"]
        )
        return {"backup": str(made)}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Backup made: %(backup)s") % answer)
