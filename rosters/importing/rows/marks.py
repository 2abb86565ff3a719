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
            _(
                "The row is hidden in the file, perhaps by a filter; check whether it "
                "belongs to the list."
            ),
        ),
        RowMark(
            "struck",
            "error",
            _(
                "The row is struck through, so this person is not nominated; to nominate "
                "them anyway, remove the strikethrough, or save the row here unchanged."
            ),
        ),
        RowMark(
            "partly_struck",
            "warning",
            _("A cell of the row is struck through; check that the content was read as intended."),
        ),
        RowMark(
            "word_beside",
            "error",
            _(
                "There is text next to the name, in a column without a heading; write "
                "the whole name in one cell, or give that column a heading."
            ),
        ),
        RowMark(
            "reserve",
            "error",
            _(
                "The person is on a reserve list, so they are not nominated; to nominate "
                "them anyway, save the row here unchanged, or move it up in the file."
            ),
        ),
        RowMark(
            "withdrawn",
            "error",
            _(
                "The person is listed as withdrawn, so they are not nominated; to "
                "nominate them anyway, save the row here unchanged, or move it up in the "
                "file."
            ),
        ),
        RowMark(
            "goes_on",
            "error",
            _(
                "The name seems to continue in the row below; write it in one cell, and "
                "delete that row."
            ),
        ),
    )
}


def mark_of(mark: str) -> RowMark | None:
    return _MARKS[mark] if mark else None
