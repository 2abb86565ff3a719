"""Recognises totals and signatures below a list, which are not names of people."""

import re
from typing import Final

from common.vietnamese import search_key, tidy

# How totals begin, as search keys.
_TOTAL: Final = re.compile(
    r"tong (?:so|cong)\b|cong(?::|$| \d)|total\b|(?:danh sach|tong)\b.*\b(?:gom|co)\b|an dinh\b|"
    r"(?:ghi chu|luu y|note)\b:"
)
# How the lines of a signature block begin: who signs, how, where and when. What was passed over is
# not gone through again: a cell may have “ngày” and “tháng” thousands of times.
_SIGNATURE: Final = re.compile(
    r"nguoi (?:lap|ki|tong hop|duyet|kiem tra)\b|lap bieu|thu truong (?:don vi|co quan)\b|"
    r"xac nhan|noi nhan|(?:tl|kt|tm|tuq)\.|"
    r"\(?(?:da ki|ki[ ,]+(?:ten|ghi|va|dong))\b|(?>.*?\bngay\b)(?>.*?\bthang\b).*?\bnam\b"
)
# Posts as signature blocks name them. With their tones: Vũ Trường is a name, and a Thứ trưởng on
# the list is no Thủ trưởng below it. “Vụ trưởng và tương đương” heads a part of the list.
_POST: Final = re.compile(
    r"(?:(?:phó|quyền|q\.) ?)*(?:"
    r"(?:bộ|thứ|thủ|vụ|(?:tổng )?cục|viện|hiệu|văn phòng|phòng|ban|đoàn) trưởng|"
    r"trưởng (?:ban|phòng|đoàn|khoa|bộ phận)|(?:tổng )?giám đốc|chủ (?:tịch|nhiệm)|"
    r"chánh (?:văn phòng|thanh tra)|kế toán|đại diện)\b(?! và\b)"
)
_LONGEST_NAME: Final = 7  # words
_WORD_OF_NAME: Final = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]*)*")


def is_footer(text: str) -> bool:
    return bool(_TOTAL.match(search_key(text))) or is_signature(text)


def is_signature(text: str) -> bool:
    return bool(_SIGNATURE.match(search_key(text))) or tidy(text).casefold().startswith(
        "thủ trưởng"
    )


def is_post(text: str) -> bool:
    return bool(_POST.match(tidy(text).casefold()))


def looks_like_name(text: str) -> bool:
    words = tidy(text).split(" ")
    return (
        1 < len(words) <= _LONGEST_NAME
        and all(word[:1].isupper() and _WORD_OF_NAME.fullmatch(word) for word in words)
        and not is_post(text)
    )
