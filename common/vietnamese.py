"""Vietnamese text: tidy, sort, search, match.

The order of the alphabet and of the tones (ngang, huyền, hỏi, ngã, sắc, nặng) equals ICU's ``vi``
collation. Keys are stored in columns, since SQLite folds neither Đ nor
accents and a collation written in Python is hundreds of times slower than an index.

Every key is made of ``0-9 a-z`` (and, in search and match keys, letters that are no Vietnamese
ones). No control character separates the parts of a sort key: PostgreSQL refuses NUL and most
locales ignore the rest, while digits before small letters is an order that SQLite's BINARY,
PostgreSQL's "C" and every other collation agree on.
"""

import re
import unicodedata
from functools import lru_cache

# What ``name_sort_key`` and ``match_key`` never exceed.
SORT_KEY_LENGTH = 250
MATCH_KEY_LENGTH = 120

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_VOWELS = frozenset("aeiouy")
# Letters that Vietnamese tells apart but Unicode composes: a ă â, d đ, e ê, o ô ơ, u ư.
_VARIANTS = {
    "a": "a0", "ă": "a1", "â": "a2",
    "d": "d0", "đ": "d1",
    "e": "e0", "ê": "e1",
    "o": "o0", "ô": "o1", "ơ": "o2",
    "u": "u0", "ư": "u1",
    "z": "z0",
}  # fmt: skip
_OTHER_LETTER = "z1"  # letters of other scripts stand behind the whole alphabet
_LEVEL_END, _SPACE, _MARK, _DIGIT = "0", "1", "2", "3"  # below every letter, in this order

# Look-alikes that keyboards and converters leave behind, as small letters: apostrophes, and the
# Icelandic ð, whose capital Ð looks like Đ.
_LOOK_ALIKES = {**dict.fromkeys(map(ord, "’‘ʼʻ`´′"), "'"), ord("ð"): "đ"}
# What no reader sees although Python calls it printable: the grapheme joiner, Hangul fillers,
# Khmer's unwritten vowels, Mongolian and other variation selectors, the empty Braille cell. The
# rest that cannot be seen is not printable: control and format characters (zero-width, directions,
# tags, soft hyphen), private and unassigned code points, halves of surrogates.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164"
    "\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Control characters but white space, and what stands for no character at all.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Lý and Lí, Quý and Quí are one name in two spellings; Thúy and Thúi are not.
_FINAL_Y = re.compile(r"\b([bcdđghklmnprstvx]+|qu)y\b")


def nfc(text: str) -> str:
    """The text in NFC, the one form that is stored: macOS and PDF deliver NFD."""
    return unicodedata.normalize("NFC", text)


def tidy(text: str) -> str:
    """NFC without characters that cannot be seen, blanks folded and stripped; never re-cased."""
    if (
        # Nearly all texts are tidy already; checked without a loop over the letters.
        (text.isprintable() and "  " not in text)
        and not (text.startswith(" ") or text.endswith(" "))
        and (text.isascii() or not _INVISIBLE.search(text))
    ):
        return nfc(text)
    visible = "".join([c for c in text if c.isprintable() or c.isspace()])
    return nfc(" ".join(_INVISIBLE.sub("", visible).split()))


def has_control_characters(text: str) -> bool:
    return not text.isprintable() and _CONTROL.search(text) is not None


def sort_key(text: str) -> str:
    """The key by which the whole text sorts in the Vietnamese alphabet: letters, then tones."""
    words = [_weighed(word) for word in _plain(text).split(" ")]
    letters = _SPACE.join([letters for letters, _tones in words])
    return letters + _LEVEL_END + "".join([tones for _letters, tones in words])


def name_sort_key(full_name: str) -> str:
    """The key by which rosters sort: given name (last word) first, then the rest.

    At most ``SORT_KEY_LENGTH`` characters.
    """
    family, _, given = tidy(full_name).rpartition(" ")
    return (sort_key(given) + _LEVEL_END + sort_key(family))[:SORT_KEY_LENGTH]


def search_key(text: str) -> str:
    """What a search compares: without case, accents, tones, đ, and i and y as one.

    A query goes through the same function.
    """
    return " ".join(
        # What is no word of a language is not worth remembering.
        [_bare(w) if len(w) < 50 else _bare.__wrapped__(w) for w in _plain(text).split(" ")]
    )


def folded_words(search: str) -> str:
    """The words of a search key in alphabetical order: two names spelled and ordered anyhow."""
    return " ".join(sorted(search.split()))


def match_key(full_name: str) -> str:
    """What two spellings of one name share: Hòa and Hoà, Thủy and Thuỷ, Lý and Lí, HÀ and hà.

    Tones and letters still count: Hoa is not Hòa, Vân is not Văn. At most ``MATCH_KEY_LENGTH``
    characters.
    """
    words = [_toned_last(word) for word in _plain(full_name).split()]
    return " ".join(words)[:MATCH_KEY_LENGTH]


def _plain(text: str) -> str:
    return tidy(text).lower().translate(_LOOK_ALIKES)


@lru_cache(maxsize=8192)  # names are made of few words
def _bare(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return _FINAL_Y.sub(r"\1i", bare.replace("đ", "d"))


@lru_cache(maxsize=8192)
def _weighed(word: str) -> tuple[str, str]:
    weights = [_weight(letter) for letter in word]
    return "".join([letters for letters, _t in weights]), "".join([t for _letters, t in weights])


@lru_cache(maxsize=8192)
def _toned_last(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(_TONES[c] for c in decomposed if c in _TONES)
    toneless = nfc("".join(c for c in decomposed if c not in _TONES))
    return _FINAL_Y.sub(r"\1i", toneless) + tones


@lru_cache(maxsize=4096)
def _weight(letter: str) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFD", letter)
    base = nfc("".join(c for c in decomposed if c not in _TONES))
    if base not in _VARIANTS:
        base = decomposed[0]  # ö sorts as o: what is no letter of the alphabet is its plain form
    if base in _VARIANTS or "a" <= base <= "z":
        tone = next((_TONES[c] for c in decomposed if c in _TONES), "0")
        return _VARIANTS.get(base, base), tone if decomposed[0] in _VOWELS else ""
    if base == " ":
        return _SPACE, ""
    if base.isascii() and base.isdigit():
        return _DIGIT + base, ""
    return f"{_OTHER_LETTER if base.isalpha() else _MARK}{ord(base):06x}", ""
