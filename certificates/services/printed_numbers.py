"""Which of the numbers on a paper somebody typed, and the certificate that a number names.

Serial and register numbers run in order, so anybody can guess them: alone they open nothing.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from certificates.services.verification import (
    FileState,
    Verification,
    normalised_code,
    verify_code,
)
from common.vietnamese import search_key, tidy


class NumberKind(TextChoices):
    CODE = "code", _("Verification code")
    SERIAL = "serial", _("Serial number")
    REGISTER = "register", _("Register number")
    OTHER = "other", _("Another number on the paper")


_CODE = re.compile(r"[0-9A-Z]{16}")
_SERIAL = re.compile(r"([A-Z]{1,8})(\d{2})(\d{6})")
_REGISTER = re.compile(r"(\d{1,9})\s*[/.\-\s]\s*(\d{4})(?:\s*[/.\-\s]\s*([A-Z]{1,8}))?")


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """``key`` is the same for the serial and the register number of one certificate."""

    kind: NumberKind
    text: str
    key: str
    wanted: Q


def read_number(typed: str) -> PrintedNumber | None:
    """None where it is none of our numbers: no digit in it, or nearly a code."""
    text = tidy(typed).upper()
    compact = "".join(letter for letter in text if letter.isalnum())
    if found := _SERIAL.fullmatch(compact):
        return PrintedNumber(NumberKind.SERIAL, text, compact, Q(serial_number=compact))
    if found := _REGISTER.fullmatch(text):
        number, year, register = int(found[1]), int(found[2]), found[3] or "AI"
        wanted = Q(register=register, year=year, register_number=number)
        key = f"{register}{year % 100:02d}{number:06d}"
        return PrintedNumber(NumberKind.REGISTER, text, key, wanted)
    if _CODE.fullmatch(compact):
        code = normalised_code(compact)
        return PrintedNumber(NumberKind.CODE, code, code, Q(verification_code=code))
    if len(compact) > 12 or not any(letter.isdigit() for letter in compact):
        return None
    return PrintedNumber(
        NumberKind.OTHER, text, compact, Q(blank_number__iexact=text) & ~Q(blank_number="")
    )


def verify_number(number: PrintedNumber, *, full_name: str, birth: dt.date | int) -> Verification:
    """Unknown unless number, name and birth fit together, by the same work whichever does not."""
    rows = Certificate.objects.filter(number.wanted).order_by("pk")
    code, printed = rows.values_list("verification_code", "printed").first() or ("", {})
    fits = is_holder(printed, full_name, birth)
    return verify_code(code) if fits else Verification(FileState.UNKNOWN)


def is_holder(printed: dict[str, Any], full_name: str, birth: dt.date | int) -> bool:
    born = birth if isinstance(birth, int) else birth.isoformat()
    is_named = search_key(printed.get("full_name", "")) == search_key(full_name)
    return is_named and printed.get("birth") == born
