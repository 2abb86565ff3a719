"""Archive packages: asked for, made by a job, handed over, withdrawn."""

import datetime as dt
import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from audit.services import Actor, audit_details, audited
from certificates.services.printed_fields import body_and_signer
from certificates.services.stored_files import opened_file
from common import clock, formats
from enrollment.pdf import PaperHead
from jobs import services as jobs
from retention.errors import RetentionError, RetentionInputError
from retention.job_types import PACK_RECORDS, PackagePayload
from retention.manifest import NAME, Manifest, PackedFile, digest
from retention.models import ArchivePackage
from retention.pdf import listing_pdf
from retention.services.due import Due, due_on
from retention.services.kinds import KINDS
from retention.services.tables import masked, table_of

FIXED_DATE = (1980, 1, 1, 0, 0, 0)


# Asking for one -------------------------------------------------------------------------


@audited("archive_package_requested")
def request_package(
    *, by: Actor, user: User, kinds: Sequence[str], until_year: int, purpose: str
) -> ArchivePackage:
    """Pack what was closed up to the end of a year; of kinds that are due, only what is due.

    Errors: ``purpose_missing``, ``year_not_over``, ``no_records``.
    """
    purpose = " ".join(purpose.split())
    if not purpose:
        raise RetentionInputError("purpose_missing", _("Enter the purpose of the package."))
    today = clock.today()
    if until_year >= today.year:
        message = _("The year %(year)s is not over yet: choose an earlier year.")
        raise RetentionInputError("year_not_over", message % {"year": until_year})
    found = [_line(due, until_year) for due in due_on(today) if due.kind.name in kinds]
    lines = [line for line in found if line["records"]]
    if not lines:
        message = _("There are no such records up to the end of %(year)s.")
        raise RetentionInputError("no_records", message % {"year": until_year})
    package = ArchivePackage.objects.create(
        lines=lines, purpose=purpose, asked_by_id=by.id, asked_by=by.label
    )
    payload = PackagePayload(package=str(package.pk))
    package.job = jobs.start(PACK_RECORDS, payload=payload, owner=user, by=by)
    package.save(update_fields=["job"])
    audit_details(
        package=str(package.pk),
        record_kinds=[line["kind"] for line in lines],
        records=sum(line["records"] for line in lines),
        purpose=purpose,
    )
    return package


def _line(due: Due, until_year: int) -> dict[str, Any]:
    """What is due may be deleted later; of what is kept, the package holds a copy."""
    asked = clock.today().replace(year=until_year + 1, month=1, day=1)
    until = min(asked, due.until) if due.until else asked
    return {
        "kind": due.kind.name,
        "until": until.isoformat(),
        "years": due.rule.years if due.rule else None,
        "deletable": due.may_be_deleted,
        "records": due.kind.closed_before(until).count(),
    }


# Making it ------------------------------------------------------------------------------


def pack_in_job(progress: jobs.Progress[PackagePayload]) -> ArchivePackage:
    """Make the file; after a kill it begins again, and leaves one.

    Errors: ``package_withdrawn``, ``file_lost``, ``too_large``.
    """
    package = ArchivePackage.objects.get(pk=progress.payload["package"])
    if package.made_at:
        return package
    if package.withdrawn_at:
        raise _withdrawn()
    progress.advance(0, sum(line["records"] for line in package.lines))
    with tempfile.TemporaryFile() as packed:
        with progress.outside_transaction():
            _write(package, packed, progress)
        package.size = packed.tell()
        packed.seek(0)
        sha256 = digest(packed)
        name = f"archives/{package.pk}.zip"
        default_storage.delete(name)
        packed.seek(0)
        package.file.name = default_storage.save(name, File(packed))
    package.sha256, package.made_at = sha256, clock.now()
    try:
        _store(by=progress.actor, package=package)
    except RetentionError:
        default_storage.delete(name)
        raise
    return package


@audited("archive_package_made")
def _store(*, by: Actor, package: ArchivePackage) -> None:
    """Error: ``package_withdrawn``, meanwhile."""
    if locked(package).withdrawn_at:
        raise _withdrawn()
    package.save(update_fields=["lines", "file", "size", "sha256", "made_at"])
    audit_details(**_audited(package))


def _write(package: ArchivePackage, target: IO[bytes], progress: jobs.Progress[Any]) -> None:
    files: list[PackedFile] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed, transaction.atomic():
        for line in package.lines:
            _pack_kind(line, packed, files, progress)
        body, _signer = body_and_signer(clock.today())
        head = PaperHead(body.parent_name, body.name, body.place) if body else PaperHead()
        listing = listing_pdf(package, head, _listed(package.lines, files))
        files.append(_add(packed, "listing.pdf", [listing]))
        manifest = Manifest(
            package=str(package.pk),
            site=settings.SITE_URL,
            made_at=clock.now().isoformat(),
            asked_by=package.asked_by,
            purpose=package.purpose,
            lines=package.lines,
            files=files,
        )
        _add(packed, NAME, [manifest.to_bytes()])


