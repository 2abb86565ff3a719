"""The name in a cell, told from what offices write around it: titles, posts, numbers, marks.

What is taken off is told. Where two people stand in one cell, or letters are lost, nothing is
guessed: the row is rejected with the remedy.
"""

import re
from dataclasses import dataclass
from typing import Final

from common.errors import DomainError
from common.identity import parse_name
from common.sentences import Sentence as _
from common.vietnamese import tidy
from rosters.sheets.footers import is_post

# The first word of nearly every Vietnamese name, with its tones, and of names such as H'Hen Niê.
_SURNAME_WORDS: Final = (
    "an âu bạch bàn bế biện bùi ca cái cam cao cầm cát chắng châu chu chử chung cồ công cù cung "
    "cự cư dã danh diệp doãn dương đàm đan đàng đào đặng đậu đèo điền điêu điểu đinh đoàn đỗ đổng "
    "đồng đới đường giang giáp giàng hà hạ hàn hạng hầu hồ hồng hoa hoàng hứa hùng huỳnh hướng hy "
    "kha khà khang khiếu khổng khúc khuất kiều kim kông kpă la lạc lại lam lãnh lâm lầu lê lèng "
    "lí liên liêu liễu lò lô lỗ lộc long lù lữ lục lường lương lưu lý ma mã mạc mai mạnh mẫn mâu "
    "mẫu mùa mùi nghê nghiêm ngô nguyễn ngụy nhâm nhan nhữ nhung nie niê nông ngọc ninh ông phạm "
    "phan phàn phí phó phù phùng phương quách quàng quản rmah rơ sầm sa siu sơn sùng tạ tăng tẩn "
    "tào thạch thạc thái thào thẩm thân thi thiều thịnh thôi thòng tiêu tiết tô tôn tòng tống trà "
    "trang tráng trần trang triệu trình trịnh trương trưởng từ tường tưởng ung uông ứng vàng vạn "
    "văn vi viên vũ võ vòng vương vừ xa xồng y yên"
)
_SURNAMES: Final = frozenset(_SURNAME_WORDS.split())
_SHORT_FIRST_WORD: Final = re.compile(r"[ahyk](?:['’].+)?", re.IGNORECASE)
# Titles that may be names as well: Ông Ích Đường and Đồng Chí Hùng keep theirs.
_ADDRESS: Final = re.compile(
    r"(?:ông\s*[/(]?\s*bà\)?|ông|bà|anh|chị|cô|thầy|đồng chí|quý ông|quý bà)\s+"
    r"(?=[^\W\d]\S*\s+[^\W\d])",
    re.IGNORECASE,
)
_TITLE_WORDS: Final = (
    "phó giáo sư|giáo sư|tiến sĩ khoa học|tiến sĩ|tiến sỹ|thạc sĩ|thạc sỹ|bác sĩ|bác sỹ|kỹ sư|"
    "kĩ sư|cử nhân|dược sĩ|luật sư|kiến trúc sư|nhà giáo ưu tú|nhà giáo nhân dân|professor"
)
_SHORT_TITLES: Final = (
    r"pgs|gs|tskh|ts|ths|th\.s|t\.s|ks|cn|bs|bscki{1,2}|ckii?|ds|kts|ls|ncs|ngưt|ngnd|"
    r"mrs|mr|ms|dr|prof|đ/c|đc|ph\.?d|msc|mba|eng"
)
_FORMS_OF_ADDRESS: Final = "ông|bà|anh|chị|cô|thầy|đồng chí|quý|bscki|bsckii|cki|ckii|phd"
_FORMULA_SIGNS: Final = ("=", "+", "@", "＝", "＋", "＠")
_JOINING: Final = frozenset({"và", "and"})
_TITLE: Final = re.compile(
    rf"(?:(?:{_TITLE_WORDS})\s+|(?:{_SHORT_TITLES})(?:\.\s*|\s+|(?=[,/])|$))[,/\s]*", re.IGNORECASE
)
_NUMBER_IN_FRONT: Final = re.compile(r"(?:\(?\d{1,4}\s*[.):\-–]|[-–•+*]\s)\s*")
_BRACKETS: Final = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*")
_MARKS: Final = re.compile(r"^[\s*†‡¹²³#]+|[\s*†‡¹²³#.,;:]+$")
_LOST: Final = re.compile("[?\ufffd]")
_BETWEEN_PEOPLE: Final = re.compile(r"\s*[,;&]\s*|\s+(?:và|and|[-–—/|+])\s+|\s*/\s*", re.IGNORECASE)
# A post behind a name, in small letters: “Phó phòng”, but not Phó Đức Phương.
_POST_BESIDE: Final = re.compile(
    r"(?:phó|p\.) ?(?:phòng|giám|chủ|vụ|cục|trưởng|ban|chánh|bí|viện|hiệu|trạm|đội|tổng|văn phòng)|"
    r"(?:trưởng|chuyên viên|cán bộ|nhân viên|giám đốc|kế toán|chánh|chủ tịch|bí thư|thư ký|văn thư|"
    r"quyền|nguyên|công chức|viên chức) ?\b"
)
_UNTOLD: Final = " .,;:"
_FIRST_WORDS: Final = frozenset(
    word
    for title in f"{_TITLE_WORDS}|{_SHORT_TITLES}|{_FORMS_OF_ADDRESS}".split("|")
    for word in title.split()[:1]
)


