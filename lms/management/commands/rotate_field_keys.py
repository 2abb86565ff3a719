"""rotate_field_keys: everything that rests encrypted, under the newest key."""

from typing import Any

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from lms.rotation import rotate


class Command(DomainCommand):
    help = (
        "Write every encrypted value under the first of FIELD_KEYS. It may be stopped and run "
        "again. An old key may go once a run writes nothing and tells of no frozen rows."
    )

    def work(self, **options: Any) -> dict[str, Any]:
        done = rotate(by=PROGRAMME_OFFICE)
        return {
            "written": sum(one.written for one in done),
            "frozen": sum(one.frozen for one in done),
            "columns": {one.column: one.written for one in done if one.written or one.frozen},
        }
