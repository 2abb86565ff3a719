"""Long XML cut into pieces that a parser can take one by one."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from common.spreadsheets.errors import refuse

_LONGEST_PIECE: Final = 2 << 20  # the longest row, text or head between two cuts
_PREFIX_DECLARATION = re.compile(rb"xmlns:[\w.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole elements; ``opening`` declares the prefixes that they use."""

    prefix: str
    opening: bytes
    content: bytes

    def elements(self, content: bytes | None = None) -> ET.Element:
        root = parse(self.opening + (content or self.content) + b"</pieces>")
        if self.prefix:
            for element in root.iter():
                element.tag = element.tag.rpartition("}")[2]
        return root

    @property
    def is_plain(self) -> bool:
        """No entities, comments or CDATA: the bytes read as the text."""
        # One rare letter is looked for at a tenth of what two cost.
        content = self.content
        return not (b"&" in content or b"\r" in content or (b"!" in content and b"<!" in content))

    def text(self) -> str:
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise refuse("damaged_file") from None


def pieces(stream: Iterator[bytes], tag: str, parent: str) -> Iterator[Piece]:
    """All ``tag`` elements in ``parent``, cut after the last complete one so far."""
    prefix, opening, buffer = _find_first(stream, tag, parent)
    closing = f"</{prefix}{tag}>".encode()
    last = f"</{prefix}{parent}".encode()
    # Thousands of formatted rows without a cell may stand below a list.
    blank = re.compile(rf"(?:\s*<{prefix}{tag}\s[^<>]*\br=[^<>]*/>)+".encode())
    while buffer:
        if blanks := blank.match(buffer):
            buffer = buffer[blanks.end() :]
        end = buffer.rfind(closing) + len(closing)
        if end >= len(closing):
            yield Piece(prefix, opening, buffer[:end])
            buffer = buffer[end:]
        if last in buffer:
            return
        _refuse_if_endless(buffer)
        chunk = next(stream, b"")
        buffer = buffer + chunk if chunk else b""


def _find_first(stream: Iterator[bytes], tag: str, parent: str) -> tuple[str, bytes, bytes]:
    first = re.compile(rf"<((?:[\w.-]+:)?){tag}[\s/>]".encode())
    none = re.compile(rf"{parent}\s*/>|</(?:[\w.-]+:)?{parent}".encode())
    buffer = b""
    for chunk in stream:
        buffer += chunk
        start, end = first.search(buffer), none.search(buffer)
        # Behind the end an element of another meaning may bear the name, as in a button's anchor.
        if start and not (end and end.start() < start.start()):
            head, rest = buffer[: start.start()], buffer[start.start() :]
            return start[1].decode(), _opening(head), rest
        if end:
            break
        _refuse_if_endless(buffer)
    return "", b"", b""


def _opening(head: bytes) -> bytes:
    """Declares the prefixes of the part's head, which rows may use."""
    declared = {found.split(b"=")[0].strip(): found for found in _PREFIX_DECLARATION.findall(head)}
    return b"<pieces " + b" ".join(declared.values()) + b">"


def _refuse_if_endless(buffer: bytes) -> None:
    if len(buffer) > _LONGEST_PIECE:
        raise refuse("damaged_file")


def parse(xml: bytes) -> ET.Element:
    try:
        # No part with a document type, hence with entities, gets past containers.open_archive.
        return ET.fromstring(xml)  # noqa: S314  # nosec B314
    except ET.ParseError:
        raise refuse("damaged_file") from None
