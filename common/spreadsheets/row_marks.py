"""Rows that their sender hid, filtered away or struck out: they are in the file all the same."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from common.spreadsheets.xml_pieces import Piece

Mark: TypeAlias = Literal["hidden", "struck"]
_NONE: Final[Mapping[int, Mark]] = {}
_HIDDEN = re.compile(rb"<(?:[\w.-]+:)?row\s[^<>]*\bhidden\s*=")
_TRUE: Final = ("1", "true")


class RowMarks:
    """Finds the marks of rows in the pieces of a sheet; most files have none, and cost a look."""

    def __init__(self, struck: frozenset[str]) -> None:
        self._struck = struck
        styles = "|".join(sorted(struck))
        self._has_struck = re.compile(rf"\bs\s*=\s*[\"'](?:{styles})[\"']".encode())

    def of(self, piece: Piece) -> Mapping[int, Mark]:
        """The marks by row number; a row without a number has none."""
        may_be_hidden = b"hidden" in piece.content and _HIDDEN.search(piece.content)
        may_be_struck = self._struck and self._has_struck.search(piece.content)
        if not (may_be_hidden or may_be_struck):
            return _NONE
        marks: dict[int, Mark] = {}
        for row in piece.elements():
            number = row.get("r", "")
            if number.isascii() and number.isdigit() and (mark := self._of_row(row)):
                marks[int(number)] = mark
        return marks

    def _of_row(self, row: ET.Element) -> Mark | None:
        if row.get("hidden") in _TRUE:
            return "hidden"
        filled = [cell for cell in row if len(cell)]
        struck = sum(cell.get("s") in self._struck for cell in filled)
        return "struck" if filled and 2 * struck > len(filled) else None


def struck_styles(styles: ET.Element) -> frozenset[str]:
    """The style numbers, as text, whose letters have a line drawn through them."""
    fonts = [any(_is_strike(part) for part in font) for font in styles.findall("{*}fonts/{*}font")]
    return frozenset(
        str(number)
        for number, style in enumerate(styles.findall("{*}cellXfs/{*}xf"))
        if (font := style.get("fontId", "")).isdigit() and int(font) < len(fonts)
        if fonts[int(font)]
    )


def _is_strike(part: ET.Element) -> bool:
    return part.tag.rpartition("}")[2] == "strike" and part.get("val", "1") in _TRUE
