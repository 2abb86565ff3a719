"""Vietnamese text in broken encodings: VNI and TCVN3 fonts, UTF-8 taken for Windows-1252.

Old fonts drew Vietnamese over the places of Western letters, so ``Nguyeãn Vaên Bình`` (VNI) and
``NguyÔn V¨n B×nh`` (TCVN3, .VnTime) are what such a cell really holds. A letter alone is
no evidence, since ``Loïc`` and ``José`` are names too. A text is called broken only if reading it
with the old table turns *every* word into a well-formed Vietnamese syllable, and it was not one
before.
"""

import re
import unicodedata

from common.vietnamese import nfc

MOJIBAKE, VNI, TCVN3 = "mojibake", "vni", "tcvn3"

_TONES = {"\u0300": "f", "\u0309": "h", "\u0303": "t", "\u0301": "s", "\u0323": "n"}

# VNI writes a base letter and then a letter that is drawn as its accent.
_VNI_ACCENTS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323", "â": "\u0302",
    "à": "\u0302\u0300", "á": "\u0302\u0301", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "è": "\u0306\u0300", "é": "\u0306\u0301",
    "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_PAIR = re.compile("([aeouyôö])([øùûõïâàáåãäêèéúüë])")
_VNI_UNIT = re.compile(f"{_VNI_PAIR.pattern}|[ôöñæóòî]")
# Pairs that also stand in Western names (Loïc, Gaël, Raúl, Beáta, João) and prove nothing alone.
_WESTERN_PAIR = re.compile("[aeouy][ïëü]|a[úé]|e[áäà]|o[áàãäéè]|u[áàãéèêâ]|yê")

# TCVN3 gives each letter one place of Windows-1252.
_TCVN3_LETTERS = dict(zip(
    "¡¢£¤¥¦§µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ",
    "ăâêôơưđàảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ",
    strict=True,
))  # fmt: skip
_TCVN3_SYMBOL = re.compile("[¡-§¨©ª«¬®µ¶·¸¹»¼½¾×\u00ad÷]")

_MODERN = re.compile("[ăđĩũơư\u1ea0-\u1ef9\u0300-\u036f]", re.IGNORECASE)
_UTF8_AS_LATIN = re.compile("á[º»][^ ]|Ä[\u0090\u0091‘’ƒ‚]|Æ[°¡¯]|Ã[\u00a0-\u00bf]|Å[¨©]")
# Between capitals it parts two words ("LÊ", "H'HEN"), though "Ê" with it is also UTF-8 of a letter.
_NO_BREAK_SPACE = re.compile("(?<=[A-ZÀ-Þ])\u00a0(?=[A-ZÀ-Þ])")
_LOST_LETTER = re.compile(r"\ufffd|\w\?\w")

_ONSET = "(?:ngh?|gi?|gh|[cknt]h|ph|qu|tr|[bcdđhklmnprstvx])?"
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong oong op ot
oăc oăm oăn oăng oăt ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uc ui um un ung up ut uy uya uych uyn uynh uyt uyu uyên uyêt uân uâng uât uây uê uêch uênh
uôc uôi uôm uôn uông uôt uơ ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
y yêm yên yêng yêt yêu ych ynh yt
"""
_SYLLABLE = re.compile(f"{_ONSET}(?:{'|'.join(sorted(_RHYMES.split(), key=len, reverse=True))})")
_INITIAL = re.compile(r"[a-zđ]\.?")
_STOPPED = re.compile("(?:c|ch|p|t)$")
# Family names whose letters an old font would break: they settle a text with a single mark.
_SURNAMES = """
nguyễn trần lê phạm hoàng huỳnh vũ võ đặng bùi đỗ hồ ngô dương lý đoàn đào đàm trịnh trương lương
phùng tô tạ hà châu quách diệp lại lữ lưu mã mạc nghiêm ông thái tăng từ tống triệu trình vương
viên cù đậu đồng giáp hứa khổng kiều lã lục mẫn nhữ thạch thiều tôn ứng
"""


def legacy_encoding(text: str) -> str | None:
    """``"mojibake"``, ``"vni"``, ``"tcvn3"``, or None for a text in good order.

    Give the text as it was read: tidying removes characters that are evidence. Meant for names and
    short phrases; a foreign name is never taken for a broken Vietnamese one.
    """
    text = nfc(text).strip(" \t\r\n")  # a no-break space may be half a letter
    text = _NO_BREAK_SPACE.sub(" ", text)
    if text.isascii() and "?" not in text:
        return None
    if _LOST_LETTER.search(text):
        return MOJIBAKE
    if _MODERN.search(text):
        return None
    if _is_mojibake(text):
        return MOJIBAKE
    if _all_syllables(text.lower()):
        return None
    if _speaks_vietnamese(_from_vni(text), _vni_evidence(text)):
        return VNI
    if _speaks_vietnamese(_from_tcvn3(text), _tcvn3_evidence(text)):
        return TCVN3
    return None


def _is_mojibake(text: str) -> bool:
    if _UTF8_AS_LATIN.search(text):
        return True
    for encoding in ("cp1252", "latin-1"):
        try:
            # Western letters that happen to be valid UTF-8 were UTF-8 once.
            return text.encode(encoding).decode() != text
        except UnicodeError:
            continue
    return False


def _speaks_vietnamese(decoded: str, evidence: int) -> bool:
    """Whether the decoded text is Vietnamese throughout, on enough evidence (2, or a surname).

    Letters that stand alone are initials, as in ``Lê Thị B``.
    """
    words = " ".join(word for word in decoded.split() if not _INITIAL.fullmatch(word))
    if evidence == 0 or not words or not _all_syllables(words):
        return False
    return evidence > 1 or decoded.split(maxsplit=1)[0] in _SURNAMES.split()


def _vni_evidence(text: str) -> int:
    units = [unit[0] for unit in _VNI_UNIT.finditer(text.lower())]
    proofs = [unit for unit in units if len(unit) > 1 and not _WESTERN_PAIR.fullmatch(unit)]
    return len(units) + len(proofs)


def _from_vni(text: str) -> str:
    def read(unit: re.Match[str]) -> str:
        letter = unit[1] or unit[0]
        return nfc(_VNI_LETTERS.get(letter, letter) + _VNI_ACCENTS.get(unit[2], ""))

    return _VNI_UNIT.sub(read, text.lower())


def _tcvn3_evidence(text: str) -> int:
    inner_capitals = re.findall(r"(?<=[a-zà-ÿ])[À-ÖØ-Þ]", text)
    others = sum(letter in _TCVN3_LETTERS for letter in text)
    return 2 * (len(_TCVN3_SYMBOL.findall(text)) + len(inner_capitals)) + others


def _from_tcvn3(text: str) -> str:
    # Capitals with a tone are small letters in the font of capitals, hence lower() comes last.
    return "".join(_TCVN3_LETTERS.get(letter, letter) for letter in text).lower()


def _all_syllables(text: str) -> bool:
    words = re.split(r"[\s\-.,()/]+", text.strip())
    return all(_is_syllable(word) for word in words if word)


def _is_syllable(word: str) -> bool:
    """For a lower-case NFC word; the tone must fit too."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = [_TONES[c] for c in decomposed if c in _TONES]
    toneless = nfc("".join(c for c in decomposed if c not in _TONES))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(toneless):
        return False
    return not _STOPPED.search(toneless) or tones in (["s"], ["n"])
