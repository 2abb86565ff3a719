"""The name in a cell, without titles, posts, numbers and marks around it.

What is taken off is reported. Two people in one cell, or lost letters, reject the row: nothing is
guessed.
"""

import re
from dataclasses import dataclass
from typing import Final

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError
from common.identity import parse_name
from common.vietnamese import search_key, tidy
from rosters.importing.layouts.headings import is_personal
from rosters.importing.rows.footers import is_post
from rosters.importing.rows.sections import set_apart_by

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
_SURNAME_KEYS: Final = frozenset(map(search_key, _SURNAMES))
_SHORT_FIRST_WORD: Final = re.compile(r"[ahyk](?:['’].+)?", re.IGNORECASE)
# Titles that may be names as well: Ông Ích Đường and Đồng Chí Hùng keep theirs.
_ADDRESS: Final = re.compile(
    r"(?:(?:ông\s*[/(]?\s*bà\)?|ông|bà|anh|chị|(?:cô|thầy)(?: giáo)?|em|chú|bác|cụ|đồng chí|"
    r"quý ông|quý bà|sư cô|sư thầy|linh mục|miss)(?:\s*[.:]\s*|\s+)|[ôb]\.\s*)"
    r"(?=[^\W\d]\S*\s+[^\W\d])",
    re.IGNORECASE,
)
# Posts and ranks stand before a name as titles do; whoever is called Phó or Trưởng keeps that.
_POST_BEFORE: Final = re.compile(
    r"(?:phó |quyền |q\. ?|nguyên |p\. ?)*(?:giám đốc|"
    r"(?:trưởng|phó|chánh) (?:ban|bộ phận|đoàn|khoa|phòng|văn phòng|thanh tra)|"
    r"(?:cục|vụ|viện|hiệu|tổng cục) (?:trưởng|phó)|chủ (?:tịch|nhiệm)|"
    r"bí thư|kế toán(?: trưởng)?|(?:chuyên|kỹ thuật|giảng|nhân|cán sự) viên(?: chính| cao cấp)?|"
    r"cán bộ|(?:đại|thượng|trung|thiếu) (?:tướng|tá|úy|uý|sĩ)|hạ sĩ|cvcc|cvc|cv|gvcc|gvc|gv)"
    r"(?:\s*[.:,]\s*|\s+)(?=[^\W\d]\S*\s+[^\W\d])",
    re.IGNORECASE,
)
_TITLE_WORDS: Final = (
    "phó giáo sư|giáo sư|tiến sĩ khoa học|tiến sĩ|tiến sỹ|thạc sĩ|thạc sỹ|bác sĩ|bác sỹ|kỹ sư|"
    "kĩ sư|cử nhân|dược sĩ|luật sư|kiến trúc sư|nhà giáo ưu tú|nhà giáo nhân dân|nghệ sĩ ưu tú|"
    "nghệ sĩ nhân dân|professor"
)
_SHORT_TITLES: Final = (
    r"pgs|gs|tskh|ts|ths|th\.s|t\.s|ks|cn|bs|bscki{1,2}|ckii?|ds|kts|ls|ncs|ngưt|ngnd|"
    r"nsưt|nsnd|"
    r"mrs|mr|ms|dr|prof|đ/c|đc|ph\.?d|msc|mba|eng"
)
_FORMS_OF_ADDRESS: Final = (
    "ông|bà|anh|chị|cô|thầy|em|chú|bác|cụ|sư|linh|miss|đồng chí|quý|bscki|bsckii|cki|ckii|phd|"
    "phó|quyền|nguyên|giám|trưởng|chánh|cục|vụ|viện|hiệu|tổng|chủ|bí|kế|chuyên|kỹ|giảng|nhân|cán|"
    "đại|thượng|trung|thiếu|hạ|cvcc|cvc|cv|gvcc|gvc|gv"
)
_FORMULA_SIGNS: Final = ("=", "+", "@", "＝", "＋", "＠")
_JOINING: Final = frozenset({"và", "and", "cùng", "với", "hoặc", "thay", ""})
_TITLE: Final = re.compile(
    rf"(?:(?:{_TITLE_WORDS})(?:\s*:\s*|\s+)|(?:{_SHORT_TITLES})(?:\s*[.:]\s*|\s+|(?=[,/])|$))"
    r"[,/\s]*",
    re.IGNORECASE,
)
_NUMBER_IN_FRONT: Final = re.compile(r"(?:\(?\d{1,4}\s*[.):/\-–]|\d{1,4}\s|[a-zđ]\)|[-–•+*]\s)\s*")
_BRACKETS: Final = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*")
_MARKS: Final = re.compile(r"^[\s*†‡¹²³#]+|[\s*†‡¹²³#.,;:]+$")
_LOST: Final = re.compile("[?\ufffd]")
_BETWEEN_PEOPLE: Final = re.compile(
    r"\s*[,;&/|+\\]\s*|\s+(?:và|and|[-–—])\s+|"
    r"\s+(?-i:cùng|với|hoặc|thay(?: cho| thế)?)\s+(?=\S+\s)",
    re.IGNORECASE,
)
# Two whole names with so little between them that it may belong to one.
_PERHAPS_BETWEEN: Final = re.compile(r"\s*[-–—·\t]\s*| {3,}")
_IN_COMPANY: Final = re.compile(r"[(\[]\s*(?:và|and|cùng|với|&|\+)\s", re.IGNORECASE)
_QUOTES: Final = re.compile('["“”„«»]+')
_IN_APOSTROPHES: Final = re.compile("['‘’](.*)['’]")
# What stands for somebody who is yet to be named.
NOBODY: Final = frozenset({
    "x", "không", "không có", "chưa có", "chưa cử", "chưa cử người", "còn trống", "trống", "khuyết",
    "bổ sung sau", "sẽ bổ sung", "sẽ bổ sung sau", "đang bổ sung", "nt", "như trên", "tba", "tbd",
    "n/a", "none", "vacant",
})  # fmt: skip
# A post behind a name, in small letters: “Phó phòng”, but not Phó Đức Phương.
_POST_BESIDE: Final = re.compile(
    r"(?:phó|p\.) ?(?:phòng|giám|chủ|vụ|cục|trưởng|ban|chánh|bí|viện|hiệu|trạm|đội|tổng|văn phòng)|"
    r"(?:trưởng|chuyên viên|cán bộ|nhân viên|giám đốc|kế toán|chánh|chủ tịch|bí thư|thư ký|văn thư|"
    r"quyền|nguyên|công chức|viên chức|(?:đại|thượng|trung|thiếu) (?:tướng|tá|úy|uý)) ?\b"
)
_LONGEST_CELL: Final = 400  # characters; what is taken off is taken off one by one
_MOST_IN_REST: Final = 3  # words
_UNTOLD: Final = " .,;:"
FIRST_WORDS: Final = frozenset(
    word
    for title in f"{_TITLE_WORDS}|{_SHORT_TITLES}|{_FORMS_OF_ADDRESS}".split("|")
    for word in title.split()[:1]
)


