"""What a PDF from anywhere says of itself, read by poppler within the boundary."""

import os
import resource
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common import bounded
from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _
from common.pdf import PdfError

MAX_FILE = 20 * 1024 * 1024
MAX_TEXT = 1024 * 1024
# Of poppler alone, within what its parent may take.
_SECONDS: Final = 4
_MEMORY: Final = 256 * MB
READING: Final = Limits(
    cpu=5, wall=7.0, wait=2.5, memory=96 * MB, output=4 * MB, files=MAX_FILE + MB
)


@dataclass(frozen=True, slots=True)
class PdfText:
    keywords: str
    text: str


def read_text(pdf: bytes, limits: Limits | None = None) -> PdfText | None:
    """Keywords and text of the first pages, from any PDF.

    None for what is no readable PDF. Errors: ``file_too_large``, BoundedError.
    """
    refuse_large(pdf)
    if not is_pdf(pdf):
        return None
    read = bounded.run(read_pdf_text, pdf, limits=limits)
    return PdfText(*read) if read else None


def refuse_large(pdf: bytes) -> None:
    """Error: ``file_too_large``."""
    if len(pdf) > MAX_FILE:
        message = _("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE // 2**20}
        raise PdfError("file_too_large", message)


def is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


# Within the boundary --------------------------------------------------------------------


@parser(READING)
def read_pdf_text(pdf: bytes) -> tuple[str, str] | None:
    file = os.memfd_create("pdf")
    os.write(file, pdf)
    about = _poppler(["pdfinfo", "-enc", "UTF-8", f"/proc/self/fd/{file}"], file)
    text = _poppler(["pdftotext", "-enc", "UTF-8", "-l", "3", f"/proc/self/fd/{file}", "-"], file)
    os.close(file)
    if about is None and text is None:
        return None
    lines = (about or "").splitlines()
    keywords = next((line for line in lines if line.startswith("Keywords:")), "")
    return keywords.removeprefix("Keywords:").strip(), text or ""


def _poppler(command: Sequence[str], file: int) -> str | None:
    output = os.memfd_create("text")
    limits = [
        f"--as={_at_most(resource.RLIMIT_AS, _MEMORY)}",
        f"--fsize={_at_most(resource.RLIMIT_FSIZE, MAX_TEXT)}",
        f"--cpu={_at_most(resource.RLIMIT_CPU, _SECONDS)}",
    ]
    done = subprocess.run(
        ["prlimit", *limits, "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        check=False,
        pass_fds=[file],
    )
    read = os.pread(output, MAX_TEXT, 0) if done.returncode == 0 else None
    os.close(output)
    return None if read is None else read.decode("utf-8", "replace")


def _at_most(what: int, wanted: int) -> int:
    # A limit no higher than this process's own, which nobody may raise.
    hard = resource.getrlimit(what)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
