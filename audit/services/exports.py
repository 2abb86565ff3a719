"""The audit log as a file."""

from collections.abc import Iterable

from django.db.models import Max
from django.utils.translation import gettext as _

from audit.errors import AuditError
from audit.querysets import AuditEntryQuerySet
from audit.services import Actor, audit_details, audited, digest
from audit.sheets import audit_columns, audit_rows
from common.spreadsheets import write_table

MOST_EXPORTED = 1_000_000  # a sheet of a workbook holds 1,048,576 rows


@audited("audit_exported")
def export_audit_log(
    *, by: Actor, entries: AuditEntryQuerySet, asked: dict[str, str], form: str
) -> Iterable[bytes]:
    """Entries as the pieces of a file; ``form`` is one of ``FileForm``.

    The export is audited with the filter (actor and object as digests: they may hold personal
    values) and the number of rows, which does not include its own entry.
    Raises AuditError ``too_many_rows``.
    """
    last = entries.aggregate(last=Max("pk"))["last"] or 0
    fixed = entries.filter(pk__lte=last).order_by("pk")
    rows = fixed.count()
    if rows > MOST_EXPORTED:
        message = _(
            "There are %(rows)s entries; an export can contain at most %(most)s. Choose fewer days."
        )
        raise AuditError("too_many_rows", message % {"rows": rows, "most": MOST_EXPORTED})
    hidden = {name: digest(asked[name]) for name in ("actor", "about") if name in asked}
    audit_details(rows=rows, form=form, **(asked | hidden))
    table = audit_rows(fixed.select_related("seal").iterator(chunk_size=2_000))
    return write_table(form, audit_columns(), table, sheet_name=_("Audit log"))
