"""Lines of text, shaped as Pango does by the same HarfBuzz, written as WeasyPrint does."""

import ctypes
import struct
from functools import lru_cache
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError

# Letters that templates can draw, where the font has them: Vietnamese, those of the languages of
# the Central Highlands, and what stands in titles and addresses.
_VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđčĕĭŏŭñƀ"
_REPERTOIRE = (
    "".join(map(chr, range(32, 127))) + _VIETNAMESE + _VIETNAMESE.upper() + "“”‘’–—…•·°§«»±×½\u00a0"
)
_LIGATURES = [
    "ff",
    "fi",
    "fl",
    "ffi",
    "ffl",
    "fb",
    "fh",
    "fj",
    "fk",
    "ft",
    "tt",
    "ct",
    "st",
    "Th",
    "Qu",
    "fì",
    "fí",
    "fĩ",
    "fị",
    "fỉ",
]
_LATIN, _LEFT_TO_RIGHT = 0x4C61746E, 4
_GLYPH, _PLACE = struct.Struct("<IIIII"), struct.Struct("<iiiiI")
_MOST_LINES = 20_000


@lru_cache(maxsize=1)
def _harfbuzz() -> Any:
    """The library that Pango has loaded anyway: another version might place letters otherwise."""
    library = ctypes.CDLL("libharfbuzz.so.0")
    p, u, i, s = ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_char_p
    for name, result, arguments in (
        ("hb_blob_create", p, [s, u, i, p, p]), ("hb_face_create", p, [p, u]),
        ("hb_face_get_upem", u, [p]), ("hb_font_create", p, [p]),
        ("hb_font_set_scale", None, [p, i, i]), ("hb_buffer_create", p, []),
        ("hb_buffer_set_length", i, [p, u]), ("hb_buffer_add_utf8", None, [p, s, i, u, i]),
        ("hb_buffer_set_direction", None, [p, i]), ("hb_buffer_set_script", None, [p, u]),
        ("hb_buffer_set_language", None, [p, p]), ("hb_language_from_string", p, [s, i]),
        ("hb_shape", None, [p, p, p, u]), ("hb_buffer_get_glyph_infos", p, [p, p]),
        ("hb_buffer_get_glyph_positions", p, [p, p]),
    ):  # fmt: skip
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def harfbuzz_version() -> str:
    version = _harfbuzz().hb_version_string
    version.restype = ctypes.c_char_p
    return str(version().decode())


class Face:
    """One font file: widths, the glyphs that templates embed, and shaped lines. Not for threads."""

    def __init__(self, data: bytes) -> None:
        self._hb = hb = _harfbuzz()
        self._data = data  # HarfBuzz reads it as long as the face lives
        self._face = hb.hb_face_create(hb.hb_blob_create(data, len(data), 1, None, None), 0)
        self._fonts: dict[int, Any] = {}
        self._buffers: dict[str, Any] = {}
        self._lines: dict[tuple[str, float, str], tuple[bytes, float]] = {}
        self.widths: dict[int, int] = {}
        self.letters: dict[int, str] = {}
        upem = hb.hb_face_get_upem(self._face)
        for text in (*_REPERTOIRE, *_LIGATURES):
            shaped = self._shape(text, upem, "vi")
            if len(shaped) == 1 and shaped[0][0]:
                glyph, advance, *_offsets = shaped[0]
                self.widths.setdefault(glyph, round(advance * 1000 / upem))
                self.letters.setdefault(glyph, text)
        self._known = frozenset(text for text in self.letters.values() if len(text) == 1)
        self._known |= {"\u00a0"}

    def line(self, text: str, size: float, lang: str) -> tuple[bytes, float]:
        """The operand of TJ, and the width in px. Error: UnusualError."""
        key = (text, size, lang)
        found = self._lines.get(key)
        if found is None:
            if len(self._lines) >= _MOST_LINES:
                self._lines.clear()
            found = self._lines[key] = self._line(text, size, lang)
        return found

    def _line(self, text: str, size: float, lang: str) -> tuple[bytes, float]:
        if not self._known.issuperset(text):
            raise UnusualError(Reason.LETTERS)
        out, total, unit = [], 0, 1000 / 1024 / size
        for glyph, advance, x, y in self._shape(text, round(size * 1024), lang):
            if x or y or glyph not in self.widths:
                raise UnusualError(Reason.LETTERS)
            total += advance
            # Cut to whole thousandths, as WeasyPrint does.
            kerning = int(self.widths[glyph] - advance * unit)
            out.append(f"{glyph:04x}>{kerning}<" if kerning else f"{glyph:04x}")
        return f"<{''.join(out)}>".replace("<>", "").encode(), total / 1024

    def _shape(self, text: str, scale: int, lang: str) -> list[tuple[int, int, int, int]]:
        # Glyph, advance and offsets, in the unit of the scale.
        hb, encoded, length = self._hb, text.encode(), ctypes.c_uint()
        font = self._fonts.get(scale)
        if font is None:
            font = self._fonts[scale] = hb.hb_font_create(self._face)
            hb.hb_font_set_scale(font, scale, scale)
        buffer = self._buffers.get(lang)
        if buffer is None:
            buffer = self._buffers[lang] = hb.hb_buffer_create()
            hb.hb_buffer_set_direction(buffer, _LEFT_TO_RIGHT)
            hb.hb_buffer_set_script(buffer, _LATIN)
            hb.hb_buffer_set_language(buffer, hb.hb_language_from_string(lang.encode(), -1))
        hb.hb_buffer_set_length(buffer, 0)  # it keeps what it knows of its language
        hb.hb_buffer_add_utf8(buffer, encoded, len(encoded), 0, len(encoded))
        hb.hb_shape(font, buffer, None, 0)
        infos = hb.hb_buffer_get_glyph_infos(buffer, ctypes.byref(length))
        size = length.value * _GLYPH.size
        glyphs = ctypes.string_at(infos, size)
        positions = ctypes.string_at(hb.hb_buffer_get_glyph_positions(buffer, None), size)
        pairs = zip(_GLYPH.iter_unpack(glyphs), _PLACE.iter_unpack(positions), strict=True)
        return [(glyph[0], place[0], place[2], place[3]) for glyph, place in pairs]
