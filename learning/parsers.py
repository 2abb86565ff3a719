"""Files that staff upload, looked at within the boundary (``common.bounded``)."""

import io
import zipfile
from dataclasses import asdict
from typing import Any, Final

from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _
from learning.errors import LearningInputError
from learning.sheets.gift import read_gift
from learning.sheets.moodle_xml import read_moodle_xml

_ON_A_PAGE: Final = Limits(cpu=4, wall=8.0, wait=4.0, memory=256 * MB, output=1 * MB)
_MOST_UNPACKED: Final = 1_000 * MB
_OFFICE: Final = {"pptx": "ppt/", "docx": "word/", "xlsx": "xl/"}
_ZIPPED: Final = (*_OFFICE, "odp", "odt", "ods", "zip")
# How the other kinds begin; of an MP4 the name of its kind stands behind its length.
_BEGINNINGS: Final = {
    "pdf": (b"%PDF-",),
    **dict.fromkeys(("ppt", "doc", "xls"), (b"\xd0\xcf\x11\xe0",)),
    "png": (b"\x89PNG\r\n",),
    **dict.fromkeys(("jpg", "jpeg"), (b"\xff\xd8\xff",)),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
}


@parser(_ON_A_PAGE, errors=(LearningInputError,))
def check_file(content: bytes, name: str) -> bool:
    """Error: LearningInputError, where the content is not what the name says, or has macros."""
    ending = name.rpartition(".")[2].lower()
    if ending in _ZIPPED:
        _check_archive(content, ending)
    elif ending == "mp4":
        _require(content[4:8] == b"ftyp")
    elif ending in _BEGINNINGS:
        _require(content.startswith(_BEGINNINGS[ending]))
    else:
        _require(b"\0" not in content)
    return True


def _check_archive(content: bytes, ending: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        _require(False)
        return
    names = [entry.filename for entry in entries]
    part = _OFFICE.get(ending, "")
    _require(any(name.startswith(part) for name in names))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise LearningInputError(
            "macros", _("The file contains macros: save it without them and upload it again.")
        )
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise LearningInputError(
            "too_large", _("Unpacked, the file would be too large: split it into several.")
        )


def _require(is_right: bool) -> None:
    if not is_right:
        text = _(
            "The content of the file is not what its name says: save it again in the program that "
            "made it, and upload that file."
        )
        raise LearningInputError("not_what_it_says", text)


@parser(_ON_A_PAGE, errors=(LearningInputError,), preload=("defusedxml.ElementTree",))
def read_questions(content: bytes, form: str) -> dict[str, Any]:
    """Questions of a GIFT or Moodle XML file, and what is wrong by line, as plain data."""
    if form == "xml":
        text = content.decode("utf-8", errors="replace")
        drafts, problems = read_moodle_xml(xml_root(content), text)
    else:
        drafts, problems = read_gift(_decoded(content))
    return {
        "drafts": [asdict(draft) for draft in drafts],
        "problems": [[line, sentence.as_json()] for line, sentence in problems],
    }


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = _("Byte %(at)s of the file is not UTF-8: save it with the encoding UTF-8.")
        raise LearningInputError("no_utf8", text % {"at": error.start + 1}) from error


def xml_root(content: bytes) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(content)
    except ParseError as error:
        line, column = error.position
        text = _("Line %(line)s, column %(column)s: the XML is broken there. Export it again.")
        raise LearningInputError("broken_xml", text % {"line": line, "column": column}) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        text = _("This XML defines entities of its own, which is not taken. Export it again.")
        raise LearningInputError("broken_xml", text) from error