class CellNameError(DomainError):
    """A cell that does not hold one name."""


@dataclass(frozen=True, slots=True)
class NameInCell:
    """A name, and what stood around it in the cell."""

    name: str
    taken_off: str = ""


def plain_name(written: str) -> str:
    """The name in a cell of which nothing is to be told; DomainError for any other."""
    found = name_in(written)
    if found.taken_off:
        raise CellNameError("title_in_name", _("A title stands beside the name."))
    return found.name


def name_in(written: str) -> NameInCell:
    """The one name in a cell.

    Raises DomainError: what ``parse_name`` raises, ``two_people``, ``letters_lost``.
    """
    if _is_plain(written) or written.lstrip().startswith(_FORMULA_SIGNS):
        return NameInCell(parse_name(written))
    if _LOST.search(written) and any(map(str.isalpha, written)):
        raise CellNameError(
            "letters_lost",
            _("Letters of the name were lost and became question marks; type the name again."),
        )
    name = _without_marks(_in_one_line(written))
    parts = [part for part in map(_without_marks, _BETWEEN_PEOPLE.split(name)) if part]
    read = parse_name(_only_name(parts) if parts else name)
    around = " ".join(tidy(written).replace(read, " ", 1).split()) if read in tidy(written) else ""
    return NameInCell(read, around if around.strip(_UNTOLD) else "")


def _is_plain(written: str) -> bool:
    """Whether nothing but a name can stand in a cell; asked of every row, so without patterns."""
    words = written.casefold().split(" ")
    return (
        written.replace(" ", "").isalpha()
        and words[0] not in _FIRST_WORDS
        and _JOINING.isdisjoint(words)
    )


def _in_one_line(written: str) -> str:
    """A name that its sender broke into lines; two names, one below the other, are told."""
    lines = [line for line in map(tidy, written.splitlines()) if line]
    if len(lines) > 1 and all(" " in line and _begins_as_name(line) for line in lines):
        raise _two_people()
    return " ".join(lines)


def _without_marks(text: str) -> str:
    """The text without numbers, brackets, signs and titles around it."""
    text = tidy(text)
    while True:
        number = _NUMBER_IN_FRONT.match(text)
        shorter = text[number.end() :] if number else text
        shorter = _MARKS.sub("", _BRACKETS.sub(" ", shorter))
        if title := _TITLE.match(shorter):
            shorter = shorter[title.end() :]
        elif (address := _ADDRESS.match(shorter)) and _begins_as_name(shorter[address.end() :]):
            shorter = shorter[address.end() :]
        if shorter == text:
            return text
        text = shorter


def _begins_as_name(text: str) -> bool:
    first = text.split(" ", 1)[0].casefold()
    return first in _SURNAMES or bool(_SHORT_FIRST_WORD.fullmatch(first))


def _only_name(parts: list[str]) -> str:
    """The one part that is a name, where the others say a post or a title."""
    is_several = len(parts) > 1
    names = [part for part in parts if not (is_several and _is_post(part))]
    if len(names) == 1:
        return names[0]
    raise _two_people()


def _is_post(part: str) -> bool:
    return is_post(part) or bool(_POST_BESIDE.match(part.casefold()))


def _two_people() -> DomainError:
    return CellNameError(
        "two_people",
        _(
            "More than one name stands in the cell; give each person a row of their own, with the "
            "name alone."
        ),
    )
