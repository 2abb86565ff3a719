"""What a PDF from anywhere says of itself, read by poppler in a process of its own."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from common.pdf import PdfError

MAX_FILE = 20 * 1024 * 1024
MAX_TEXT = 1024 * 1024
SECONDS = 20
MEMORY = 768 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a foreign PDF lets be read of it: its keywords and its first pages' text."""

    keywords: str
    text: str


def read_text(pdf: bytes) -> PdfText | None:
    """What a PDF from anywhere says: its keywords and the text of its first pages.

    None for what is no readable PDF. Poppler does the reading, in a process of its own with
    little memory and time: a hostile file can break nothing else. Error: ``file_too_large``.
    """
    if len(pdf) > MAX_FILE:
        message = _("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE // 2**20}
        raise PdfError("file_too_large", message)
    if b"%PDF-" not in pdf[:1024]:
        return None
    with tempfile.TemporaryFile() as file:
        file.write(pdf)
        about = _poppler(["pdfinfo", "-enc", "UTF-8", "-"], file)
        text = _poppler(["pdftotext", "-enc", "UTF-8", "-l", "3", "-", "-"], file)
    if about is None and text is None:
        return None
    lines = (about or "").splitlines()
    keywords = next((line for line in lines if line.startswith("Keywords:")), "")
    return PdfText(keywords.removeprefix("Keywords:").strip(), text or "")


def attached_json(pdf: bytes, name: str) -> object:
    """The JSON file of this name that a PDF from anywhere carries; None where there is none."""
    if len(pdf) > MAX_FILE or (name.encode() not in pdf and b"/EmbeddedFile" not in pdf):
        return None
    with tempfile.TemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
        file.write(pdf)
        target = Path(folder) / "attached"
        # Poppler's tool for attachments reads files alone, not its standard input.
        source = f"/proc/self/fd/{file.fileno()}"
        file.flush()
        for place in ("1", "2", "3"):
            command = ["pdfdetach", "-save", place, "-o", str(target), source]
            if _poppler(command, file, keep=(file.fileno(),)) is None or not target.exists():
                return None
            try:
                document: object = json.loads(target.read_bytes()[:MAX_TEXT])
            except (ValueError, RecursionError):
                continue
            return document
    return None


def _poppler(command: Sequence[str], file: IO[bytes], keep: Sequence[int] = ()) -> str | None:
    limits = [f"--as={MEMORY}", f"--fsize={MAX_TEXT}", f"--cpu={SECONDS}"]
    file.seek(0)
    with tempfile.TemporaryFile() as output:
        try:
            subprocess.run(
                ["prlimit", *limits, "--", *command],
                stdin=file,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=True,
                pass_fds=keep,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        output.seek(0)
        return output.read(MAX_TEXT).decode("utf-8", "replace")
