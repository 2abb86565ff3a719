"""QR symbols of one version, level and mask: sums (XOR) of one pattern for each bit of a text."""

import zlib
from functools import lru_cache

from certificates.compiled.reasons import Reason, UnusualError
from certificates.pdf.page import QR_MASK, QR_MODULE

_PIXELS = bytes.maketrans(b"01", b"\xff\x00")


def qr_image(url: str) -> tuple[int, bytes]:
    """Side in pixels, and 1-bit pixels packed with a PNG predictor."""
    side, symbol = _table(len(url)).symbol(url)
    modules = format(symbol, f"0{side * side}b").encode().translate(_PIXELS)
    # A module is a byte of eight pixels: one row of them as it is, seven "like the one above".
    above = (b"\2" + bytes(side)) * (QR_MODULE - 1)
    rows = (modules[at : at + side] for at in range(0, len(modules), side))
    return side * QR_MODULE, zlib.compress(b"".join([b"\0" + row + above for row in rows]), 1)


def _drawn(text: str) -> tuple[int, int]:
    import segno

    # Level and version follow from the length alone, as in ``qr_png``.
    matrix = segno.make_qr(text, error="m", mask=QR_MASK, mode="byte").matrix
    return len(matrix), int("".join("1" if dark else "0" for row in matrix for dark in row), 2)


class _Table:
    """All symbols of texts of one length, by the patterns of single letters."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._side, self._zeros = _drawn("0" * length)
        self._bits: dict[tuple[int, int], int] = {}
        self._letters: dict[tuple[int, str], int] = {}

    def symbol(self, text: str) -> tuple[int, int]:
        symbol, letters = self._zeros, self._letters
        for place in enumerate(text):
            pattern = letters.get(place)
            if pattern is None:
                pattern = letters[place] = self._letter(*place)
            symbol ^= pattern
        return self._side, symbol

    def _letter(self, place: int, letter: str) -> int:
        pattern, difference = 0, ord(letter) ^ ord("0")
        if not letter.isascii():
            raise UnusualError(Reason.ADDRESS)
        for bit in range(7):
            if difference >> bit & 1:
                pattern ^= self._bit(place, bit)
        return pattern

    def _bit(self, place: int, bit: int) -> int:
        if (place, bit) not in self._bits:
            one = "0" * place + chr(ord("0") ^ 1 << bit) + "0" * (self._length - place - 1)
            self._bits[place, bit] = _drawn(one)[1] ^ self._zeros
        return self._bits[place, bit]


@lru_cache(maxsize=8)
def _table(length: int) -> _Table:
    return _Table(length)
