"""What a plan says about rows."""

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _


def candidate() -> DeferredMessage:
    """Of somebody new who is like somebody known."""
    return _(
        "Somebody of this name and birth date is already known; entered as a new person and "
        "listed for comparison."
    )


def conflict() -> DeferredMessage:
    """The same whichever field it is and whoever it is: it tells nobody what is on record."""
    return _(
        "Trainee code or personal number does not agree with the rest of the row; check them, and "
        "if they are right, ask the programme office."
    )


def too_many() -> DeferredMessage:
    """Of a row that asks about too many."""
    return _(
        "Too many rows of this sender did not agree with other agencies' people: for a day no more "
        "of these are looked at. Check the list, or ask the programme office."
    )


def transfer_asked() -> DeferredMessage:
    """Of a person of another agency."""
    return _(
        "This person is recorded with another agency. They are nominated and their transfer is "
        "requested; until it is accepted, nothing in their record changes."
    )


def left_empty() -> DeferredMessage:
    """Of an empty cell of our own list."""
    return _(
        "The cell is empty, and an empty cell erases nothing: what stood there stays. To change "
        "it, write what is right instead."
    )


def unknown_code() -> DeferredMessage:
    """Of a code that nobody bears."""
    return _("Nobody has this trainee code; copy it from the exported roster, or leave it empty.")
