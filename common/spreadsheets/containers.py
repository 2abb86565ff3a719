"""What a file really is, by its first bytes, and what is refused before anything parses it."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final, Literal

from common.spreadsheets.errors import refuse

MAX_PACKED: Final = 32 << 20
MAX_UNPACKED: Final = 256 << 20
MAX_PARTS: Final = 2_000
# An honest roster shrinks about 12 times; even a sheet of empty styled cells stays far below this.
_SUSPICIOUS_SIZE: Final = 8 << 20
_SUSPICIOUS_RATIO: Final = 200
_CHUNK: Final = 1 << 16

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|style|\?xml|!--)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
# What may stand before the root element and defines nothing; then the root.
_PROLOG: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<[^?!]", flags=re.DOTALL
)
_DEFINITION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
# What reading a broken archive raises.
ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def kind_of(data: bytes) -> Literal["xlsx", "text"]:
    """Tell a workbook from text; raises SpreadsheetError for all that is neither."""
    if not data:
        raise refuse("empty_file")
    if len(data) > MAX_PACKED:
        raise refuse("file_too_large")
    if data.startswith(_OLE2):
        # Excel wraps a workbook with a password into the container of its old format.
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise refuse("encrypted_file" if locked else "old_excel_file")
    if data.startswith(b"PK"):
        return "xlsx"
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")):
        raise refuse("html_file")
    if data.startswith((b"%PDF", b"{\\rtf")) or _is_binary(data):
        raise refuse("not_a_spreadsheet")
    return "text"


def _is_binary(data: bytes) -> bool:
    start = data[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start.count(0) > len(start) // 5:
        return False  # UTF-16, which has a zero in many a byte even without its mark
    return any(byte in start for byte in (0, 1, 2, 3, 4, 6, 8))


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The parts of a workbook after every check that needs no parser.

    Raises SpreadsheetError.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except ARCHIVE_ERRORS:
        raise refuse("damaged_file") from None
    _refuse_bombs(archive)
    _refuse_other_formats(archive)
    _refuse_definitions(archive)
    return archive


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise refuse("zip_bomb")
    for part in parts:
        if part.file_size > max(_SUSPICIOUS_SIZE, _SUSPICIOUS_RATIO * part.compress_size):
            raise refuse("zip_bomb")


def _refuse_other_formats(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise refuse("encrypted_file")
    if "xl/workbook.bin" in names:
        raise refuse("old_excel_file")
    if "content.xml" in names and "mimetype" in names:
        raise refuse("opendocument_file")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise refuse("not_a_spreadsheet")
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise refuse("has_macros")
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise refuse("has_external_links")


def _refuse_definitions(archive: zipfile.ZipFile) -> None:
    """Refuse a document type, the carrier of entity bombs, in any part.

    Every part must be UTF-8, so that the search cannot be blinded by another encoding.
    """
    for name in archive.namelist():
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        before = b""
        for chunk in chunks(archive, name):
            if not before and not _is_utf8(chunk):
                raise refuse("damaged_file")
            if not before and _PROLOG.match(chunk):
                break  # the root has begun: a definition behind it is damage to every parser
            if _DEFINITION.search(before + chunk):
                raise refuse("has_entities")
            before = chunk[-16:]


def _is_utf8(start: bytes) -> bool:
    declared = _XML_DECLARATION.search(start[:200])
    if b"\0" in start[:200] or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return not declared or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii")


def chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part of the workbook in pieces; raises SpreadsheetError where it is damaged."""
    try:
        with archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                yield chunk
    except ARCHIVE_ERRORS:
        raise refuse("damaged_file") from None
