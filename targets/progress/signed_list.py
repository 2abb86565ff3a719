"""The hash over the list of a signed report, and the commitment to each name in it."""

import hashlib
from collections.abc import Iterable
from typing import Any

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
