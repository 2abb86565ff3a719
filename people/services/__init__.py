"""Deeds about people."""

from people.services.correcting import correct, held, reveal_number, transfer
from people.services.heirs import assign_people, people_unresolved
from people.services.keeping import (
    PersonData,
    amend,
    enter_people,
    move,
    restore,
    save_amended,
)
from people.services.leaving import take_out
from people.services.merging import list_candidates, merge, settle_pair, undo_merge

__all__ = [
    "PersonData",
    "amend",
    "assign_people",
    "correct",
    "enter_people",
    "held",
    "list_candidates",
    "merge",
    "move",
    "people_unresolved",
    "restore",
    "reveal_number",
    "save_amended",
    "settle_pair",
    "take_out",
    "transfer",
    "undo_merge",
]
