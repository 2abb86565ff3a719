"""What a plan says about rows."""

from typing import Final

from common.deferred_messages import DeferredMessage as _

CANDIDATE: Final = _(
    "Somebody of this name and birth date is already known; entered as a new person and listed "
    "for comparison."
)
# The same whichever field it is and whoever it is: it reveals nothing that is on record.
CONFLICT: Final = _(
    "Trainee code or personal number does not agree with the rest of the row; check them, and "
    "if they are right, ask the programme office."
)
TOO_MANY_GUESSES: Final = _(
    "Too many rows of this sender did not agree with other agencies' people: for a day no more "
    "of these are looked at. Check the list, or ask the programme office."
)
REPEATED: Final = _("The same person as in row %(first)s; nothing more was entered.")
AGENCY_CHANGED: Final = _("This person stood with another agency and now stands with the sender.")
TRANSFER_ASKED: Final = _(
    "This person is recorded with another agency. They are nominated and their transfer is "
    "requested; until it is accepted, nothing in their record changes."
)
LEFT_EMPTY: Final = _(
    "The cell is empty, and an empty cell erases nothing: what stood there stays. To change "
    "it, write what is right instead."
)
UNKNOWN_CODE: Final = _(
    "Nobody has this trainee code; copy it from the exported roster, or leave it empty."
)
