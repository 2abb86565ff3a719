"""Walks the chain of hashes over the audit log and compares it with stored heads."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import SYSTEM, Actor
from audit.services.head_files import folder
from audit.services.restored_logs import accept_restored_log
from audit.services.seals import seal_pending
from audit.services.stored_heads import read_stored
from audit.services.verification import verify
from audit.signing import public_keys
from common.commands import DomainCommand

OPERATOR = Actor(SYSTEM.id, "operator (command line)")


class Command(DomainCommand):
    help = (
        "Seal what is not sealed yet, recompute the whole chain, verify every signature and "
        "compare with the heads kept outside the database. Exit 1: something was changed or cut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="HASH|FILE",
            help="a head kept elsewhere: a hash, or a message to the auditors, JSON or an evidence "
            "pack that holds one; may be repeated",
        )
        parser.add_argument(
            "--begin-again",
            metavar="REASON",
            help="after a backup was restored: put the heads kept outside aside, on record with "
            "the reason",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        stored = [head for text in options["head"] for head in read_stored(text)]
        if options["begin_again"] is not None:
            accept_restored_log(by=OPERATOR, reason=options["begin_again"])
        found = verify(stored=stored)
        if found.intact and found.unsealed:
            while seal_pending():
                pass
            found = verify(stored=stored)
        return {
            "intact": found.intact,
            "sealed": found.sealed,
            "unsealed": found.unsealed,
            "overdue": found.overdue,
            "broken_at": found.broken_at,
            "head": found.head,
            "signed_head": found.signed.to_json() if found.signed else None,
            "keys": public_keys(),
            "problems": [problem.to_json() for problem in found.problems],
            "kept": [one.to_json() for one in found.compared],
            "kept_outside": str(folder()),
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        if answer["intact"]:
            message = _("The audit log is intact: all %(sealed)s entries match.")
            self.stdout.write(message % answer)
        for one in (*answer["problems"], *answer["kept"]):
            self.stdout.write(one["message"])
        if answer["overdue"]:
            message = _(
                "Entries waiting to be sealed for over an hour: %(overdue)s. Check that a worker "
                "is running."
            )
            self.stdout.write(message % answer)
        self.stdout.write(answer["head"])
        if signed := answer["signed_head"]:
            message = _("Signed head number %(number)s, %(sealed_at)s, key %(key)s:")
            self.stdout.write(message % signed)
            self.stdout.write(signed["signature"])

    def exit_code(self, answer: dict[str, Any]) -> int:
        absent = any(one["state"] != "present" for one in answer["kept"])
        return 0 if answer["intact"] and not absent else 1
