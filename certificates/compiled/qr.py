"""QR symbols of one version, level and mask: sums (XOR) of one pattern for each letter."""

import zlib
from functools import lru_cache

from certificates.compiled.reasons import Reason, UnusualError
from certificates.pdf.page import QR_MASK, QR_MODULE

_PIXELS = bytes.maketrans(b"01", b"\xff\x00")


def qr_image(url: str) -> tuple[int, bytes]:
    """Side in pixels, and 1-bit pixels packed with a PNG predictor."""
    if not url.isascii():
        raise UnusualError(Reason.ADDRESS)
    side, symbol = _symbol("0" * len(url))
    for place, letter in enumerate(url):
        symbol ^= _difference(len(url), place, letter)
    modules = format(symbol, f"0{side * side}b").encode().translate(_PIXELS)
    # A module is a byte of eight pixels: one row of them as it is, seven "like the one above".
    above = (b"\2" + bytes(side)) * (QR_MODULE - 1)
    rows = (modules[at : at + side] for at in range(0, len(modules), side))
    return side * QR_MODULE, zlib.compress(b"".join([b"\0" + row + above for row in rows]), 1)


@lru_cache(maxsize=20_000)
def _difference(length: int, place: int, letter: str) -> int:
    """What a letter at a place changes in the symbol of noughts."""
    pattern = 0
    for bit in range(7):
        if (ord(letter) ^ ord("0")) >> bit & 1:
            pattern ^= _bit(length, place, bit)
    return pattern


@lru_cache(maxsize=2_000)  # 7 bits of 70 letters, for a few lengths
def _bit(length: int, place: int, bit: int) -> int:
    noughts = "0" * length
    one = noughts[:place] + chr(ord("0") ^ 1 << bit) + noughts[place + 1 :]
    return _symbol(one)[1] ^ _symbol(noughts)[1]


@lru_cache(maxsize=64)
def _symbol(text: str) -> tuple[int, int]:
    import segno

    # Level and version follow from the length alone, as in ``qr_png``.
    matrix = segno.make_qr(text, error="m", mask=QR_MASK, mode="byte").matrix
    return len(matrix), int("".join("1" if dark else "0" for row in matrix for dark in row), 2)
