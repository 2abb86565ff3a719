"""Rows with a mark, such as hidden or struck out, and the message for each mark."""

from dataclasses import dataclass
from typing import Final, Literal

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _


@dataclass(frozen=True, slots=True)
class RowMark:
    """An error where entering the person would be a guess."""

    code: str
    severity: Literal["error", "warning"]
    reason: DeferredMessage


_MARKS: Final = {
    mark.code: mark
    for mark in (
        RowMark(
            "hidden",
            "warning",
            _("The row is hidden in the file, perhaps by a filter; check whether it belongs."),
        ),
        RowMark(
            "struck",
            "error",
            _(
                "The row is struck out, so this person is not nominated; take the line away, or "
                "save the row here as it stands, to nominate them all the same."
            ),
        ),
        RowMark(
            "partly_struck",
            "warning",
            _("A cell of the row is struck out; check that what was read is what is meant."),
        ),
        RowMark(
            "word_beside",
            "error",
            _(
                "A word stands beside the name, in a column without a heading; write the whole "
                "name in one cell, or give that column a heading."
            ),
        ),
        RowMark(
            "reserve",
            "error",
            _(
                "The person is on a reserve list, so they are not nominated; save the row here "
                "as it stands, or move it up in the file, to nominate them all the same."
            ),
        ),
        RowMark(
            "withdrawn",
            "error",
            _(
                "The person is among those who have withdrawn, so they are not nominated; save "
                "the row here as it stands, or move it up in the file, to nominate them all the "
                "same."
            ),
        ),
        RowMark(
            "goes_on",
            "error",
            _(
                "The name seems to go on in the row below; write it in one cell, and delete that "
                "row."
            ),
        ),
    )
}


def mark_of(mark: str) -> RowMark | None:
    return _MARKS[mark] if mark else None
