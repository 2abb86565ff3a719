"""The register as a workbook, as an official document, or as a ZIP of all files."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited, digest
from certificates.errors import CertificateError
from certificates.querysets import CertificateQuerySet
from certificates.register_documents import register_pdf, register_xlsx
from certificates.services.bundles import files_of, zip_chunks
from certificates.services.printed_fields import body_and_signer
from certificates.services.stored_files import require_files
from common import clock

REGISTER_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
# Certificates per file: laying out a document and sending a ZIP must end in time.
MOST = {"xlsx": 100_000, "pdf": 1_000, "zip": 5_000}


@audited("register_exported")
def export_register(
    *, by: Actor, certificates: CertificateQuerySet, asked: dict[str, Any], form: str
) -> Iterable[bytes]:
    """Certificates in register order as the pieces of a file; ``form`` is a key of ``MOST``.

    The audit log gets the filter and the number of rows. Errors: ``too_many``, ``file_lost``.
    """
    if form == "zip":
        certificates = certificates.exclude(file="")
    last = certificates.order_by("-pk").values_list("pk", flat=True).first() or 0
    fixed = certificates.filter(pk__lte=last)
    rows = fixed.count()
    if rows > MOST[form]:
        message = _(
            "There are %(rows)s certificates; such a file can contain at most %(most)s. "
            "Narrow down the list."
        )
        raise CertificateError("too_many", message % {"rows": rows, "most": MOST[form]})
    if form == "zip":
        require_files(fixed)
    audit_details(
        rows=rows, form=form, **asked | ({"q": digest(asked["q"])} if "q" in asked else {})
    )
    named = fixed.select_related("completion", "superseded_by").prefetch_related("duplicates")
    ordered = named.in_register_order()
    if form == "pdf":
        return [_document(ordered, year=str(asked.get("year", "")))]
    each = ordered.iterator(chunk_size=500)
    return zip_chunks(files_of(each)) if form == "zip" else register_xlsx(each)


def _document(certificates: CertificateQuerySet, *, year: str) -> bytes:
    body, _signer = body_and_signer(clock.today())
    return register_pdf(certificates, body=body.name if body else "", year=year, day=clock.today())
