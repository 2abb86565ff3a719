"""Lines of text, shaped as Pango does by the same HarfBuzz, written as WeasyPrint does."""

import ctypes
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError

# Letters that templates can draw, where the font has them: Vietnamese, those of the languages of
# the Central Highlands, and what stands in titles and addresses.
_VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđčĕĭŏŭñƀ"
_REPERTOIRE = (
    "".join(map(chr, range(32, 127))) + _VIETNAMESE + _VIETNAMESE.upper() + "“”‘’–—…•·°§«»±×½\u00a0"
)
_LIGATURES = (
    "ff", "fi", "fl", "ffi", "ffl", "fb", "fh", "fj", "fk", "ft", "tt", "ct", "st", "Th", "Qu",
    "fì", "fí", "fĩ", "fị", "fỉ",
)  # fmt: skip
_LATIN, _LEFT_TO_RIGHT = 0x4C61746E, 4


@lru_cache(maxsize=1)
def _harfbuzz() -> Any:
    """The library that Pango has loaded anyway: another version might place letters otherwise."""
    library = ctypes.CDLL("libharfbuzz.so.0")
    p, u, i, s = ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_char_p
    for name, result, arguments in (
        ("hb_version_string", s, []), ("hb_blob_create", p, [s, u, i, p, p]),
        ("hb_face_create", p, [p, u]), ("hb_face_get_upem", u, [p]), ("hb_font_create", p, [p]),
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
    return str(_harfbuzz().hb_version_string().decode())


class Face:
    """One font file: widths and letters of the glyphs that templates embed. Not for threads."""

    def __init__(self, data: bytes) -> None:
        hb = _harfbuzz()
        self._data = data  # HarfBuzz reads it as long as the face lives
        self._face = hb.hb_face_create(hb.hb_blob_create(data, len(data), 1, None, None), 0)
        self._buffers: dict[str, Any] = {}
        self._fonts: dict[int, Any] = {}
        self.widths: dict[int, int] = {}
        self.letters: dict[int, str] = {}
        upem = hb.hb_face_get_upem(self._face)
        for text in (*_REPERTOIRE, *_LIGATURES):
            (glyph, *others), (advance, *_), _is_moved = self.shape(text, upem, "vi")
            if glyph and not others:
                self.widths.setdefault(glyph, round(advance * 1000 / upem))
                self.letters.setdefault(glyph, text)
        self.known = frozenset("\u00a0".join(self.letters.values()))

    def shape(self, text: str, scale: int, lang: str) -> tuple[Sequence[int], Sequence[int], bool]:
        """Glyphs, advances in the unit of the scale, and whether any is moved from its place."""
        hb, encoded, length = _harfbuzz(), text.encode(), ctypes.c_uint()
        buffer, font = self._buffer(lang), self._fonts.get(scale)
        if font is None:
            font = self._fonts[scale] = hb.hb_font_create(self._face)
            hb.hb_font_set_scale(font, scale, scale)
        hb.hb_buffer_add_utf8(buffer, encoded, len(encoded), 0, len(encoded))
        hb.hb_shape(font, buffer, None, 0)
        infos = hb.hb_buffer_get_glyph_infos(buffer, ctypes.byref(length))
        positions = hb.hb_buffer_get_glyph_positions(buffer, None)
        # Five numbers for a glyph in both: its own first; advances, offsets and one more.
        count = 5 * length.value
        glyphs = struct.unpack(f"{count}I", ctypes.string_at(infos, 4 * count))[::5]
        placed = struct.unpack(f"{count}i", ctypes.string_at(positions, 4 * count))
        return glyphs, placed[::5], any(placed[2::5]) or any(placed[3::5])

    def _buffer(self, lang: str) -> Any:
        hb = _harfbuzz()
        if lang not in self._buffers:
            buffer = self._buffers[lang] = hb.hb_buffer_create()
            hb.hb_buffer_set_direction(buffer, _LEFT_TO_RIGHT)
            hb.hb_buffer_set_script(buffer, _LATIN)
            hb.hb_buffer_set_language(buffer, hb.hb_language_from_string(lang.encode(), -1))
        hb.hb_buffer_set_length(self._buffers[lang], 0)  # it keeps what it knows of its language
        return self._buffers[lang]


class _Written(dict[tuple[int, int], str]):
    """What stands in the operand of TJ for a glyph and its advance. Error: UnusualError."""

    def __init__(self, face: Face, size: float) -> None:
        self._widths, self._unit = face.widths, 1000 / 1024 / size

    def __missing__(self, key: tuple[int, int]) -> str:
        glyph, advance = key
        if glyph not in self._widths:
            raise UnusualError(Reason.LETTERS)
        # Cut to whole thousandths, as WeasyPrint does.
        kerning = int(self._widths[glyph] - advance * self._unit)
        self[key] = f"{glyph:04x}>{kerning}<" if kerning else f"{glyph:04x}"
        return self[key]


_written = lru_cache(maxsize=200)(_Written)


@lru_cache(maxsize=20_000)
def shaped_line(face: Face, text: str, size: float, lang: str) -> tuple[bytes, float]:
    """The operand of TJ, and the width in px. Error: UnusualError."""
    glyphs, advances, is_moved = face.shape(text, round(size * 1024), lang)
    if is_moved or not face.known.issuperset(text):
        raise UnusualError(Reason.LETTERS)
    written = _written(face, size)
    out = "".join([written[key] for key in zip(glyphs, advances, strict=True)])
    return f"<{out}>".replace("<>", "").encode(), sum(advances) / 1024
