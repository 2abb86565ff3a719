"""Whole numbers in what a browser sends."""

_LONGEST = 18  # digits: any such number fits into a key


def whole_number(text: str | None) -> int | None:
    """None for anything but up to 18 ASCII digits.

    ``str.isdigit`` accepts "²", which ``int`` refuses, as it does very long numbers.
    """
    if text and text.isascii() and text.isdecimal() and len(text) <= _LONGEST:
        return int(text)
    return None
