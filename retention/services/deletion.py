"""Deletion of packed records: approved by a second member of the office, done by a job, on record.

Rows go only as they were packed: the table is read again and must have the hash of the package.
"""

import datetime as dt
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited
from common import clock
from jobs import services as jobs
from people.models import DataRequest, Merge
from people.querysets import rows_of
from retention.errors import RetentionError, RetentionInputError
from retention.job_types import DELETE_RECORDS, PackagePayload
from retention.manifest import digest
from retention.models import ArchivePackage
from retention.services.due import due_on
from retention.services.kinds import KINDS, Kind
from retention.services.packages import locked, require_file, watched
from retention.services.tables import digest_of, table_of

ROWS_AT_ONCE = 5_000


@audited("record_deletion_approved")
def approve_deletion(
    *, by: Actor, user: User, package: ArchivePackage, decision: str
) -> ArchivePackage:
    """``decision`` is the number and date of the decision, or the words of it.

    Errors: ``decision_missing``, ``not_made``, ``already_approved``, ``same_member`` (who asked for
    the package), ``nothing_to_delete``, ``not_due``, ``request_open``.
    """
    decision = " ".join(decision.split())
    if not decision:
        message = _("Enter the decision on which the deletion rests.")
        raise RetentionInputError("decision_missing", message)
    package = locked(package)
    if package.approved_at:
        message = _("The deletion of these records has been approved already.")
        raise RetentionError("already_approved", message)
    require_file(package)
    if package.asked_by_id in {None, user.pk}:
        message = _("You prepared this package: another member of the office must approve.")
        raise RetentionError("same_member", message)
    _require_due(package)
    package.approved_at, package.approved_by, package.decision = clock.now(), by.label, decision
    payload = PackagePayload(package=str(package.pk))
    # It carries out what is decided, also if this member leaves the office meanwhile.
    package.job = jobs.start(
        DELETE_RECORDS, payload=payload, owner=user, by=by, ends_with_rights=False
    )
    package.save(update_fields=["approved_at", "approved_by", "decision", "job"])
    audit_details(package=str(package.pk), sha256=package.sha256, decision=decision)
    return package


def _require_due(package: ArchivePackage) -> None:
    """The rules may have changed since the package was asked for."""
    if not package.deletable_lines:
        message = _("Nothing in this package may be deleted: it is a copy for the archive.")
        raise RetentionError("nothing_to_delete", message)
    dues = {due.kind.name: due for due in due_on(clock.today())}
    for line in package.deletable_lines:
        due = dues[line["kind"]]
        until = dt.date.fromisoformat(line["until"])
        if not due.may_be_deleted or due.until is None or until > due.until:
            message = _("%(kind)s: the retention time has changed since; make another package.")
            raise RetentionError("not_due", message % {"kind": due.kind.label})
        _require_no_open_request(due.kind, until)


def _require_no_open_request(kind: Kind, until: dt.date) -> None:
    """Whoever asks for a copy or a correction is owed an answer from the records."""
    if "trainee" not in kind.columns:
        return
    person = kind.columns["trainee"].removesuffix("__code")
    if kind.closed_before(until).filter(**{f"{person}__in": _asking()}).exists():
        message = _(
            "%(kind)s: somebody among them has an open request about their data. Answer it "
            "first, then try again."
        )
        raise RetentionError("request_open", message % {"kind": kind.label})


def _asking() -> set[int]:
    """Ids of all rows of people whose requests are open."""
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    people = DataRequest.objects.open().values_list("trainee_id", flat=True)
    return {row for person in people for row in rows_of(person, survivors)}


def delete_in_job(progress: jobs.Progress[PackagePayload]) -> ArchivePackage:
    """Delete the records, then their files; killed in between, it goes on with the files.

    Errors: ``not_approved``, ``file_lost``, ``package_altered``, ``records_changed``, ``not_due``,
    ``request_open``.
    """
    package = ArchivePackage.objects.get(pk=progress.payload["package"])
    if not package.deleted_at:
        with progress.outside_transaction():
            package = delete_records(by=progress.actor, package=package, progress=progress)
    for name in package.left_files:
        default_storage.delete(name)
        progress.advance()
    ArchivePackage.objects.filter(pk=package.pk).update(left_files=[])
    return package


@audited("records_deleted")
def delete_records(
    *, by: Actor, package: ArchivePackage, progress: jobs.Progress[Any]
) -> ArchivePackage:
    package = locked(package)
    if package.approved_at is None or package.withdrawn_at:
        raise RetentionError("not_approved", _("This deletion has not been approved."))
    _require_due(package)
    _require_package(package)
    deleted: dict[str, int] = {}
    for line in package.deletable_lines:
        deleted[line["kind"]] = _delete(line, package, progress)
    package.deleted_at, package.records_deleted = clock.now(), sum(deleted.values())
    package.save(update_fields=["deleted_at", "records_deleted", "left_files"])
    audit_details(
        package=str(package.pk),
        sha256=package.sha256,
        record_kinds=list(deleted),
        records=package.records_deleted,
        prepared_by=package.asked_by,
        decision=package.decision,
    )
    return package


def _require_package(package: ArchivePackage) -> None:
    """What is deleted here must lie in the package, whole."""
    require_file(package)
    with package.file.open("rb") as content:
        if digest(content) != package.sha256:
            message = _("The file of the package is damaged: withdraw it and make another one.")
            raise RetentionError("package_altered", message)


def _delete(line: dict[str, Any], package: ArchivePackage, progress: jobs.Progress[Any]) -> int:
    kind, until = KINDS[line["kind"]], dt.date.fromisoformat(line["until"])
    rows = kind.closed_before(until)
    # Locked first: nobody may change a row between the comparison and its end.
    keys = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    if digest_of(watched(table_of(kind, until), progress)) != line["sha256"]:
        message = _(
            "%(kind)s: records have changed since the package was made. Nothing was deleted; "
            "make another package."
        )
        raise RetentionError("records_changed", message % {"kind": kind.label})
    package.left_files = [*package.left_files, *kind.stored_names(rows)]
    manager = rows.model._default_manager
    for start in range(0, len(keys), ROWS_AT_ONCE):
        manager.filter(pk__in=keys[start : start + ROWS_AT_ONCE]).delete()
        progress.advance()
    return len(keys)
