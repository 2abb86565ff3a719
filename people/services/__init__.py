"""Deeds about people."""

from people.services.correcting import correct, held, reveal_number, transfer
from people.services.entering import enter_person
from people.services.guesses import GuessLimit, guessing, record_guesses, settle_guesses
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
from people.services.transfer_requests import (
    accept_transfer,
    ask_for_transfers,
    asked_already,
    decline_transfer,
    withdraw_transfers,
)

__all__ = [
    "GuessLimit",
    "PersonData",
    "accept_transfer",
    "amend",
    "ask_for_transfers",
    "asked_already",
    "assign_people",
    "correct",
    "decline_transfer",
    "enter_people",
    "enter_person",
    "guessing",
    "held",
    "list_candidates",
    "merge",
    "move",
    "people_unresolved",
    "record_guesses",
    "restore",
    "reveal_number",
    "save_amended",
    "settle_guesses",
    "settle_pair",
    "take_out",
    "transfer",
    "undo_merge",
    "withdraw_transfers",
]
