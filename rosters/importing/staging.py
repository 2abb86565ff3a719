"""An uploaded roster from upload to confirmation.

File and report are encrypted in the upload's row. Check and import are jobs; running one twice does
no harm.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.encryption import box
from common.spreadsheets import column_letters
from courses.models import CourseRun
from jobs import services as jobs
from jobs.job_types import JobType
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.fields import MAPPABLE_KEYS
from rosters.importing.layouts.headings import heading_key, is_personal
from rosters.job_types import CHECK_ROSTER, IMPORT_ROSTER, RosterPayload
from rosters.models import HeadingMapping, RosterImport, StagedPart
from rosters.querysets import RosterImportQuerySet

RETENTION = dt.timedelta(days=30)


@audited("roster_uploaded")
def stage(
    *,
    by: Actor,
    user: User,
    run: CourseRun,
    agency: Agency,
    file_name: str,
    content: bytes,
    letter: Mapping[str, Any] | None = None,
    moves: bool = False,
) -> RosterImport:
    """Store an uploaded file and start its check; nothing is imported yet.

    ``letter`` has the arguments of ``record_letter``; the letter is recorded with the import. With
    ``moves`` people of other agencies are moved to the sender at once, which only the office may
    ask for. Raises RosterError ``file_too_large``.
    """
    if len(content) > settings.ROSTER_MAX_BYTES:
        most = {"most": settings.ROSTER_MAX_BYTES // 1_000_000}
        text = _("The file is larger than %(most)s MB; split it into several rosters.")
        raise RosterError("file_too_large", text % most)
    upload = RosterImport.objects.create(
        run=run,
        agency=agency,
        uploaded_by=user,
        file_name=PurePath(file_name).name[-200:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        content=box().encrypt(content),
        expires_at=clock.now() + RETENTION,
        moves=moves,
        **(_letter_fields(letter) if letter else {}),
    )
    start(upload, CHECK_ROSTER, by, user)
    audit_details(run=run.code, agency=agency.slug, file_sha256=upload.file_sha256, moves=moves)
    return upload


def _letter_fields(letter: Mapping[str, Any]) -> dict[str, Any]:
    file = letter.get("file")
    return {
        "letter_number": letter["number"].strip(),
        "letter_dated": letter["dated"],
        "letter_signer": letter.get("signer_name", ""),
        "letter_file_name": PurePath(file.name).name[-100:] if file else "",
        "letter_file": box().encrypt(file.read()) if file else b"",
    }


@audited("roster_confirmed")
def confirm(
    *,
    by: Actor,
    user: User,
    upload: RosterImport,
    partial: bool = False,
    withdraw: Mapping[int, str] | None = None,
) -> RosterImport:
    """Start the import of a checked roster; ``partial`` leaves its rejected rows out.

    ``withdraw`` maps enrollments of people who are missing from it to reasons; the others stay.
    Raises RosterError ``not_staged``.
    """
    upload = locked_staged(upload)
    if upload.report is None:
        raise _not_staged()
    upload.report |= {"withdraw": {str(one): reason for one, reason in (withdraw or {}).items()}}
    upload.save(update_fields=["report"])
    start(upload, IMPORT_ROSTER, by, user, partial=partial)
    audit_details(roster=upload.pk, run=upload.run.code, partial=partial)
    return upload


@audited("roster_discarded")
def discard(*, by: Actor, upload: RosterImport) -> RosterImport:
    """Discard an upload before it is imported, and erase its file. Raises RosterError
    ``not_staged``.
    """
    upload = locked_staged(upload)
    upload.state, upload.finished_at = ImportState.DISCARDED, clock.now()
    upload.save(update_fields=["state", "finished_at"])
    erase_files(RosterImport.objects.filter(pk=upload.pk))
    audit_details(roster=upload.pk)
    return upload


@audited("roster_columns_mapped")
def map_columns(
    *, by: Actor, user: User, upload: RosterImport, sheet: str, fields: Mapping[int, str]
) -> RosterImport:
    """Assign columns, column → field or empty for none, and check the file again.

    The assignments are remembered for the agency's next rosters, except for headings that may be
    somebody's data. Raises RosterError ``not_staged``.
    """
    upload = locked_staged(upload)
    if not (table := upload.table) or upload.rest_of_id:
        raise _not_staged()
    all_chosen: dict[str, str] = {}
    if sheet == table["sheet"] or not sheet:
        chosen = {str(at): field for at, field in fields.items() if field in MAPPABLE_KEYS}
        all_chosen = table.get("chosen", {}) | chosen
        _remember(upload.agency, table, chosen)
    upload.sheet, upload.report, upload.table = sheet, None, table | {"chosen": all_chosen}
    upload.save(update_fields=["sheet", "report", "table"])
    upload.parts.all().delete()
    start(upload, CHECK_ROSTER, by, user)
    audit_details(roster=upload.pk, columns=len(fields))
    return upload


def _remember(agency: Agency, table: Mapping[str, Any], chosen: Mapping[str, str]) -> None:
    """Store what headings mean, for good: nothing personal may be among them.

    The letter of a column without a heading means nothing in the next roster.
    """
    for at, field in chosen.items():
        letter = column_letters(int(at))
        heading = table["headings"].get(at, letter)
        is_remembered = heading != letter and not is_personal(heading)
        if is_remembered and not table.get("guessed"):
            HeadingMapping.objects.update_or_create(
                agency=agency, heading_key=heading_key(heading)[:120], defaults={"field": field}
            )


def locked(upload: RosterImport) -> RosterImport:
    rows = RosterImport.objects.without_file().select_for_update(of=("self",))
    return rows.select_related("job").get(pk=upload.pk)


def locked_staged(upload: RosterImport) -> RosterImport:
    """Raises RosterError ``not_staged`` where the upload is being worked on, or is finished."""
    upload = locked(upload)
    if upload.state != ImportState.STAGED or is_busy(upload):
        raise _not_staged()
    return upload


def is_busy(upload: RosterImport) -> bool:
    return upload.job is not None and not upload.job.is_over


def _not_staged() -> RosterError:
    return RosterError(
        "not_staged", _("This roster is being processed or is already finished; reload the page.")
    )


def start(
    upload: RosterImport,
    job_type: JobType[RosterPayload],
    by: Actor,
    user: User,
    partial: bool = False,
) -> None:
    payload = RosterPayload(roster=upload.pk, partial=partial)
    upload.job = jobs.start(job_type, payload=payload, owner=user, by=by)
    upload.save(update_fields=["job"])


def erase_expired() -> int:
    return erase_files(RosterImport.objects.filter(expires_at__lt=clock.now()).exclude(content=b""))


def erase_files(uploads: RosterImportQuerySet) -> int:
    ids = list(uploads.values_list("pk", flat=True))
    StagedPart.objects.filter(roster__in=ids).delete()
    return RosterImport.objects.filter(pk__in=ids).update(
        content=b"", letter_file=b"", report=None, table=None
    )