def _pack_kind(
    line: dict[str, Any],
    packed: zipfile.ZipFile,
    files: list[PackedFile],
    progress: jobs.Progress[Any],
) -> None:
    kind = KINDS[line["kind"]]
    until = dt.date.fromisoformat(line["until"])
    rows = kind.closed_before(until)
    line["records"] = rows.count()
    table = _add(packed, f"{kind.name}/records.csv", watched(table_of(kind, until), progress))
    line["sha256"] = table.sha256
    files.append(table)
    for name, content in kind.files_of(rows):
        # No program on Windows unpacks a name with an asterisk.
        path = f"{kind.name}/files/{masked(name).replace('*', 'x')}"
        files.append(_add(packed, path, [content]))
        progress.advance()


def watched(pieces: Iterable[bytes], progress: jobs.Progress[Any]) -> Iterable[bytes]:
    for piece in pieces:
        progress.advance()
        yield piece


def _add(packed: zipfile.ZipFile, path: str, pieces: Iterable[bytes]) -> PackedFile:
    about = zipfile.ZipInfo(path, FIXED_DATE)
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    found, size = hashlib.sha256(), 0
    with packed.open(about, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            found.update(piece)
            size += len(piece)
    return PackedFile(path, found.hexdigest(), size)


def _listed(lines: Sequence[dict[str, Any]], files: Sequence[PackedFile]) -> list[dict[str, Any]]:
    with override("vi"):
        return [
            {
                **line,
                "label": str(KINDS[line["kind"]].label),
                "until_text": formats.day(dt.date.fromisoformat(line["until"])),
                "files": sum(one.path.startswith(f"{line['kind']}/files/") for one in files),
                "by_year": _by_year(line),
            }
            for line in lines
        ]


def _by_year(line: dict[str, Any]) -> list[tuple[int, int]]:
    kind = KINDS[line["kind"]]
    rows = kind.closed_before(dt.date.fromisoformat(line["until"])).order_by()
    years = rows.annotate(year_closed=ExtractYear(kind.closed)).values("year_closed")
    counted = years.annotate(found=Count("pk")).order_by("year_closed")
    return list(counted.values_list("year_closed", "found"))


# What becomes of it ---------------------------------------------------------------------


@audited("archive_package_handed_over")
def hand_over(*, by: Actor, package: ArchivePackage, handed_over_to: str) -> ArchivePackage:
    """Record who took it. Errors: ``receiver_missing``, ``not_made``, ``already_handed_over``."""
    receiver = " ".join(handed_over_to.split())
    if not receiver:
        raise RetentionInputError("receiver_missing", _("Enter who took the package over."))
    package = locked(package)
    require_file(package)
    if package.handed_over_at:
        message = _("This package has already been handed over.")
        raise RetentionError("already_handed_over", message)
    package.handed_over_at, package.handed_over_by = clock.now(), by.label
    package.handed_over_to = receiver
    package.save(update_fields=["handed_over_at", "handed_over_by", "handed_over_to"])
    audit_details(**_audited(package), receiver=receiver)
    return package


@audited("archive_package_withdrawn")
def withdraw(*, by: Actor, package: ArchivePackage, reason: str) -> ArchivePackage:
    """Give up a package whose records are all here; an approved deletion then does not happen.

    Errors: ``reason_missing``, ``package_withdrawn``, ``not_open``.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise RetentionInputError("reason_missing", _("Enter a reason."))
    package = locked(package)
    _require_open(package)
    package.withdrawn_at, package.withdrawn_by = clock.now(), by.label
    package.withdrawal_reason = reason[:250]
    package.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    _remove_file(package)
    audit_details(**_audited(package), reason=reason)
    return package


@audited("archive_package_file_removed")
def remove_file(*, by: Actor, package: ArchivePackage) -> ArchivePackage:
    """Once the archive has it, the copy here goes. Errors: ``not_made``, ``not_handed_over``."""
    package = locked(package)
    require_file(package)
    if not package.handed_over_at:
        message = _("Hand the package over first: this is its only copy.")
        raise RetentionError("not_handed_over", message)
    _remove_file(package)
    audit_details(**_audited(package))
    return package


def _remove_file(package: ArchivePackage) -> None:
    # A job that was killed may have left its file without having named it.
    name = package.file.name or f"archives/{package.pk}.zip"
    ArchivePackage.objects.filter(pk=package.pk).update(file="", file_removed_at=clock.now())
    transaction.on_commit(lambda: default_storage.delete(name))


@audited("archive_package_downloaded")
def download(*, by: Actor, package: ArchivePackage) -> IO[bytes]:
    """The stored file. Errors: ``not_made``, ``file_lost``."""
    require_file(package)
    audit_details(**_audited(package))
    content: IO[bytes] = opened_file(package.file, _("the archive package"))
    return content


def locked(package: ArchivePackage) -> ArchivePackage:
    return ArchivePackage.objects.select_for_update().get(pk=package.pk)


def require_file(package: ArchivePackage) -> None:
    """Error: ``not_made``."""
    if not package.file:
        raise RetentionError("not_made", _("The file of this package is not on the server."))


def _require_open(package: ArchivePackage) -> None:
    if package.withdrawn_at:
        raise _withdrawn()
    if package.deleted_at:
        message = _("The records of this package were deleted.")
        raise RetentionError("not_open", message)


def _withdrawn() -> RetentionError:
    return RetentionError("package_withdrawn", _("This package has been withdrawn."))


def _audited(package: ArchivePackage) -> dict[str, Any]:
    return {
        "package": str(package.pk),
        "sha256": package.sha256,
        "records": sum(line["records"] for line in package.lines),
    }
