"""Names, personal numbers, telephone numbers and e-mail addresses, from cells and forms.

The 12 digits of a personal number: province (3), century and sex (1), year of birth (2), serial
(6). No function puts a personal number into a message.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.errors import InputError
from common.legacy_encodings import legacy_encoding
from common.vietnamese import tidy

NUMBER_LENGTH = 12
LONGEST_NAME = 100
_OLD_NUMBER_LENGTH = 9
_ROUNDED = "0000"

_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# What a name is made of: letters and the marks on them, blanks, apostrophes, hyphens and dots.
_APOSTROPHES, _HYPHENS, _DOTS = "'’‘ʼʻ`´′", "-‐‑‒–—", ".·"
_OTHER_NAME_CHARACTERS = frozenset(f" {_APOSTROPHES}{_HYPHENS}{_DOTS}")
_LOST = ("Co", "Cn", "Cs")  # stands for a letter that this text has lost
# Nearly every name is plain; only the others are looked at letter by letter.
_PLAIN_NAME = re.compile(rf"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ\u0300-\u0323 {_APOSTROPHES}.\-]+")
_BETWEEN_DIGITS = re.compile(r"[\s.\-'’]")
_MASKED = re.compile(r"[*xX•]{9}\d{3}")
_MOBILE = re.compile(r"0[35789]\d{8}")
_LANDLINE = re.compile(r"02\d{8,9}")
_FOREIGN_PHONE = re.compile(r"\+(?!84)[1-9]\d{7,13}")
_EMAIL = re.compile(r"[^\s@,;<>()\"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


class IdentityError(InputError):
    pass


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    digits: str
    zeros_restored: bool = False

    @property
    def sex(self) -> Literal["male", "female"]:
        return "female" if int(self.digits[3]) % 2 else "male"

    @property
    def birth_year(self) -> int:
        return 1900 + int(self.digits[3]) // 2 * 100 + int(self.digits[4:6])


def parse_name(value: str) -> str:
    """The name in a cell, tidied and never re-cased.

    Raises IdentityError: ``name_missing``, ``formula_text``, ``name_too_long``,
    ``legacy_encoding``, ``name_has_digits``, ``name_has_symbols``.
    """
    name = tidy(value)
    if not any(letter.isalpha() for letter in name):
        raise IdentityError("name_missing", _("The name is missing; enter the full name."))
    if name.startswith(_FORMULA_SIGNS) or value.startswith(("\t", "\r")):
        raise IdentityError(
            "formula_text",
            _("This is a formula, not a name; type the name itself."),
        )
    if len(name) > LONGEST_NAME:
        raise IdentityError(
            "name_too_long",
            _("The name is longer than 100 characters; leave only the name in the cell."),
        )
    # Without what nobody sees, a text may look like an old encoding where it did not with it.
    encoding = legacy_encoding(value) or (name != value and legacy_encoding(name))
    if encoding:
        raise IdentityError("legacy_encoding", legacy_remedy(encoding))
    if not _PLAIN_NAME.fullmatch(value):
        _require_letters(value, name)
    return name


def _require_letters(value: str, name: str) -> None:
    """``name`` is ``value`` without invisible characters."""
    for letter in name:
        kind = unicodedata.category(letter)
        if kind[0] == "N":
            raise IdentityError("name_has_digits", _("A name cannot contain digits; correct it."))
        if kind[0] not in "LM" and letter not in _OTHER_NAME_CHARACTERS:
            raise IdentityError(
                "name_has_symbols",
                _(
                    "A name can contain only letters, spaces, apostrophes, hyphens and "
                    "dots; remove “%(symbol)s”."
                )
                % {"symbol": letter},
            )
    if any(unicodedata.category(letter) in _LOST for letter in value):
        raise IdentityError(
            "name_has_symbols", _("A character in this name is corrupted; type the name again.")
        )


def legacy_remedy(encoding: str) -> DeferredMessage:
    if encoding == "mojibake":
        return _(
            "The characters are corrupted; save the list in Unicode (UTF-8) or type the text again."
        )
    return _(
        "The text uses the old Vietnamese encoding %(encoding)s; convert it to Unicode, "
        "for instance with UniKey."
    ) % {"encoding": encoding.upper()}


def is_masked_number(text: str) -> bool:
    return bool(_MASKED.fullmatch(text))


def mask_number(digits: str) -> str:
    """Only the last three digits: the others follow from birth place, date and sex."""
    return "*" * (NUMBER_LENGTH - 3) + digits[-3:]


def parse_personal_number(value: str | float) -> PersonalNumber:
    """The personal number in a cell; 10 or 11 digits have lost their leading zeros.

    Raises IdentityError: ``old_identity_number`` (9 digits), ``personal_number_rounded`` (a program
    wrote 1.08012E+09 and lost the last digits), ``personal_number_invalid``.
    """
    digits = _BETWEEN_DIGITS.sub("", _written(value))
    if not (digits.isascii() and digits.isdigit()):
        raise _invalid_number()
    if len(digits) == _OLD_NUMBER_LENGTH:
        raise IdentityError(
            "old_identity_number",
            _("This is an old 9-digit identity number, no longer valid; enter the 12-digit one."),
        )
    has_lost_zeros = len(digits) in (10, 11) and not digits.startswith("0")
    if has_lost_zeros and digits.endswith(_ROUNDED):
        raise IdentityError("personal_number_rounded", _rounded_number())
    digits_in_full = digits.zfill(NUMBER_LENGTH) if has_lost_zeros else digits
    if len(digits_in_full) != NUMBER_LENGTH or not digits.strip("0"):
        raise _invalid_number()
    return PersonalNumber(digits_in_full, zeros_restored=has_lost_zeros)


def personal_digits(value: str | float) -> str:
    return parse_personal_number(value).digits


def parse_phone(value: str | float) -> str:
    """The telephone number in a cell: digits with their first 0, or ``+`` and a foreign number.

    Spreadsheets drop the first 0 and mobile telephones write +84 for it: both come back silently.
    Raises IdentityError ``phone_invalid``.
    """
    number = re.sub(r"[\s.\-()'’]", "", _written(value))
    if _FOREIGN_PHONE.fullmatch(number):
        return number
    number = re.sub(r"^(?:\+|00)?84(?=0?[2-9]\d{8,9}$)", "", number)
    if not number.startswith("0"):
        number = "0" + number
    if _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return number
    raise IdentityError(
        "phone_invalid", _("Enter one telephone number of 10 digits, as in 0912345678.")
    )


def parse_email(value: str | float) -> str:
    """The e-mail address in a cell, in small letters.

    Raises IdentityError ``email_invalid``.
    """
    address = re.sub(r"^mailto:", "", tidy(str(value)).casefold())
    if (
        address.isascii()
        and _EMAIL.fullmatch(address)
        and len(address) <= 254
        and ".." not in address
    ):
        return address
    raise IdentityError(
        "email_invalid", _("Enter one e-mail address, as in an.nguyen@example.gov.vn.")
    )


def _written(value: str | float) -> str:
    """A whole number without its decimal point; ``fraction`` for any other number."""
    if isinstance(value, str):
        return tidy(value)
    return f"{value:.0f}" if float(value).is_integer() else "fraction"


def _rounded_number() -> DeferredMessage:
    return _(
        "The last digits of the number were lost when a program displayed it as "
        "1.08012E+09; format the column as text and type all 12 digits again."
    )


def _invalid_number() -> IdentityError:
    return IdentityError(
        "personal_number_invalid",
        _(
            "A personal identification number has 12 digits; correct it, or leave the "
            "cell empty if the person has none."
        ),
    )
