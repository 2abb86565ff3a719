"""Erases a person from stored rosters: agencies send them again."""

from common.personal_data import Subject
from common.vietnamese import match_key, search_key
from enrollment.models import Enrollment
from rosters.choices import ImportState
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import is_of_people
from rosters.importing import staging
from rosters.importing.layouts.headings import heading_key
from rosters.importing.rows import RosterValues
from rosters.importing.staged_rows import parts_of
from rosters.models import HeadingMapping, ListSchedule, RosterExport, RosterImport


def erase(subject: Subject) -> int:
    """Erase the uploads and written exports that name the person; how many things that were.

    Exports that are still to be written will be written without them.
    """
    own = Enrollment.objects.filter(trainee__in=subject.trainee_ids)
    enrollments = set(own.values_list("pk", flat=True))
    uploads = _erase_uploads(subject, enrollments)
    exports = _erase_exports(subject, enrollments)
    for upload in RosterImport.objects.only("file_name").iterator():
        if subject.is_named_in(upload.file_name):
            upload.file_name = subject.without_names(upload.file_name)
            upload.save(update_fields=["file_name"])
    searches = [
        schedule.pk
        for schedule in ListSchedule.objects.all()
        if _searches_for(schedule.wanted.get("q", ""), subject)
    ]
    schedules, _by_kind = ListSchedule.objects.filter(pk__in=searches).delete()
    keys = {heading_key(one) for one in (*subject.names, *subject.numbers, *subject.emails)}
    mappings, _by_model = HeadingMapping.objects.filter(heading_key__in=keys).delete()
    return uploads + exports + schedules + mappings


def _erase_uploads(subject: Subject, enrollments: set[int]) -> int:
    stored = RosterImport.objects.exclude(content=b"")
    named = [upload.pk for upload in stored.iterator() if _names(upload, subject, enrollments)]
    # A roster that is not imported yet would bring the person back.
    waiting = RosterImport.objects.filter(pk__in=named, state=ImportState.STAGED)
    waiting.update(state=ImportState.DISCARDED)
    return staging.erase_files(RosterImport.objects.filter(pk__in=named))


def _erase_exports(subject: Subject, enrollments: set[int]) -> int:
    exports = RosterExport.objects.filter(wanted__isnull=False).defer("content")
    written = exports.exclude(content=b"")
    found = [export.pk for export in written if _contains(export, subject, enrollments)]
    found += [e.pk for e in exports if _searches_for(e.wanted.get("q", ""), subject)]
    return export_requests.erase_files(RosterExport.objects.filter(pk__in=found))


def _contains(export: RosterExport, subject: Subject, enrollments: set[int]) -> bool:
    own = set(subject.trainee_ids) if is_of_people(export.wanted) else enrollments
    return export.row_ids is None or not own.isdisjoint(export.row_ids)


def _searches_for(text: str, subject: Subject) -> bool:
    if not text.strip():
        return False
    key = search_key(text)
    is_code = text.strip().casefold() == subject.code.casefold()
    return is_code or any(key in search_key(name) for name in subject.names)


def _names(upload: RosterImport, subject: Subject, enrollments: set[int]) -> bool:
    if not upload.parts.exists():
        return True  # not read yet: nobody can say whom it names
    for part in upload.parts.filter(entered__isnull=False).iterator():
        people = {*part.entered.get("enrolled", ()), *map(int, part.entered.get("people", ()))}
        updated = map(int, part.entered.get("enrollments", ()))
        if not (people.isdisjoint(subject.trainee_ids) and enrollments.isdisjoint(updated)):
            return True
    keys = {match_key(name) for name in subject.names}
    rows = (row.values for part in parts_of(upload) for row in part.rows)
    return any(_is_about(values, subject, keys) for values in rows)


def _is_about(values: RosterValues, subject: Subject, keys: set[str]) -> bool:
    return (
        values.personal_number in subject.numbers
        or values.email in subject.emails
        or values.trainee_code == subject.code
        or match_key(values.full_name) in keys
    )
