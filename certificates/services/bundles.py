"""Many certificates in one: a ZIP that is never whole in memory, a PDF to print."""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from certificates.models import Certificate
from certificates.services.stored_files import opened
from common.outlets import Outlet
from common.pdf_merge import merge_folder
from common.vietnamese import search_key

# The same files give the same archive.
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def zip_chunks(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    outlet = Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            about = zipfile.ZipInfo(name, FIXED_DATE)
            about.external_attr = 0o644 << 16
            archive.writestr(about, content)
            yield outlet.take()
    yield outlet.take()


def archive_name(certificate: Certificate) -> str:
    """A name for people that no other certificate has: ``0012-nguyen-thi-anh.pdf``."""
    name = re.sub(r"[^a-z0-9]+", "-", search_key(str(certificate.printed_value("full_name"))))
    number = f"{certificate.year}-{certificate.register_number:04d}"
    return f"{certificate.register}-{number}-{name.strip('-')[:60]}.pdf"


def files_of(certificates: Iterable[Certificate]) -> Iterator[tuple[str, bytes]]:
    for certificate in certificates:
        with opened(certificate) as file:
            yield archive_name(certificate), file.read()


@contextmanager
def merged_file(
    certificates: Iterable[Certificate], advance: Callable[[], Any] = lambda: None
) -> Iterator[BinaryIO]:
    """One PDF for printing. Signatures and attachments are not carried over."""
    with tempfile.TemporaryDirectory() as name:
        folder, target = Path(name) / "files", Path(name) / "merged"
        folder.mkdir()
        for number, (_name, content) in enumerate(files_of(certificates)):
            (folder / f"{number:06d}").write_bytes(content)
            advance()
        merge_folder(folder, target, meanwhile=advance)
        with target.open("rb") as merged:
            yield merged
