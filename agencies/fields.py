"""Official identifiers of agencies, kept in one form."""

import re

_LONG_FORM = re.compile(r"(?:\d{2,3}\.)+[A-Z]\d{2}")


def stored_identifier(text: str) -> str:
    """The one form in which an identifier is stored: ``G12.18``, whichever form came.

    Decision 20/2020/QĐ-TTg writes the levels from the smallest to the largest, noughts for one
    that is not used: ``000.00.18.G12``. Data exchange writes the same unit as ``G12.18``.
    Enterprise numbers and anything else stay as they are, trimmed.
    """
    code = text.strip().upper()
    if not _LONG_FORM.fullmatch(code):
        return code
    levels = [level for level in reversed(code.split(".")) if level.strip("0")]
    return ".".join(levels)
