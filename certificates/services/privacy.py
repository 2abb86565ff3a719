"""What the register stores about a person, and what an erasure removes.

The entry stays: number, course, days, issuing body, state, hash. With the hash the holder's own
copy is still proved; nobody reads a name here any more.
"""

from django.utils.translation import gettext as _

from certificates.models import AttendanceConfirmation, Batch, Certificate, NameConfirmation
from certificates.querysets import CertificateQuerySet, ConfirmationQuerySet
from certificates.services.certificate_bundles import erase_files_with
from common import clock, formats
from common.personal_data import DataTable, Subject

# The printed fields that speak of the person; all others speak of the course and the register.
PERSONAL = {
    "full_name": "", "birth": None, "birth_text": "", "position": "", "unit": "", "workplace": "",
}  # fmt: skip


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    return [
        DataTable.of(
            "certificates",
            _("Certificates"),
            _of(subject).order_by("issued_at", "id"),
            number=(_("Register number"), "register_label"),
            serial=(_("Serial number"), "serial_number"),
            name=(_("Printed name"), lambda one: one.printed_value("full_name")),
            course=(_("Course"), lambda one: one.printed_value("course_title")),
            issued=(_("Issued"), lambda one: formats.local_day(one.issued_at)),
            state=(_("State"), Certificate.get_state_display),
            code=(_("Verification code"), "verification_code"),
        ),
        DataTable.of(
            "attendance_confirmations",
            _("Confirmations of attendance"),
            _confirmations_of(subject).order_by("issued_at", "id"),
            number=(_("Register number"), "register_label"),
            name=(_("Printed name"), lambda one: one.printed_value("full_name")),
            course=(_("Course"), lambda one: one.printed_value("course_title")),
            issued=(_("Issued"), lambda one: formats.local_day(one.issued_at)),
            state=(_("State"), AttendanceConfirmation.get_state_display),
            code=(_("Verification code"), "verification_code"),
        ),
        DataTable.of(
            "name_confirmations",
            _("Confirmation of the printed name"),
            NameConfirmation.objects.filter(trainee__in=subject.trainee_ids),
            name=(_("Full name"), "full_name"),
            at=(_("Confirmed"), lambda one: formats.instant(one.confirmed_at)),
        ),
    ]


def erase(subject: Subject) -> int:
    """Delete files, also those of bundles, printed personal fields, lines in batches.

    Entry and hash stay.
    """
    runs = set(_of(subject).values_list("completion__run", flat=True))
    for batch in Batch.objects.filter(run__in=runs):
        _clear_batch(batch, subject)
    erase_files_with(set(_of(subject).values_list("pk", flat=True)))
    # Locked: a file that is being stored comes before, and goes; none comes after.
    left = list(_of(subject).filter(erased_at=None).select_for_update(of=("self",)))
    for certificate in left:
        _empty(certificate)
    papers = _confirmations_of(subject).filter(erased_at=None)
    confirmed = list(papers.select_for_update(of=("self",)))
    for confirmation in confirmed:
        _empty(confirmation)
    return len(left) + len(confirmed)


def _of(subject: Subject) -> CertificateQuerySet:
    return Certificate.objects.filter(completion__trainee__in=subject.trainee_ids)


def _confirmations_of(subject: Subject) -> ConfirmationQuerySet:
    return AttendanceConfirmation.objects.filter(enrollment__trainee__in=subject.trainee_ids)


def _empty(paper: Certificate | AttendanceConfirmation) -> None:
    # The files go first: an interrupted erasure finds the row again.
    if isinstance(paper, Certificate):
        for duplicate in paper.duplicates.exclude(file=""):
            duplicate.file.delete(save=False)
            duplicate.file.name = ""
            duplicate.save(update_fields=["file"])
    if paper.file:
        paper.file.delete(save=False)
    paper.file.name = ""
    blanks = {name: blank for name, blank in PERSONAL.items() if name in paper.printed}
    paper.printed = {**paper.printed, **blanks}
    paper.erased_at = clock.now()
    fields = ["file", "printed", "erased_at"]
    if isinstance(paper, Certificate):
        paper.credential = None
        fields.append("credential")
    paper.save(update_fields=fields)


def _clear_batch(batch: Batch, subject: Subject) -> None:
    # The merged file holds everybody; it can be made again without this person.
    if batch.merged:
        batch.merged.delete(save=False)
    batch.merged.name = ""
    batch.held_back, batch.warnings = (
        [line for line in lines if subject.code not in str(line)]
        for lines in (batch.held_back, batch.warnings)
    )
    batch.save(update_fields=["merged", "held_back", "warnings"])
