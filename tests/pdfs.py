"""Looking at PDF files with programs that did not make them."""

import subprocess
import unicodedata
from pathlib import Path

import pikepdf


def text_of(pdf: bytes) -> str:
    """The text that poppler reads, in NFC, with blanks and line ends folded."""
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return unicodedata.normalize("NFC", " ".join(run.stdout.decode().split()))


def letters_of(pdf: bytes) -> str:
    """The same without any blank."""
    return text_of(pdf).replace(" ", "")


def page_count(path: Path) -> int:
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def complaints_of_qpdf(path: Path) -> str:
    run = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr
