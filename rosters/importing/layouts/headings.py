"""What the headings of rosters mean, in the words that offices use.

Compared without case, accents, signs and brackets. Fillers such as “hiện nay” or “of the trainee”
are dropped; a heading in several words, or in two languages, is known if all its parts mean the
same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from common.vietnamese import search_key, tidy
from rosters.fields import FIELD, FIELDS

# Words around headings that do not change their meaning.
_FILLERS: Final = (
    "hiện nay, hiện tại, đang giữ, đang đảm nhiệm, của học viên, của cán bộ, của công chức, "
    "của viên chức, của người được cử, của người tham dự, của người tham gia, của người đăng ký, "
    "học viên, cán bộ, công chức, viên chức, CBCC, CBCCVC, CBCNV, người lao động, đi bồi dưỡng, "
    "đi học, người được cử, người tham dự, người tham gia, người đăng ký, cá nhân, công vụ, "
    "liên hệ, liên lạc, bắt buộc, nếu có, viết chữ in hoa, chữ in hoa, in hoa, viết hoa, ghi rõ, "
    "theo CCCD, trên CCCD, dd mm yyyy, current, present, of the trainee, of trainee, "
    "of the participant, of participant, of the nominee, of nominee, trainee s, participant s, "
    "nominee s, trainee, participant, nominee, in capital letters, in capitals, official, "
    "required, optional, if any, "
    "của anh chị, của anh chị em, của anh, của chị, của bạn, của ông bà, của quý vị, của đồng chí, "
    "của thầy cô, của mình, của tôi, anh chị đang công tác, ông bà đang công tác, "
    "bạn đang công tác, quý vị đang công tác, đồng chí đang công tác, đang công tác, "
    "nơi anh chị công tác, anh chị, ông bà, quý vị, nhận thông báo, nhận thông tin, nhận tài liệu, "
    "nhận giấy chứng nhận, để liên hệ, dùng để liên hệ, thường dùng, cá nhân hoặc công vụ, "
    "vui lòng nhập, vui lòng điền, vui lòng ghi, vui lòng cho biết, xin cho biết, xin vui lòng, "
    "vui lòng, hãy nhập, mời nhập, nhập, có dấu, viết có dấu, đầy đủ có dấu, "
    "của bạn là gì, của anh chị là gì, của anh là gì, là gì, nào, bạn là, anh chị là, hay, "
    "bạn đang công tác tại, anh chị đang công tác tại, đang công tác tại, công tác tại, tại, "
    "xin anh chị cho biết, xin anh cho biết, của anh chị hiện nay, anh, "
    "what is your, what s your, what is, please provide, please provide your, enter your, "
    "your, of yours, please enter, please write, please give, please"
)

# A birth in three columns: what stands below its heading, or alone as “Ngày sinh | Tháng sinh | Năm
# sinh”. With their tones: “Nam” is a sex.
_PARTS_OF_BIRTH: Final = {
    "ngày": "birth_day", "tháng": "birth_month", "năm": "birth_year",
    "thang": "birth_month", "day": "birth_day", "month": "birth_month", "year": "birth_year",
    "ngày sinh": "birth_day", "tháng sinh": "birth_month", "năm sinh": "birth_year",
    "day of birth": "birth_day", "month of birth": "birth_month", "year of birth": "birth_year",
    "birth day": "birth_day", "birth month": "birth_month", "birth year": "birth_year",
}  # fmt: skip
_DIGITS_OF_A_PERSON: Final = 6  # as many as a telephone or a personal number has at least

_SEXES: Final = {
    "nam": "birth_male",
    "male": "birth_male",
    "men": "birth_male",
    "nữ": "birth_female",
    "nu": "birth_female",
    "female": "birth_female",
    "women": "birth_female",
}
_MARKED_BY: Final = frozenset({"x", "v", "là"})  # “Nữ (đánh dấu x)”, “Là nữ”
# What is longer is a note or meant to keep us busy: a cell may hold 32,767 characters.
_LONGEST: Final = 120
_MOST_WORDS: Final = 24  # of one heading in two languages
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_QUESTION = re.compile(r"(?:cau |question )?\d{1,2} (?=[a-z])")
_SIGNS = re.compile(r"[\W_]+")
_BETWEEN = re.compile(r"[/,;|\\]|\s(?:[-–—]|hoặc|or)\s", re.IGNORECASE)


def heading_key(text: str) -> str:
    """The form in which headings are compared; of a long text only its beginning."""
    text = text[:_LONGEST]
    key = search_key(_BRACKETS.sub(" ", text))
    return _SIGNS.sub(" ", key).strip() or _SIGNS.sub(" ", search_key(text)).strip()


def as_heading(text: str) -> str:
    text = text.replace("\0", " ")
    return text if len(text) <= 2 * _LONGEST else f"{text[:_LONGEST].rstrip()}…"


def field_of(text: str) -> str | None:
    """The field of a heading; ``top\0bottom`` is a heading of two rows.

    A text too long for a heading has none; of two rows that are too long together, the lower one
    counts.
    """
    top, _sign, bottom = text.partition("\0")
    if len(bottom) > _LONGEST:
        return None
    return _field_of(top if len(text) <= _LONGEST else "", bottom)


@lru_cache(maxsize=4096)  # each cell is looked up as a heading of one row and of two
def _field_of(top: str, bottom: str) -> str | None:
    if field := _of_one_sex(f"{top} {bottom}"):
        return field
    if not bottom:
        return _meaning(top, allow_beside=True)
    field = _field_of(bottom, "")
    return field if field and _fits(field, top) else _meaning(f"{top} {bottom}")


def _fits(field: str, top: str) -> bool:
    allowed = FIELD[field].only_under
    above = _fields_named(top) if allowed else set()
    return not above or not above.isdisjoint(allowed)


def part_of_birth(text: str) -> str | None:
    """Which part of a birth a heading names: ``birth_day``, ``birth_month``, ``birth_year``."""
    top, _sign, bottom = text.partition("\0")
    if bottom and field_of(top) != "birth":
        return None
    return _PARTS_OF_BIRTH.get(" ".join(_SIGNS.sub(" ", tidy(bottom or top).casefold()).split()))


def is_known(text: str) -> bool:
    return bool(field_of(text) or part_of_birth(text))


def is_personal(text: str) -> bool:
    return "@" in text or sum(map(str.isdigit, text)) >= _DIGITS_OF_A_PERSON


def is_bare_sex(text: str) -> bool:
    """Whether a heading is nothing but a sex; “Nam” may be an unaccented “Năm” (year)."""
    return tidy(text).casefold() in _SEXES


def _of_one_sex(text: str) -> str | None:
    """The column of men or of women: “Ngày sinh Nam”, “Giới tính (Nữ)”, “Nữ”.

    Nam (male) and Năm (year) are equal without accents, so accents count here, and only the first
    or last word: “ngay nam sinh” is a year.
    """
    words = [w for w in _SIGNS.sub(" ", tidy(text).casefold()).split() if w not in _MARKED_BY]
    sexes = [word for word in words if word in _SEXES]
    if len(sexes) != 1 or sexes[0] not in (words[0], words[-1]):
        return None
    words.remove(sexes[0])
    about = _FIELDS.get(heading_key(" ".join(words))) if words else "sex"
    return _SEXES[sexes[0]] if about in ("birth", "sex") else None


def _meaning(text: str, *, allow_beside: bool = False) -> str | None:
    """``allow_beside`` allows what forms ask for in the same cell."""
    key = heading_key(text)
    return (
        _known(key)
        or _agreed(_parts(text), allow_beside=allow_beside)
        or _in_two_languages(key, allow_beside=allow_beside)
    )


def _known(key: str) -> str | None:
    return _FIELDS.get(key) or _FIELDS.get(_without_fillers(key))


def _without_fillers(key: str) -> str:
    return " ".join(_FILLER.sub(" ", _QUESTION.sub("", key)).split())


def _fields_named(text: str) -> set[str]:
    named = {_meaning(text), *map(_known, _parts(text))}
    return {field for field in named if field}


def _parts(text: str) -> list[str]:
    parts = _BETWEEN.split(_BRACKETS.sub(" ", text))
    return [key for part in parts if (key := heading_key(part))]


def _agreed(parts: list[str], *, allow_beside: bool) -> str | None:
    if len(parts) < 2:
        return None
    first = _known(parts[0]) or _PARTS.get(parts[0])
    beside = _BESIDE.get(first or "", frozenset()) if allow_beside else frozenset()
    fields = {_known(part) or _PARTS.get(part) for part in parts[1:] if part not in beside}
    return first if fields <= {first} else None


def _in_two_languages(key: str, *, allow_beside: bool) -> str | None:
    words = key.split()
    if len(words) > _MOST_WORDS:
        return None
    halves = ([" ".join(words[:at]), " ".join(words[at:])] for at in range(1, len(words)))
    found = (_agreed(half, allow_beside=allow_beside) for half in halves)
    return next(filter(None, found), None)


def _keys(headings: str) -> Iterator[str]:
    for heading in headings.split(", "):
        if key := heading_key(heading):
            yield key
            if key.endswith(" number"):
                yield key.removesuffix("number") + "no"


_FIELDS: Final = {key: f.key for f in FIELDS for key in (*_keys(f.vi), *_keys(f.en))}
_PARTS: Final = {key: f.key for f in FIELDS for key in _keys(f.only_beside_heading)}
_BESIDE: Final = {f.key: frozenset(_keys(f.also_in_cell)) for f in FIELDS}
# The longest first: “của học viên” goes as a whole.
_FILLER: Final = re.compile(rf"\b(?:{'|'.join(sorted(_keys(_FILLERS), key=len, reverse=True))})\b")
