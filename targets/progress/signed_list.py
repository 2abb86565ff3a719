"""The hash over a signed list, the commitment to each name, and its rows without names."""

import hashlib
from collections.abc import Iterable
from typing import Any

from common.ids import IdLists, IdTable
from people.querysets import resolved
from targets.models import PeriodReport

_LINE = ("number", "since", "course", "agency", "commitment")


def hash_of_list(names: Iterable[dict[str, Any]]) -> str:
    """SHA-256 over one line per person: ``number|since|course|agency|commitment``."""
    found, between = hashlib.sha256(), ""
    for one in names:
        line = "|".join(str(one[key]) for key in _LINE)
        found.update(f"{between}{line}".encode())
        between = "\n"
    return found.hexdigest()


def commitment(salt: str, code: str, full_name: str, birth: str) -> str:
    """A salted hash that stands for a person in lists without names."""
    return hashlib.sha256(f"{salt}|{code}|{full_name}|{birth}".encode()).hexdigest()


class SignedRows:
    """What of each row of a signed list is compared with a later count: ids and numbers alone.

    Persons are those whom the merges believed later make of the signed ones.
    """

    def __init__(self, report: PeriodReport, survivors: dict[int, int]) -> None:
        self.person, self.first = IdTable(), IdTable()  # by number: as signed
        self.numbers = IdLists()  # by person: several after a merge
        for row in report.people():
            self.person[row["number"]] = row["person"]
            self.first[row["number"]] = row["completion"]
            self.numbers.add(resolved(row["person"], survivors), row["number"])
        self.number = IdTable()  # by completion
        for row in report.counted_completions():
            self.number[row["id"]] = row["person"]
