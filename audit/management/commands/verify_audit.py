"""verify_audit: walk the chain of hashes over the record of deeds."""

from typing import Any

from django.utils.translation import gettext as _

from audit.services import seal_pending, verify
from common.commands import DomainCommand


class Command(DomainCommand):
    help = "Seal what is not sealed yet, recompute the whole chain, name the first bad entry."

    def work(self, **options: Any) -> dict[str, Any]:
        before = verify()
        if before.broken_at is None:
            while seal_pending():
                pass
        found = verify()
        return {
            "intact": found.broken_at is None,
            "sealed": found.sealed,
            "unsealed": found.unsealed,
            "broken_at": found.broken_at,
            "head": found.head,
        }

    def tell(self, answer: dict[str, Any]) -> None:
        if answer["intact"]:
            message = _("The record is intact: %(sealed)s entries in an unbroken chain.")
        else:
            message = _("The record was changed: the chain breaks at entry %(broken_at)s.")
        self.stdout.write(message % answer)
        self.stdout.write(answer["head"])

    def exit_code(self, answer: dict[str, Any]) -> int:
        return 0 if answer["intact"] else 1
