"""A birth date or personal number that shares its cell with other data that forms ask for.

“05/03/1980, Hà Nội” is a birth date and its place; beside a number stand the day and the office of
its issue. A cell with two days, or two numbers, is left as it is.
"""

import re
from typing import Final, TypeVar

T = TypeVar("T")

_DAY: Final = r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}"
_YEAR_AND_BIRTHPLACE: Final = re.compile(r"\s*(\d{4})(?:\s*[,;(–]|\s+-|\s+)[^\d]*[^\W\d_][^\d]*")
_DAY_AND_WORDS: Final = re.compile(rf"([^\d]*)\b({_DAY})\b([^\d]*)")
_NUMBER: Final = re.compile(
    r"\s*(?:(?:số|cccd|thẻ|căn cước(?: công dân)?)[\s:.]*)*(\d{12}|\d{3} \d{3} \d{3} \d{3})"
    r"(?!\d)(.*)",
    re.DOTALL | re.IGNORECASE,
)
_NUMBER_BEHIND: Final = re.compile(r"\d{9}|^[.,-]?\d")
_WORD_OR_DAY: Final = re.compile(rf"[^\W\d_]{{2}}|{_DAY}")


def day_alone(written: T) -> T | str:
    if not isinstance(written, str):
        return written
    if found := _YEAR_AND_BIRTHPLACE.fullmatch(written):
        return found[1]
    found = _DAY_AND_WORDS.fullmatch(written)
    return found[2] if found and any(map(str.isalpha, found[1] + found[3])) else written


def number_alone(written: T) -> T | str:
    if not isinstance(written, str) or not (found := _NUMBER.fullmatch(written)):
        return written
    is_labelled = not written.lstrip()[:1].isdigit()
    behind = found[2]
    if _NUMBER_BEHIND.search(behind) or not (is_labelled or _WORD_OR_DAY.search(behind)):
        return written
    return found[1]
