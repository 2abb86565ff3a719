"""Characters that a file cannot hold: those that XML 1.0 forbids (section 2.2, ``Char``)."""

import re
from typing import Final

NO_XML = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
# A line feed is one without the carriage return before it, and marks that move on are a blank.
IN_PLACE: Final = {"\v": " ", "\f": " "}
_FORBIDDEN = re.compile(f"[{NO_XML}]")
_LOST = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def strip_invalid_xml(text: str) -> str:
    return text if text.isprintable() else _FORBIDDEN.sub(_in_place, text)


def loses_characters(value: object) -> bool:
    return isinstance(value, str) and not value.isprintable() and _LOST.search(value) is not None


def _in_place(forbidden: re.Match[str]) -> str:
    return IN_PLACE.get(forbidden[0], "")
