"""What a file really is, by its first bytes, and what is refused before anything parses it."""

import codecs
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final, Literal

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
# A web page saved as one file, and the file that Google Drive leaves behind as a mere link.
_WEB_ARCHIVE = re.compile(rb"\s*(?:MIME-Version:|From: <?Saved by)", re.IGNORECASE)
_DRIVE_LINK = re.compile(rb'\s*\{[^{}]*"(?:doc_id|url)"\s*:[^{}]*\}\s*')
_LONGEST_LINK: Final = 4_096
# What Excel keeps beside an open workbook: the name of whoever opened it, padded with blanks.
_LOCK_FILE_SIZES: Final = range(150, 181)
_LOCK_FILE_NAME: Final = 54
_XML_DECLARATION = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_ANY_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
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


def kind_of(data: bytes) -> Literal["xlsx", "xls", "text"]:
    if not data:
        raise refuse("empty_file")
    if len(data) > MAX_PACKED:
        raise refuse("file_too_large")
    if data.startswith(_OLE2):
        # Excel wraps a workbook with a password into the container of its old format.
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise refuse("encrypted_file")
        return "xls"
    if data.startswith(b"PK"):
        return "xlsx"
    start = data.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(start) or _WEB_ARCHIVE.match(start):
        raise refuse("html_file")
    if len(data) <= _LONGEST_LINK and _DRIVE_LINK.fullmatch(start):
        raise refuse("drive_link")
    if _is_lock_file(data):
        raise refuse("lock_file")
    if data.startswith((b"%PDF", b"{\\rtf")) or _is_binary(data):
        raise refuse("not_a_spreadsheet")
    return "text"


def _is_lock_file(data: bytes) -> bool:
    """The name in one byte per letter, then in two, each after its length."""
    if len(data) not in _LOCK_FILE_SIZES:
        return False
    first, second = data[0], data[_LOCK_FILE_NAME + 1]
    lengths = range(1, _LOCK_FILE_NAME + 1)
    return first in lengths and second in lengths and data[_LOCK_FILE_NAME + 2] == 0


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
    _name_as_the_standard_does(archive)
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise refuse("encrypted_file")
    _refuse_what_is_no_list(archive)
    _refuse_definitions(archive)
    return archive


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise refuse("zip_bomb")
    for part in parts:
        if part.file_size > max(_SUSPICIOUS_SIZE, _SUSPICIOUS_RATIO * part.compress_size):
            raise refuse("zip_bomb")


def _name_as_the_standard_does(archive: zipfile.ZipFile) -> None:
    """Have small letters and slashes alone in the names of parts; leave out what macOS adds.

    Part names differ by more than case (ECMA-376, part 2). Raises SpreadsheetError where two are
    the same: which of them a program reads is then a matter of chance.
    """
    of_macos = ("__MACOSX/", "__MACOSX\\")
    parts = [part for part in archive.infolist() if not part.filename.startswith(of_macos)]
    for part in parts:
        part.filename = part.filename.replace("\\", "/").lstrip("/").lower()
    archive.filelist[:] = parts
    archive.NameToInfo = {part.filename: part for part in parts}
    if len(archive.NameToInfo) != len(parts):
        raise refuse("damaged_file")


def is_other_format(archive: zipfile.ZipFile) -> bool:
    names = archive.namelist()
    if "[content_types].xml" not in names:
        return "content.xml" in names and "mimetype" in names
    return any(n.startswith("xl/") and n.endswith(".bin") and "book" in n for n in names)


def _refuse_what_is_no_list(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "[content_types].xml" not in names and not is_other_format(archive):
        raise refuse("not_a_spreadsheet")
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise refuse("has_macros")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise refuse("has_external_links")


def _refuse_definitions(archive: zipfile.ZipFile) -> None:
    """Refuse a document type, the carrier of entity bombs, in any part.

    Every part must be UTF-8 or UTF-16, so that the search cannot be blinded by another encoding.
    """
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels", ".vml")):
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
    """In UTF-8; raises SpreadsheetError where the part is damaged."""
    try:
        with archive.open(name) as part:
            start = part.read(_CHUNK)
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                yield from _as_utf8(start, part)
                return
            while start:
                yield start
                start = part.read(_CHUNK)
    except ARCHIVE_ERRORS:
        raise refuse("damaged_file") from None


def _as_utf8(start: bytes, part: IO[bytes]) -> Iterator[bytes]:
    # Power Query writes some parts in UTF-16, without declaring it.
    decode = codecs.getincrementaldecoder("utf-16")().decode
    yield _ANY_DECLARATION.sub("", decode(start), count=1).encode()
    while chunk := part.read(_CHUNK):
        yield decode(chunk).encode()
