"""Files that the register knows of, and that may have been lost from the store all the same."""

import logging
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from certificates.errors import FileLostError
from certificates.models import Duplicate, RegisteredPaper
from certificates.querysets import CertificateQuerySet

MOST_NAMED = 5
logger = logging.getLogger(__name__)


def opened(paper: RegisteredPaper | Duplicate) -> Any:
    """The file as issued, open for reading. Error: ``file_lost``."""
    return opened_file(paper.file, str(paper))


def opened_file(file: Any, label: str) -> Any:
    """Any stored file; ``label`` names it in the sentence. Error: ``file_lost``."""
    try:
        return file.open("rb")
    except OSError as error:
        raise _lost([label], str(error)) from None


def require_files(certificates: CertificateQuerySet) -> None:
    """Before an archive is begun, which cannot be refused any more. Error: ``file_lost``."""
    rows = certificates.only("file", "register", "year", "register_number").iterator()
    lost = [one.register_label for one in rows if not default_storage.exists(one.file.name or "")]
    if lost:
        raise _lost(lost, f"{len(lost)} files are missing")


def _lost(labels: list[str], why: str) -> FileLostError:
    logger.error("files of certificates are missing from the store: %s", why)
    named = ", ".join(labels[:MOST_NAMED]) + (" …" if len(labels) > MOST_NAMED else "")
    message = _(
        "The file of %(number)s is missing from the store. It is still in the register; "
        "the administrator must restore the file from a backup."
    )
    return FileLostError("file_lost", message % {"number": named})
