"""A confirmed roster is entered as a whole, and can be taken back as a whole.

One transaction holds people, places, what was found and that it was done: a worker that dies in the
middle has entered nobody, and the job begins again (decision 13).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from common import clock
from common.bulk import no_garbage_looked_for
from enrollment.services.undoing import take_back
from people.services import restore
from rosters.choices import ImportState
from rosters.errors import RosterError
from rosters.models import RosterImport
from rosters.services.checking import finish, heading_in, plan_again
from rosters.services.importing import RosterRejectedError, import_parts
from rosters.services.parts import Part, parts_of
from rosters.services.planning import RowPlan
from rosters.services.staging import held
from rosters.sheets import RosterRow


def import_staged(upload_id: int, *, by: Actor, partial: bool) -> None:
    """Enter a confirmed roster; what was entered and that it was are kept together."""
    try:
        _import_held(upload_id=upload_id, by=by, partial=partial)
    except RosterRejectedError:
        # Something changed between checking and confirming: the new findings are what counts.
        upload = RosterImport.objects.select_related("run__course", "agency").get(pk=upload_id)
        plan_again(upload)
        raise


@no_garbage_looked_for()
@deed("roster_imported")
def _import_held(*, upload_id: int, by: Actor, partial: bool) -> None:
    rows = RosterImport.objects.select_for_update(of=("self",))
    upload = rows.select_related("run__course", "agency").get(pk=upload_id)
    if upload.state != ImportState.STAGED:
        return
    entered = _Entered()
    report = import_parts(
        by=by,
        parts=entered.rows(parts_of(upload)),
        heading=heading_in(upload),
        run=upload.run,
        agency=upload.agency,
        partial=partial,
        done=entered.done,
    )
    upload.entered = {"placed": entered.placed, "amended": entered.amended}
    upload.save(update_fields=["entered"])
    finish(upload, ImportState.IMPORTED, report)


class _Entered:
    """Keeps the results of each part, and what has to be known to take the import back."""

    def __init__(self) -> None:
        self.placed: list[int] = []
        self.amended: dict[int, dict[str, list[Any]]] = {}
        self._part: Part | None = None

    def rows(self, parts: Iterable[Part]) -> Iterator[list[RosterRow]]:
        for part in parts:
            self._part = part
            yield part.rows

    def done(self, plans: Sequence[RowPlan], _so_far: int) -> None:
        assert self._part is not None
        self._part.keep([plan.result for plan in plans])
        for plan in plans:
            if plan.enters_run and plan.person_id:
                self.placed.append(plan.person_id)
            if plan.trainee and plan.before:
                after = plan.trainee
                self.amended[after.pk] = {
                    name: [_plain(value), _plain(getattr(after, name))]
                    for name, value in plan.before.items()
                    if value != getattr(after, name)
                }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


@deed("roster_undone")
def undo(*, by: Actor, upload: RosterImport) -> RosterImport:
    """Take a whole import back while nothing has been built on it.

    Its places are cancelled and what it changed of known people is as before, unless somebody
    changed it since. People who were entered stay, without a place: the seat ledger names them.
    Raises RosterError ``not_imported``, EnrollmentError ``built_upon``.
    """
    upload = held(upload)
    if upload.state != ImportState.IMPORTED or upload.entered is None:
        raise RosterError("not_imported", _("This roster cannot be undone any more."))
    entered = upload.entered
    taken_back = take_back(
        by=by,
        run=upload.run,
        trainee_ids=entered["placed"],
        reason=_("Roster %(file)s undone") % {"file": upload.file_name},
    )
    restore(by=by, before={int(pk): values for pk, values in entered["amended"].items()})
    upload.state, upload.undone_at, upload.entered = ImportState.UNDONE, clock.now(), None
    upload.save(update_fields=["state", "undone_at", "entered"])
    note(roster=upload.pk, run=upload.run.code, places=taken_back)
    return upload
