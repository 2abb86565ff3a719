"""Rows that their sender hid, filtered away or struck out: they are in the file all the same."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from common.spreadsheets.xml_pieces import Piece

Mark: TypeAlias = Literal["hidden", "struck", "partly_struck"]
_NONE: Final[Mapping[int, Mark]] = {}
_HIDDEN = re.compile(rb"<(?:[\w.-]+:)?row\s[^<>]*\b(?:hidden\s*=|ht\s*=\s*[\"']0[\"'.])")
_ZERO: Final = re.compile(r"0(?:\.0*)?")
_TRUE: Final = ("1", "true")


class RowMarks:
    def __init__(self, struck: frozenset[str], struck_texts: frozenset[str]) -> None:
        self._struck, self._struck_texts = struck, struck_texts
        self._has_struck_texts = False
        styles = "|".join(sorted(struck))
        self._has_struck = re.compile(rf"\bs\s*=\s*[\"'](?:{styles})[\"']".encode())

    def of(self, piece: Piece) -> Mapping[int, Mark]:
        """By row number; unnumbered rows have none."""
        content = piece.content
        may_be_hidden = (b"hidden" in content or b"ht=" in content) and _HIDDEN.search(content)
        may_be_struck = self._struck and self._has_struck.search(content)
        self._has_struck_texts = bool(self._struck_texts) or b"strike" in content
        if not (may_be_hidden or may_be_struck or self._has_struck_texts):
            return _NONE
        marks: dict[int, Mark] = {}
        for row in piece.elements():
            number = row.get("r", "")
            if number.isascii() and number.isdigit() and (mark := self._of_row(row)):
                marks[int(number)] = mark
        return marks

    def _of_row(self, row: ET.Element) -> Mark | None:
        if row.get("hidden") in _TRUE or _ZERO.fullmatch(row.get("ht", "")):
            return "hidden"
        filled = [cell for cell in row if len(cell)]
        if self._has_struck_texts and any(map(self._says_struck, filled)):
            return "struck"
        struck = sum(cell.get("s") in self._struck for cell in filled)
        if not struck:
            return None
        return "struck" if 2 * struck > len(filled) else "partly_struck"

    def _says_struck(self, cell: ET.Element) -> bool:
        if cell.get("t") == "s":
            return cell.findtext("v") in self._struck_texts
        return cell.get("t") == "inlineStr" and is_struck_text(cell.find("is"))


def struck_styles(styles: ET.Element) -> frozenset[str]:
    fonts = [any(_is_strike(part) for part in font) for font in styles.findall("{*}fonts/{*}font")]
    return frozenset(
        str(number)
        for number, style in enumerate(styles.findall("{*}cellXfs/{*}xf"))
        if (font := style.get("fontId", "")).isdigit() and int(font) < len(fonts)
        if fonts[int(font)]
    )


def is_struck_text(item: ET.Element | None) -> bool:
    runs = () if item is None else item.iterfind("r/rPr")
    return any(_is_strike(part) for run in runs for part in run)


def _is_strike(part: ET.Element) -> bool:
    return part.tag.rpartition("}")[2] == "strike" and part.get("val", "1") in _TRUE
