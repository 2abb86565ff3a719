"""restore: a backup into an empty database and MEDIA_ROOT."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import SYSTEM, Actor
from common.commands import DomainCommand
from lms.backups.restoring import restore

OPERATOR = Actor(SYSTEM.id, "operator (command line)")


class Command(DomainCommand):
    help = (
        "Restore a backup into the empty database of DATABASE_URL and the empty MEDIA_ROOT. It "
        "needs the keys of its time, and the private key in gpg's key ring if it is encrypted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("backup", type=Path)
        parser.add_argument(
            "--nothing-since",
            action="store_true",
            help="nothing happened since (an update taken back): hold no register, pause no mail",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        manifest = restore(
            options["backup"], by=OPERATOR, is_nothing_since=options["nothing_since"]
        )
        return {
            "created_at": manifest.created_at,
            "files": len(manifest.files) - 1,
            "last_numbers": manifest.last_numbers,
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(
            _("Restored: the site as it was on %(created_at)s, files: %(files)s.") % answer
        )
        self.stdout.write(
            _(
                "Next: run verify_audit --begin-again REASON; before certificates are issued, "
                "find the last number that exists on paper and pass it to continue_register."
            )
        )
