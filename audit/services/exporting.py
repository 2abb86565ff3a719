"""The audit log as a file."""

from collections.abc import Iterable

from django.db.models import Max
from django.utils.translation import gettext as _

from audit.errors import RecordError
from audit.querysets import AuditEntryQuerySet
from audit.services.recording import Actor, audit_details, audited, digest
from audit.sheets import record_columns, record_rows
from common.spreadsheets import write_csv, write_xlsx

MOST_EXPORTED = 1_000_000  # a sheet of a workbook holds 1,048,576 rows


@audited("audit_exported")
def export_record(
    *, by: Actor, entries: AuditEntryQuerySet, asked: dict[str, str], form: str
) -> Iterable[bytes]:
    """Entries as the pieces of a file; ``form`` is ``xlsx`` or ``csv``.

    The export goes on record with the question (its actor and object as digests: they may hold
    personal values) and the number of rows, which it does not hold itself.
    Raises RecordError ``too_many_rows``.
    """
    last = entries.aggregate(last=Max("pk"))["last"] or 0
    fixed = entries.filter(pk__lte=last).order_by("pk")
    rows = fixed.count()
    if rows > MOST_EXPORTED:
        raise RecordError(
            "too_many_rows",
            _("These are %(rows)s entries; an export holds %(most)s. Choose fewer days.")
            % {"rows": rows, "most": MOST_EXPORTED},
        )
    hidden = {name: digest(asked[name]) for name in ("actor", "about") if name in asked}
    audit_details(rows=rows, form=form, **(asked | hidden))
    table = record_rows(fixed.select_related("seal").iterator(chunk_size=2_000))
    if form == "csv":
        return write_csv(record_columns(), table)
    return write_xlsx(record_columns(), table, sheet_name=_("Audit log"))
