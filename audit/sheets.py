"""The audit log as a table."""

import json
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from audit.models import AuditEntry
from common.clock import HANOI
from common.spreadsheets import CellValue, Column


def audit_columns() -> list[Column]:
    return [
        Column("id", _("Entry"), kind="number", width=10),
        Column("at", _("Time"), width=20),
        Column("action", _("Action"), width=32),
        Column("code", _("Action code"), width=28),
        Column("actor", _("Actor"), width=28),
        Column("details", _("Details"), width=60),
        Column("hash", _("Seal"), width=64),
    ]


def audit_rows(entries: Iterable[AuditEntry]) -> Iterator[list[CellValue]]:
    for entry in entries:
        seal = getattr(entry, "seal", None)
        yield [
            entry.pk,
            f"{entry.at.astimezone(HANOI):%Y-%m-%d %H:%M:%S}",
            entry.action_label,
            entry.action,
            entry.actor_label,
            json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
            seal.chain_hash if seal else "",
        ]
