"""Fonts of the machine: where a file lies, what it can draw, how wide a line becomes.

Fonts come from the distribution's packages (``script/setup`` installs them) and are
named by file: one family name may stand for an old and a new file at once, and Debian 12's
``fonts-liberation`` lacks most Vietnamese letters where ``fonts-liberation2`` has them all.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError

FONT_DIRS = ("/usr/local/share/fonts", "/usr/share/fonts")
MM_PER_POINT = 25.4 / 72

_VOWELS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
_CONSONANTS = "bcdđghklmnpqrstvx"
VIETNAMESE_LETTERS = _VOWELS + _CONSONANTS + _VOWELS.upper() + _CONSONANTS.upper()


class FontError(DomainError):
    pass


@lru_cache(maxsize=64)
def find_font(file_name: str) -> Path:
    """The file of this name that has every Vietnamese letter.

    Looks below ``settings.FONT_DIRS`` (default: where Debian's packages install).
    Error: ``font_missing``.
    """
    for folder in getattr(settings, "FONT_DIRS", FONT_DIRS):
        for path in sorted(Path(folder).rglob(file_name)):
            if _characters(path).issuperset(map(ord, VIETNAMESE_LETTERS)):
                return path
    message = _("No font file %(name)s with all Vietnamese characters is installed.")
    raise FontError("font_missing", message % {"name": file_name})


@lru_cache(maxsize=64)
def characters(file_name: str) -> frozenset[int]:
    return _characters(find_font(file_name))


@lru_cache(maxsize=4_096)
def missing_from(text: str, printable: frozenset[int]) -> str:
    """The characters of the text (in NFC) that are not among the printable ones, each once.

    Line breaks, tabs, direction marks and other invisible characters count as missing:
    nobody could see what they do on paper.
    """
    return "".join(
        letter
        for letter in dict.fromkeys(unicodedata.normalize("NFC", text))
        if unicodedata.category(letter).startswith("C") or ord(letter) not in printable
    )


@lru_cache(maxsize=8_192)
def line_width(text: str, file_name: str, points: float) -> float:
    units_per_em, widths, fallback = _advances(file_name)
    units = sum(widths.get(ord(letter), fallback) for letter in text)
    return units / units_per_em * points * MM_PER_POINT


@lru_cache(maxsize=128)
def _characters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError):
        return frozenset()


@lru_cache(maxsize=64)
def _advances(file_name: str) -> tuple[int, dict[int, int], int]:
    from fontTools.ttLib import TTFont

    with TTFont(find_font(file_name), lazy=True) as font:
        metrics = font["hmtx"].metrics
        widths = {code: metrics[glyph][0] for code, glyph in font.getBestCmap().items()}
        units_per_em: int = font["head"].unitsPerEm
    return units_per_em, widths, max(widths.values())
