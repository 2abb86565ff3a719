"""What staged and written rosters hold of a person is let go of: agencies send it again."""

from common.personal_data import Subject
from common.vietnamese import match_key, search_key
from enrollment.models import Enrollment
from rosters.choices import ImportState
from rosters.exporting import export_requests
from rosters.importing.layouts.headings import heading_key
from rosters.importing.rows import RosterValues
from rosters.importing.staged_rows import parts_of
from rosters.importing.staging import forget
from rosters.models import RosterExport, RosterImport, ToldHeading


def erase(subject: Subject) -> int:
    """Forget the uploads and the written exports that name the person.

    What is still to be written will be written without them.
    """
    kept = RosterImport.objects.exclude(content=b"")
    own = Enrollment.objects.filter(trainee__in=subject.trainee_ids)
    places = set(own.values_list("pk", flat=True))
    named = [upload.pk for upload in kept.iterator() if _names(upload, subject, places)]
    # What was not confirmed would bring the person back.
    waiting = RosterImport.objects.filter(pk__in=named, state=ImportState.STAGED)
    waiting.update(state=ImportState.DISCARDED)
    exports = RosterExport.objects.filter(wanted__isnull=False).defer("content")
    written = exports.exclude(content=b"")
    held = [export.pk for export in written if _holds(export, subject, places)]
    held += [e.pk for e in exports if _may_mean(e.wanted.get("q", ""), subject)]
    gone = export_requests.forget(RosterExport.objects.filter(pk__in=held))
    for upload in RosterImport.objects.only("file_name").iterator():
        if subject.is_named_in(upload.file_name):
            upload.file_name = subject.without_names(upload.file_name)
            upload.save(update_fields=["file_name"])
    said = {heading_key(one) for one in (*subject.names, *subject.numbers, *subject.emails)}
    told, _by_model = ToldHeading.objects.filter(heading_key__in=said).delete()
    return forget(RosterImport.objects.filter(pk__in=named)) + gone + told


def _holds(export: RosterExport, subject: Subject, places: set[int]) -> bool:
    own = set(subject.trainee_ids) if export.wanted.get("of") == export_requests.PEOPLE else places
    return export.held is None or not own.isdisjoint(export.held)


def _may_mean(searched: str, subject: Subject) -> bool:
    """Whether what somebody searched for is the person's code, or of one of their names."""
    if not searched.strip():
        return False
    key = search_key(searched)
    is_code = searched.strip().casefold() == subject.code.casefold()
    return is_code or any(key in search_key(name) for name in subject.names)


def _names(upload: RosterImport, subject: Subject, places: set[int]) -> bool:
    if not upload.parts.exists():
        return True  # not read so far: nobody can say whom it names
    for part in upload.parts.filter(entered__isnull=False).iterator():
        touched = {*part.entered.get("placed", ()), *map(int, part.entered.get("amended", ()))}
        updated = map(int, part.entered["updated"])
        if not (touched.isdisjoint(subject.trainee_ids) and places.isdisjoint(updated)):
            return True
    keys = {match_key(name) for name in subject.names}
    rows = (row.values for part in parts_of(upload) for row in part.rows)
    return any(_speaks_of(values, subject, keys) for values in rows)


def _speaks_of(values: RosterValues, subject: Subject, keys: set[str]) -> bool:
    return (
        values.personal_number in subject.numbers
        or values.email in subject.emails
        or values.trainee_code == subject.code
        or match_key(values.full_name) in keys
    )
