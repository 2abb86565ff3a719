"""What differs between a certificate as issued and a file that claims to be it."""

import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.pdf import CertificateFields
from common.bounded import BoundedError, Lane
from common.dates import format_date
from common.pdf_text import READING, PdfText, read_text
from common.vietnamese import nfc

MOST_LINES = 12
LONGEST_LINE = 200
_OWN_FILE = replace(READING, lane=Lane.PUBLIC, wait=1.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the file does not say as it was issued.

    ``issued`` is empty for a birth date, which is shown to nobody, and for what was added.
    """

    label: str
    issued: str = ""
    in_file: str = ""


def differences(certificate: Certificate, words: PdfText | None) -> list[Difference]:
    """The printed texts that a file lacks, then the lines that it has beyond them.

    Empty where the text is the same: then something else was changed.
    """
    if words is None:
        return []
    text = nfc(words.text)
    fields = CertificateFields.from_json(certificate.printed)
    shown = _squeezed(text)
    missing = [
        Difference(label, issued)
        for label, wanted, issued in _printed(fields)
        if not all(_squeezed(part) in shown for part in wanted)
    ]
    return missing + [Difference(_("Added"), in_file=line) for line in _added(certificate, text)]


def _printed(fields: CertificateFields) -> list[tuple[str, tuple[str, ...], str]]:
    days = [format_date(day) for day in (fields.starts_on, fields.ends_on) if day]
    plain = [
        (_("Full name"), fields.full_name),
        (_("Course"), fields.course_title),
        (_("Register number"), fields.register_number),
        (_("Serial number"), fields.serial_number),
        (_("Verification code"), fields.verification_code),
        (_("Position"), fields.position),
        (_("Unit"), fields.unit),
        (_("Agency"), fields.agency),
        (_("Grade"), fields.grade),
        (_("Decision"), fields.decision_number),
        (_("Issuing body"), fields.issuing_body),
        (_("Signed by"), fields.signer_name),
    ]
    found: list[tuple[str, tuple[str, ...], str]]
    found = [(label, (nfc(text),), text) for label, text in plain if text]
    found.append((_("From – to"), tuple(days), " – ".join(days)))
    return [*found, (_("Birth date"), (fields.birth_text,), "")]


def _added(certificate: Certificate, text: str) -> list[str]:
    try:
        with certificate.file.open("rb") as file:
            original = read_text(file.read(), _OWN_FILE)
    except (OSError, ValueError, BoundedError):
        # Without the own file (not made, lost, unreadable), texts that are missing are still found.
        return []
    own = _squeezed(nfc(original.text)) if original else ""
    lines = (" ".join(line.split()) for line in text.splitlines())
    added = [line[:LONGEST_LINE] for line in lines if line and _squeezed(line) not in own]
    return added[:MOST_LINES]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
