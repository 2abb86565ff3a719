from people.services.bulk import (
    PersonData,
    amend,
    enter_people,
    move,
    restore,
    save_amended,
)
from people.services.corrections import correct, lock_trainee, reveal_number, transfer
from people.services.guess_limit import (
    GuessLimit,
    comparing_one_list_at_a_time,
    record_guesses,
    settle_guesses,
)
from people.services.merges import list_candidates, merge, settle_pair, undo_merge
from people.services.registration import enter_person
from people.services.removal import remove_people
from people.services.split_assignments import assign_people, people_unresolved
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
    "comparing_one_list_at_a_time",
    "correct",
    "decline_transfer",
    "enter_people",
    "enter_person",
    "list_candidates",
    "lock_trainee",
    "merge",
    "move",
    "people_unresolved",
    "record_guesses",
    "remove_people",
    "restore",
    "reveal_number",
    "save_amended",
    "settle_guesses",
    "settle_pair",
    "transfer",
    "undo_merge",
    "withdraw_transfers",
]
