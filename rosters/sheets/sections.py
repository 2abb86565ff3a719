"""Headings within a list: the unit of the people below, or that these are set apart."""

import re
from typing import Final, Literal, TypeAlias

from common.vietnamese import search_key, tidy

SetApart: TypeAlias = Literal["", "reserve", "withdrawn"]
# How the names of units begin, with their tones: Vụ is a department and Vũ somebody's family name.
_UNIT: Final = re.compile(
    r"(?:ban|bảo hiểm|bệnh viện|bộ|báo|chi cục|cơ quan|công an|công đoàn|công ty|cục|đài|đại học|"
    r"đoàn|đơn vị|hạt|hội|học viện|huyện|kho bạc|khoa|kiểm toán|ngân hàng|nhà xuất bản|phân hiệu|"
    r"phòng|sở|tạp chí|tập đoàn|thành phố|thanh tra|tỉnh|tòa án|toà án|tổ|tổng (?:cục|công ty)|"
    r"trung tâm|trường|ủy ban|uỷ ban|văn phòng|viện|vụ|xã|xí nghiệp)\b",
)
_PART: Final = re.compile(
    r"(?:danh sach|khoi|nhom|lanh dao|chuyen vien|cac |phan|dai bieu|hoc vien|can bo|cong chuc|"
    r"vien chuc|nhan vien|giang vien|du bi|du phong|thay the|bo sung|xin rut|list|group|reserve|"
    r"withdrawn|part )"
)
_NUMBERING: Final = re.compile(r"(?:[IVXLC]+|[A-ZĐ]|\d{1,2})\s*[.):\-–]\s*|[IVXLC]+\s+(?=\S)")
_RESERVE: Final = re.compile(r"\b(?:du (?:bi|phong|khuyet)|thay the khi|reserves?|stand-?by)\b")
_WITHDRAWN: Final = re.compile(
    r"\b(?:xin rut|rut (?:ten|khoi|ho so)|xin (?:nghi|hoan|vang)|khong tham (?:gia|du)|da rut|"
    r"withdrawn|withdraws?|cancelled)\b"
)


def heading_text(text: str) -> str:
    """The words of a heading behind its number: of “II. Vụ Pháp chế” the department."""
    text = tidy(text)
    number = _NUMBERING.match(text)
    return text[number.end() :] if number else text


def is_unit(text: str) -> bool:
    """Whether a heading names a unit."""
    return bool(_UNIT.match(heading_text(text).casefold()))


def heads_a_part(text: str) -> bool:
    """Whether a text in the column of names is no name: it heads those who follow."""
    return is_unit(text) or bool(_PART.match(search_key(heading_text(text))))


def set_apart_by(text: str) -> SetApart:
    """Whether a heading, or a note, sets people apart from those who are nominated."""
    key = search_key(text)
    if _WITHDRAWN.search(key):
        return "withdrawn"
    return "reserve" if _RESERVE.search(key) else ""
