"""What Moodle's two forms of a question file have in common, and what of them is not taken."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from common.deferred_messages import DeferredMessage as _
from learning.sheets.drafts import refused

LONGEST_PART = 60
_PATTERN = re.compile(r"(?<!\\)\*")


def part_of(path: str) -> str:
    """The last category of a path; a slash within a name is written twice."""
    name = re.split(r"(?<!/)/(?!/)", path.strip())[-1].replace("//", "/").strip()
    return "" if name in ("top", "$course$", "$system$") else name[:LONGEST_PART]


def path_of(part: str) -> str:
    return "top/" + part.replace("/", "//") if part else "top"


def require_wholly_right(shares: Iterable[Decimal]) -> None:
    """Error: LearningInputError ``partly_right``."""
    if any(0 < share < 100 for share in shares):
        text = _("A partly right answer beside a right one is not taken: make it wrong or right.")
        raise refused("partly_right", text)


def require_equal_shares(shares: Iterable[Decimal]) -> None:
    """Error: LearningInputError ``unequal``: each right answer counts the same here."""
    right = [share for share in shares if share > 0]
    if right and max(right) - min(right) > Decimal("0.1"):
        text = _("Right answers of different weight are not taken: give each the same.")
        raise refused("unequal", text)


def without_patterns(accepted: Sequence[str]) -> list[str]:
    """Error: LearningInputError ``pattern``."""
    if any(_PATTERN.search(text) for text in accepted):
        text = _("A pattern with * is not taken: write each accepted answer, or \\* for the sign.")
        raise refused("pattern", text)
    return [text.replace("\\*", "*") for text in accepted]


def as_pattern(text: str) -> str:
    return text.replace("*", "\\*")


def one_number(right: Sequence[str]) -> str:
    """Error: LearningInputError ``no_number``."""
    if len(right) != 1:
        raise refused("no_number", _("Give one number that is wholly right (fraction 100)."))
    return right[0]
