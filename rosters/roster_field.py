"""What a column of rosters can be declared with; the columns are in ``rosters.fields``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from django.db.models import Choices

from common.spreadsheets import Kind
from enrollment.choices import PersonVisibility


class Owner(Enum):
    LIST = "list"
    ENROLLMENT = "enrollment"
    PERSON = "person"
    RUN = "run"
    COMPLETION = "completion"
    CERTIFICATE = "certificate"
    LEARNING = "learning"
    TRAINING = "training"  # all that a person has behind them: common.registries.training_columns


# How look-ups from an enrollment begin. Completion, certificate and learning are annotations of
# ``exporting.lists``: an enrollment may have had several, and only the valid one is shown.
_PREFIX: Final = {
    Owner.LIST: "",
    Owner.ENROLLMENT: "",
    Owner.PERSON: "trainee__",
    Owner.RUN: "run__",
    Owner.COMPLETION: "completion_",
    Owner.CERTIFICATE: "certificate_",
    Owner.LEARNING: "learning_",
    Owner.TRAINING: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterField:
    """One column of a roster.

    Headings (``vi``, ``en``) are separated by commas and compared by ``heading_key``.
    """

    key: str
    label: Any  # a lazy translation: the heading in exports, the name on pages
    owner: Owner = Owner.PERSON

    # --- recognised by imports ---
    vi: str = ""
    en: str = ""
    # Words that mean this column only next to one of its headings, as in “Phone / Zalo”.
    only_beside_heading: str = ""
    # What forms ask for in the same cell, as in “Số CCCD, ngày cấp, nơi cấp”.
    also_in_cell: str = ""
    # Ambiguous alone: below a heading of several columns it must be one of these.
    only_under: frozenset[str] = frozenset()
    # ``full_name`` or ``birth``, of which the column holds a part, or some people's.
    part_of: str = ""
    # An unreadable cell rejects the row: without it nobody knows who is meant.
    identifies: bool = False
    # A value shows that the row is a person, and not a heading or a total.
    shows_person: bool = False
    # A filled cell begins a person, and is no second paragraph of the row above.
    begins_row: bool = False
    # Characters kept of free text; fields of another form have readers of their own.
    longest: int = 0
    # Of a coded column: the words, separated by commas, that stand for each of its ``choices``
    # beside their labels; the first one as offices write it.
    words: Mapping[Any, str] = field(default_factory=dict)

    # --- written by exports ---
    # Of the owner's table. Imported free text goes to the field of the enrollment named by ``key``.
    columns: tuple[str, ...] = ()
    # Where the enrollment says nothing, lists show what the person's record says.
    falls_back_to_person: bool = False
    kind: Kind = "text"
    width: int = 16
    choices: type[Choices] | None = None
    # Texts of any length, whose column may be widened to the longest.
    is_long: bool = False
    in_rosters: bool = True
    by_default: bool = False
    # How much of the person an enrollment must show its reader for the cell to be filled.
    shown_from: PersonVisibility = PersonVisibility.IDENTITY

    @property
    def is_importable(self) -> bool:
        return bool(self.vi or self.en or self.part_of)

    @property
    def is_exportable(self) -> bool:
        return bool(self.columns) or self.owner in (Owner.LIST, Owner.TRAINING)

    @property
    def is_free_text(self) -> bool:
        return self.longest > 0

    @property
    def is_coded(self) -> bool:
        return bool(self.words)

    @property
    def paths(self) -> tuple[str, ...]:
        """Look-ups from an enrollment, the fallback last."""
        own = tuple(_PREFIX[self.owner] + column for column in self.columns)
        fallback = self.columns if self.falls_back_to_person else ()
        return own + tuple(_PREFIX[Owner.PERSON] + column for column in fallback)

    @property
    def person_paths(self) -> tuple[str, ...]:
        is_of_person = self.falls_back_to_person or self.owner is Owner.PERSON
        return self.columns if is_of_person else ()
