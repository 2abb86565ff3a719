"""What a plan says about rows."""

from typing import Final

from common.deferred_messages import DeferredMessage as _

CANDIDATE: Final = _(
    "A person with this name and birth date already exists; added as a new person and "
    "listed for comparison."
)
# The same whichever field it is and whoever it is: it reveals nothing that is stored.
CONFLICT: Final = _(
    "The trainee code or the personal number does not match the rest of the row; check "
    "them, and if they are correct, ask the programme office."
)
TOO_MANY_GUESSES: Final = _(
    "Too many rows from this agency did not match other agencies' people: no more such "
    "rows will be examined for a day. Check the list, or ask the programme office."
)
REPEATED: Final = _("Same person as in row %(first)s; not imported again.")
AGENCY_CHANGED: Final = _(
    "This person belonged to another agency and now belongs to the sending agency."
)
TRANSFER_ASKED: Final = _(
    "This person is registered with another agency. They are nominated and their "
    "transfer is requested; until it is accepted, their record does not change."
)
LEFT_EMPTY: Final = _(
    "The cell is empty, and an empty cell does not erase anything: the old value "
    "remains. To change it, enter the correct value."
)
UNKNOWN_CODE: Final = _(
    "No one has this trainee code; copy it from the exported roster, or leave it blank."
)