class CellNameError(DomainError):
    """A cell that does not hold one name."""


@dataclass(frozen=True, slots=True)
class NameInCell:
    """A name, and what was taken off."""

    name: str
    taken_off: str = ""


def plain_name(written: str) -> str:
    """The name in a cell that needs no message; DomainError for any other."""
    found = name_in(written)
    if found.taken_off:
        raise CellNameError("title_in_name", _("There is a title next to the name."))
    return found.name


def name_in(written: str) -> NameInCell:
    """The one name in a cell.

    Raises DomainError: those of ``parse_name``, ``two_people``, ``letters_lost``.
    """
    if tidy(written).casefold() in NOBODY:
        raise CellNameError("name_missing", _("The name is missing; enter the full name."))
    is_as_it_stands = _is_plain(written) or written.lstrip().startswith(_FORMULA_SIGNS)
    if is_as_it_stands or len(written) > _LONGEST_CELL:
        return NameInCell(parse_name(written))
    if _LOST.search(written) and any(map(str.isalpha, written)):
        text = _("Characters of the name were lost and became question marks; type the name again.")
        raise CellNameError("letters_lost", text)
    _refuse_two_names(written)
    name = _without_marks(_without_quotes(_in_one_line(written)))
    parts = [part for part in map(_without_marks, _BETWEEN_PEOPLE.split(name)) if part]
    read = parse_name(_only_name(parts) if parts else name)
    return NameInCell(read, _around(read, written))


