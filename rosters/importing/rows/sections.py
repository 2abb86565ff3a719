"""Section headings within a list: a unit, or people who are set apart."""

import re
from typing import Final, Literal, TypeAlias

from common.vietnamese import search_key, tidy

SetApart: TypeAlias = Literal["", "reserve", "withdrawn"]
# How the names of units begin, with their tones: Vụ is a department and Vũ somebody's family name.
_UNIT: Final = re.compile(
    r"(?:ban|bảo hiểm|bảo tàng|bệnh viện|bộ|báo|bưu điện|chi (?:cục|nhánh)|cơ quan|công an|"
    r"công đoàn|công ty|cục|đài|đại học|đảng (?:ủy|uỷ|bộ)|đoàn|đơn vị|hạt|hội|học viện|hđnd|huyện|"
    r"kho bạc|khoa|kiểm toán|liên (?:đoàn|hiệp|minh)|mặt trận|mttq|ngân hàng|"
    r"nhà (?:xuất bản|máy|hát|khách|văn hóa|văn hoá)|phân hiệu|phòng|phường|quận|"
    r"quỹ|sở|tạp chí|tập đoàn|thành (?:phố|ủy|uỷ)|"
    r"thanh tra|thị (?:xã|trấn|ủy|uỷ)|thông tấn xã|thư viện|tỉnh|tòa án|toà án|tổ|"
    r"tổng (?:cục|công ty)|trạm|trung tâm|trường|ubnd|ubmttq|ủy ban|uỷ ban|văn phòng|viện|vụ|xã|"
    r"xí nghiệp|department|division|ministry|institute|university|office of|bureau|agency|"
    r"committee|centre|center)\b",
)
_PART: Final = re.compile(
    r"(?:danh sach|khoi|nhom|lanh dao|chuyen vien|cac |phan|dai bieu|hoc vien|can bo|cong chuc|"
    r"vien chuc|nhan vien|giang vien|du bi|du phong|thay the|bo sung|xin rut|list|group|reserve|"
    r"withdrawn|part )"
)
_COUNT: Final = re.compile(
    r"[\s:(–-]*\b\d{1,4}\s*(?:người|đồng chí|đ/c|học viên|cán bộ|công chức|people|persons?)"
    r"\s*\)?\s*$",
    re.IGNORECASE,
)
_NUMBERING: Final = re.compile(r"(?:[IVXLC]+|[A-ZĐ]|\d{1,2})\s*[.):\-–]\s*|[IVXLC]+\s+(?=\S)")
# Cục Y tế dự phòng prevents diseases, and holds nobody in reserve.
_RESERVE: Final = re.compile(
    r"\b(?:du (?:bi|khuyet)|(?<!y te )du phong|thay the khi|danh sach cho\b(?! vay)|dang cho|"
    r"wait(?:ing)?[- ]?list(?:ed)?|reserves?|stand-?by|alternates?|substitutes?)\b"
)
_WITHDRAWN: Final = re.compile(
    r"\b(?:xin (?:rut|nghi|hoan|vang|thoi|khong|huy)|rut (?:ten|khoi|ho so)|da rut|"
    r"khong (?:tham (?:gia|du)|di (?:hoc|duoc)|du duoc|theo hoc|hoc duoc)|hoan (?:hoc|lai|sang)|"
    r"da (?:nghi (?:huu|viec|hoc)|thoi (?:hoc|viec)|chuyen cong tac)|bi loai|danh sach loai|"
    r"vang (?:mat|co|khong|hoc)|huy (?:dang ki|ten|bo)|withdrawn|withdraws?|cancell?ed|declined|"
    r"not attending|absent)\b|^(?:rut|hoan|huy|vang|nghi)$"
)


def heading_text(text: str) -> str:
    """The heading without numbers: “II. Vụ Pháp chế (02 người)” names the department."""
    text = tidy(text)
    number = _NUMBERING.match(text)
    return _COUNT.sub("", text[number.end() :] if number else text)


def is_unit(text: str) -> bool:
    return bool(_UNIT.match(heading_text(text).casefold()))


def heads_a_part(text: str) -> bool:
    heading = heading_text(text)
    is_part = bool(_PART.match(search_key(heading)))
    return is_part or is_unit(text) or bool(set_apart_by(heading))


def set_apart_by(text: str) -> SetApart:
    key = search_key(text)
    if _WITHDRAWN.search(key):
        return "withdrawn"
    return "reserve" if _RESERVE.search(key) else ""
