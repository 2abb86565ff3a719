"""Whole numbers in what a browser sends."""

_LONGEST = 18  # digits: any such number fits into a key


def whole_number(text: str | None) -> int | None:
    """The number that a text is in plain digits; None for all else, superscripts and the like too.

    ``str.isdigit`` says yes to "²", and ``int`` refuses that, and very long numbers.
    """
    if text and text.isascii() and text.isdecimal() and len(text) <= _LONGEST:
        return int(text)
    return None