def _without_quotes(text: str) -> str:
    text = tidy(_QUOTES.sub("", text))
    between = _IN_APOSTROPHES.fullmatch(text)
    return between[1] if between else text


def _around(name: str, written: str) -> str:
    """What was taken off; of what stood within the name only the quotation marks."""
    text = tidy(written)
    if name in text:
        around = " ".join(text.replace(name, " ", 1).split())
        return around if around.strip(_UNTOLD) else ""
    return " ".join(_QUOTES.findall(text))


def _refuse_two_names(written: str) -> None:
    names = [part for part in map(tidy, _PERHAPS_BETWEEN.split(written.strip())) if part]
    is_each_whole = all(
        " " in name and _begins_as_name(name) and not _is_post(name) for name in names
    )
    if (len(names) > 1 and is_each_whole) or _IN_COMPANY.search(written):
        raise _two_people()


def _is_plain(written: str) -> bool:
    """Whether the cell has nothing but a name. Called for every row, so without patterns."""
    words = written.casefold().split(" ")
    return (
        written.replace(" ", "").isalpha()
        and words[0] not in FIRST_WORDS
        and _JOINING.isdisjoint(words)
    )


def _in_one_line(written: str) -> str:
    lines = [line for line in map(_without_marks, map(tidy, written.splitlines())) if line]
    if len(lines) < 2:
        return tidy(written)
    names = [line for line in lines if not (_is_post(line) or is_personal(line))]
    is_repeated = len({search_key(name) for name in names}) == 1 and len(set(names)) > 1
    if len(names) == 1 or is_repeated:
        return names[0]  # its other lines say a post, or the same without accents
    if all(" " in name and _begins_as_name(name) for name in names):
        raise _two_people()
    return " ".join(names)


def _without_marks(text: str) -> str:
    text = tidy(text)
    while True:
        number = _NUMBER_IN_FRONT.match(text)
        shorter = text[number.end() :] if number else text
        shorter = _MARKS.sub("", _BRACKETS.sub(" ", shorter))
        if title := _TITLE.match(shorter):
            shorter = shorter[title.end() :]
        elif (before := _ADDRESS.match(shorter) or _POST_BEFORE.match(shorter)) and _begins_as_name(
            shorter[before.end() :]
        ):
            shorter = shorter[before.end() :]
        if shorter == text:
            return text
        text = shorter


def is_rest_of_name(text: str) -> bool:
    words = text.split(" ")
    if len(words) > _MOST_IN_REST or not all(map(str.isalpha, words)) or set_apart_by(text):
        return False
    return len(words) == 1 or (all(w[0].isupper() for w in words) and not _begins_as_name(text))


def _begins_as_name(text: str) -> bool:
    first = text.split(" ", 1)[0].casefold()
    return (
        first in _SURNAMES
        or (first.isascii() and first in _SURNAME_KEYS)
        or bool(_SHORT_FIRST_WORD.fullmatch(first))
    )


def _only_name(parts: list[str]) -> str:
    is_several = len(parts) > 1
    names = [part for part in parts if not (is_several and _is_post(part))]
    if len(names) == 1:
        return names[0]
    raise _two_people()


def _is_post(part: str) -> bool:
    beside = _POST_BESIDE.match(part.casefold())
    return is_post(part) or bool(beside) or bool(set_apart_by(part))


def _two_people() -> DomainError:
    return CellNameError(
        "two_people",
        _("The cell contains more than one name; use one row for each person, with only the name."),
    )
