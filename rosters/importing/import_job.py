"""Imports a confirmed roster as a whole, and undoes it as a whole.

One transaction writes people, enrollments, the findings and the new state: a worker that dies in
the middle has written nothing, and the job begins again (docs/decisions/0013).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile, File
from django.db.models import Model
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.bulk import large_sqlite_cache
from common.encryption import box
from common.garbage_collection import gc_disabled
from enrollment.models import NominationLetter
from enrollment.services.details import restore_details
from enrollment.services.nomination_undo import undo_nomination
from enrollment.services.nominations import record_letter
from people.services.bulk import restore
from people.services.transfer_requests import withdraw_transfers
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.importing.check_job import finish, heading_in, plan_again, sender
from rosters.importing.importer import Advance, RosterRejectedError, ignore_progress, import_parts
from rosters.importing.missing import WithdrawalReason
from rosters.importing.preview import Preview
from rosters.importing.removal import take_newcomers_out
from rosters.importing.report import tally
from rosters.importing.row_plan import RowPlan
from rosters.importing.rows import RosterRow
from rosters.importing.staged_rows import Part, parts_of
from rosters.importing.staging import locked
from rosters.models import RosterImport


def import_upload(
    upload_id: int, *, by: Actor, partial: bool, advance: Advance = ignore_progress
) -> None:
    """Write a confirmed roster. An exception of ``advance``, between two parts, undoes all."""
    try:
        _import_locked(upload_id=upload_id, by=by, partial=partial, advance=advance)
    except RosterRejectedError:
        # Something changed between the check and the import: show the new findings.
        upload = RosterImport.objects.without_file().get(pk=upload_id)
        plan_again(upload, by=by)
        raise


@large_sqlite_cache()
@gc_disabled()
@audited("roster_imported")
def _import_locked(*, upload_id: int, by: Actor, partial: bool, advance: Advance) -> None:
    rows = RosterImport.objects.without_file().select_for_update(of=("self",))
    upload = rows.get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    imported = _ImportedParts(advance, Preview(upload).count())
    report = import_parts(
        by=by,
        parts=imported.rows(parts_of(upload)),
        heading=heading_in(upload),
        run=upload.run,
        sender=sender(upload, by),
        partial=partial,
        done=imported.done,
        letter=_letter(by, upload),
        withdrawal=None if upload.rest_of_id else _withdrawal(upload),
        keeps_rows=False,
    )
    _file_letter(by, upload)
    finish(upload, ImportState.IMPORTED, report, imported.tallies)


def _withdrawal(upload: RosterImport) -> WithdrawalReason:
    chosen: dict[str, str] = (upload.report or {}).get("withdraw", {})
    return lambda enrollment_id: chosen.get(str(enrollment_id), "")


def _letter(
    by: Actor, upload: RosterImport, file: File[Any] | None = None
) -> NominationLetter | None:
    if not (upload.letter_number and upload.letter_dated):
        return None
    return record_letter(
        by=by,
        run=upload.run,
        agency=upload.agency,
        number=upload.letter_number,
        dated=upload.letter_dated,
        signer_name=upload.letter_signer,
        file=file,
    )


def _file_letter(by: Actor, upload: RosterImport) -> None:
    """Store the letter's scan; last, since no rollback removes a file."""
    uploads = RosterImport.objects.filter(pk=upload.pk)
    if scan := uploads.values_list("letter_file", flat=True).get():
        _letter(by, upload, ContentFile(box().decrypt(bytes(scan)), upload.letter_file_name))
        uploads.update(letter_file=b"")


class _ImportedParts:
    """Saves the results of each part, and what undoing the import needs."""

    def __init__(self, advance: Advance, total: int) -> None:
        self._advance, self._total = advance, total
        self._part: Part | None = None
        self.tallies: list[dict[str, int]] = []

    def rows(self, parts: Iterable[Part]) -> Iterator[list[RosterRow]]:
        for part in parts:
            self._part = part
            yield part.rows

    def done(self, plans: Sequence[RowPlan], so_far: int) -> None:
        assert self._part is not None
        self._part.keep(results := [plan.result for plan in plans])
        self.tallies.append(tally(results))
        self._part.save_entered(
            {
                "enrolled": [
                    plan.person_id for plan in plans if plan.enters_run and plan.person_id
                ],
                "transfers": [plan.request_id for plan in plans if plan.request_id],
                "new": [plan.person_id for plan in plans if plan.is_new_person],
                "people": {
                    plan.trainee.id: _changes(plan.trainee, plan.changed)
                    for plan in plans
                    if plan.trainee and plan.changed
                },
                "enrollments": {
                    update.enrollment.pk: _changes(update.enrollment, update.before)
                    for plan in plans
                    if (update := plan.update)
                },
            }
        )
        self._advance(so_far, self._total)


def _changes(after: Model, before: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → value before and after, as JSON has them, without personal numbers."""
    return {
        name: [_plain(value), _plain(getattr(after, name))]
        for name, value in before.items()
        if name != "personal_number"
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


@audited("roster_undone")
def undo(*, by: Actor, upload: RosterImport) -> RosterImport:
    """Take a whole import back while nothing has been built on it.

    Its enrollments are cancelled, its changes of people and enrollments are undone where nobody
    has changed them since, the people whom it entered are removed where nothing else depends on
    them, and the transfers that it asked for are withdrawn.
    Raises RosterError ``not_imported`` or ``no_longer_yours``, EnrollmentError ``built_upon``.
    """
    upload = locked(upload)
    entered = [part.entered for part in upload.parts.defer("content") if part.entered]
    if upload.state != ImportState.IMPORTED or not entered:
        raise RosterError("not_imported", _("This roster can no longer be undone."))
    taken_back = undo_nomination(
        by=by,
        run=upload.run,
        trainee_ids=[person for part in entered for person in part["enrolled"]],
        reason=_("Roster %(file)s undone") % {"file": upload.file_name},
    )
    people = {int(pk): was for part in entered for pk, was in part["people"].items()}
    # People who have left since are another agency's; this one changes nothing of them.
    restore(by=by, before=people, own=sender(upload, by).own)
    updated = {int(pk): was for part in entered for pk, was in part["enrollments"].items()}
    restore_details(by=by, run=upload.run, changes=updated)
    requests = [request for part in entered for request in part.get("transfers", ())]
    withdraw_transfers(by=by, ids=requests)
    gone, stay = take_newcomers_out(by=by, upload=upload)
    upload.state, upload.undone_at = ImportState.UNDONE, clock.now()
    upload.report = (upload.report or {}) | {"gone": gone, "stay": stay}
    upload.save(update_fields=["state", "undone_at", "report"])
    upload.parts.update(entered=None)
    audit_details(roster=upload.pk, run=upload.run.code, enrollments=taken_back, people=gone)
    return upload
