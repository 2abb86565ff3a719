"""The sex in rosters: a word, or a mark in a column of its own."""

from typing import Final

from common.vietnamese import search_key
from people.choices import Sex
from rosters.importing.layouts.layout import Layout

SEXES: Final = {
    "Nam": Sex.MALE,
    "Nữ": Sex.FEMALE,
    "nam": Sex.MALE,
    "male": Sex.MALE,
    "m": Sex.MALE,
    "nu": Sex.FEMALE,
    "female": Sex.FEMALE,
    "f": Sex.FEMALE,
    **dict.fromkeys(("nam gioi", "man", "trai", "ông", "Ông"), Sex.MALE),
    **dict.fromkeys(("nu gioi", "woman", "gái", "Gái", "bà", "Bà"), Sex.FEMALE),
}
OTHER_SEX: Final = {Sex.FEMALE: Sex.MALE, Sex.MALE: Sex.FEMALE}
# Marks in a Nam or a Nữ column without dates.
CHECK_MARKS: Final = frozenset({"x", "v", "√", "✓", "✔", "1", "+", "*", "true", "có", "yes"})
NOT_CHECKED: Final = frozenset({"0", "false", "không", "no"})


def read_sex(text: str) -> str:
    """A value of ``Sex``; raises ValueError for other texts."""
    if sex := SEXES.get(text) or SEXES.get(search_key(text)):
        return sex.value
    raise ValueError(text)


def only_sex_marked(layout: Layout) -> Sex | None:
    """The sex that has a column for marks while the other has none: the rest are of the other."""
    columns = layout.columns
    if "sex" in columns or "birth" not in columns:
        return None
    marked = columns.keys() & {"birth_male", "birth_female"}
    if len(marked) != 1:
        return None
    return Sex.FEMALE if "birth_female" in marked else Sex.MALE
