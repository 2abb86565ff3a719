"""Deeds about people."""

from people.services.correcting import correct, reveal_number, transfer
from people.services.keeping import (
    PersonData,
    amend,
    enter_people,
    move,
    restore,
    save_amended,
)
from people.services.merging import list_candidates, merge, settle_pair, undo_merge

__all__ = [
    "PersonData",
    "amend",
    "correct",
    "enter_people",
    "list_candidates",
    "merge",
    "move",
    "restore",
    "reveal_number",
    "save_amended",
    "settle_pair",
    "transfer",
    "undo_merge",
]
