"""What the erasure of a person means for archive packages."""

from django.utils.translation import gettext as _

from audit.services import SYSTEM
from common.personal_data import Subject
from retention.models import ArchivePackage
from retention.services.kinds import KINDS
from retention.services.packages import remove_file, withdraw


def erase(subject: Subject) -> int:
    """Packages with records of people are made again without the person, or leave the server.

    One whose records are deleted already stays until it is handed over: it is what the Law on
    Archives asks to keep, and names people by their codes.
    """
    touched = 0
    for package in ArchivePackage.objects.filter(withdrawn_at=None, file_removed_at=None):
        if not any(KINDS[line["kind"]].of_people for line in package.lines):
            continue
        if package.handed_over_at and package.file:
            remove_file(by=SYSTEM, package=package)
        elif package.deleted_at is None:
            reason = _("A person's data were erased meanwhile.")
            withdraw(by=SYSTEM, package=package, reason=reason)
        else:
            continue
        touched += 1
    return touched
