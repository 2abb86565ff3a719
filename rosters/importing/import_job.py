"""A confirmed roster is entered as a whole, and can be taken back as a whole.

One transaction holds people, places, what was found and that it was done: a worker that dies in the
middle has entered nobody, and the job begins again (decision 13).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile, File
from django.db.models import Model
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.bulk import gc_disabled, large_sqlite_cache
from common.encryption import box
from enrollment.models import NominationLetter
from enrollment.services.details import restore_details
from enrollment.services.nomination_undo import undo_nomination
from enrollment.services.nominations import record_letter
from people.services import restore, withdraw_transfers
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.importing.check_job import finish, heading_in, plan_again, sender
from rosters.importing.importer import Advance, RosterRejectedError, ignore_progress, import_parts
from rosters.importing.preview import Preview
from rosters.importing.removal import take_newcomers_out
from rosters.importing.report import tally
from rosters.importing.row_plan import RowPlan
from rosters.importing.rows import RosterRow
from rosters.importing.staged_rows import Part, parts_of
from rosters.importing.staging import held
from rosters.models import RosterImport


def import_staged(
    upload_id: int, *, by: Actor, partial: bool, advance: Advance = ignore_progress
) -> None:
    """Enter a confirmed roster; what was entered and that it was are kept together.

    What ``advance`` raises between two parts takes everything back.
    """
    try:
        _import_held(upload_id=upload_id, by=by, partial=partial, advance=advance)
    except RosterRejectedError:
        # Something changed between checking and confirming: the new findings are what counts.
        upload = RosterImport.objects.without_file().get(pk=upload_id)
        plan_again(upload, by=by)
        raise


@large_sqlite_cache()
@gc_disabled()
@audited("roster_imported")
def _import_held(*, upload_id: int, by: Actor, partial: bool, advance: Advance) -> None:
    rows = RosterImport.objects.without_file().select_for_update(of=("self",))
    upload = rows.get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    entering = _Entering(advance, Preview(upload).count())
    report = import_parts(
        by=by,
        parts=entering.rows(parts_of(upload)),
        heading=heading_in(upload),
        run=upload.run,
        agency=upload.agency,
        partial=partial,
        done=entering.done,
        sender=sender(upload, by),
        letter=_letter(by, upload),
        rows_kept=False,
    )
    _file_letter(by, upload)
    finish(upload, ImportState.IMPORTED, report, entering.tallies)


def _letter(
    by: Actor, upload: RosterImport, file: File[Any] | None = None
) -> NominationLetter | None:
    """The letter that the roster came with, on record from now on."""
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
    """Give the letter its scan; last of all, since no rollback takes a file back."""
    uploads = RosterImport.objects.filter(pk=upload.pk)
    if scan := uploads.values_list("letter_file", flat=True).get():
        _letter(by, upload, ContentFile(box().decrypt(bytes(scan)), upload.letter_file_name))
        uploads.update(letter_file=b"")


class _Entering:
    """Keeps the results of each part, and what has to be known to take the import back."""

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
        self._part.keep_entered(
            {
                "placed": [plan.person_id for plan in plans if plan.enters_run and plan.person_id],
                "asked": [plan.request_id for plan in plans if plan.request_id],
                "new": [plan.person_id for plan in plans if plan.is_new_person],
                "amended": {
                    plan.trainee.id: _changes(plan.trainee, plan.changed)
                    for plan in plans
                    if plan.trainee and plan.changed
                },
                "updated": {
                    update.enrollment.pk: _changes(update.enrollment, update.before)
                    for plan in plans
                    if (update := plan.update)
                },
            }
        )
        self._advance(so_far, self._total)


def _changes(after: Model, before: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field → value before and after, plain; numbers themselves are not kept here."""
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

    Its places are cancelled, what it changed of known people and of places that they had is as
    before unless somebody changed it since, and whom it entered is gone, unless something rests
    on them. Transfers that it asked for are asked for no longer.
    Raises RosterError ``not_imported`` or ``no_longer_yours``, EnrollmentError ``built_upon``.
    """
    upload = held(upload)
    entered = [part.entered for part in upload.parts.defer("content") if part.entered]
    if upload.state != ImportState.IMPORTED or not entered:
        raise RosterError("not_imported", _("This roster cannot be undone any more."))
    taken_back = undo_nomination(
        by=by,
        run=upload.run,
        trainee_ids=[person for part in entered for person in part["placed"]],
        reason=_("Roster %(file)s undone") % {"file": upload.file_name},
    )
    amended = {int(pk): was for part in entered for pk, was in part["amended"].items()}
    # Whoever has left since is another agency's person, of whom this one changes nothing.
    restore(by=by, before=amended, own=sender(upload, by).own)
    updated = {int(pk): was for part in entered for pk, was in part["updated"].items()}
    restore_details(by=by, run=upload.run, changes=updated)
    asked = [request for part in entered for request in part.get("asked", ())]
    withdraw_transfers(by=by, ids=asked)
    gone, stay = take_newcomers_out(by=by, upload=upload)
    upload.state, upload.undone_at = ImportState.UNDONE, clock.now()
    upload.report = (upload.report or {}) | {"gone": gone, "stay": stay}
    upload.save(update_fields=["state", "undone_at", "report"])
    upload.parts.update(entered=None)
    audit_details(roster=upload.pk, run=upload.run.code, enrollments=taken_back, people=gone)
    return upload
