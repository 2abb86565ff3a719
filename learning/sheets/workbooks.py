"""A question bank as a workbook: a question per row."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.utils.translation import gettext

from common.deferred_messages import DeferredMessage as _
from common.spreadsheets import Column, Row, rows_on_a_page, write_xlsx
from common.vietnamese import nfc, search_key, tidy
from learning.choices import Difficulty, QuestionKind
from learning.errors import LearningInputError
from learning.sheets.drafts import Draft, read_answers, refused, require_answerable, write_answers
from learning.sheets.gift import Problem

# Headings as they are read, folded; the first of each is how the sample names it.
_HEADINGS: Final = {
    "kind": ("loai cau hoi", "question kind", "loai", "kind"),
    "part": ("phan", "part"),
    "difficulty": ("do kho", "difficulty"),
    "text_vi": ("cau hoi", "question", "question in vietnamese", "cau hoi (tieng viet)"),
    "text_en": ("cau hoi (tieng anh)", "question in english"),
    "answers": ("phuong an", "answers", "dap an"),
    "explanation_vi": (
        "giai thich",
        "giai thich (tieng viet)",
        "explanation",
        "explanation in vietnamese",
    ),
    "explanation_en": ("giai thich (tieng anh)", "explanation in english"),
}
_KINDS: Final = {
    **{kind.value: kind for kind in QuestionKind},
    "mot dap an dung": QuestionKind.SINGLE,
    "nhieu dap an dung": QuestionKind.MULTIPLE,
    "dung hay sai": QuestionKind.TRUE_FALSE,
    "so": QuestionKind.NUMBER,
    "tra loi ngan": QuestionKind.SHORT_TEXT,
    "sap xep": QuestionKind.ORDERING,
    "ghep cap": QuestionKind.MATCHING,
}
_LEVELS: Final = {
    **{one.name.lower(): one for one in Difficulty},
    **{str(one.value): one for one in Difficulty},
    "de": Difficulty.EASY,
    "trung binh": Difficulty.MEDIUM,
    "kho": Difficulty.HARD,
    "": Difficulty.MEDIUM,
}


def read_workbook(content: bytes) -> tuple[list[Draft], list[Problem]]:
    """Error: LearningInputError, where the columns of a question are not there."""
    rows = list(rows_on_a_page(content))
    heading, columns = _heading(rows)
    drafts, problems = [], []
    for row in rows:
        if row.number <= heading or not any(str(value or "").strip() for value in row.values):
            continue
        try:
            drafts.append(_draft(row, columns))
        except LearningInputError as error:
            problems.append((row.number, error.sentence))
    return drafts, problems


def _heading(rows: Iterable[Row]) -> tuple[int, dict[str, int]]:
    for row in rows:
        at = {search_key(tidy(str(v or ""))): column for column, v in enumerate(row.values)}
        found = {
            name: next(at[heading] for heading in headings if heading in at)
            for name, headings in _HEADINGS.items()
            if any(heading in at for heading in headings)
        }
        if {"text_vi", "answers"} <= set(found):
            return row.number, found
    text = _("No headings “Câu hỏi” and “Phương án” were found: download the bank as an example.")
    raise refused("no_known_columns", text)


def _draft(row: Row, columns: dict[str, int]) -> Draft:
    cells: dict[str, Any] = {name: _cell(row, columns.get(name)) for name in _HEADINGS}
    kind = _KINDS.get(search_key(tidy(cells["kind"])) or "single")
    if kind is None:
        text = _("“%(kind)s” is no kind of question: use %(kinds)s.")
        kinds = ", ".join(one.value for one in QuestionKind)
        raise refused("unknown_kind", text % {"kind": cells["kind"][:30], "kinds": kinds})
    level = _LEVELS.get(search_key(tidy(cells["difficulty"])))
    if level is None:
        text = _("“%(level)s” is no difficulty: use 1, 2 or 3.")
        raise refused("unknown_level", text % {"level": cells["difficulty"][:30]})
    cells |= {
        "kind": str(kind),
        "difficulty": int(level),
        "part": tidy(cells["part"])[:60],
        "answers": read_answers(kind, cells["answers"]),
    }
    draft = Draft(**cells, line=row.number)
    require_answerable(draft)
    return draft


def _cell(row: Row, column: int | None) -> str:
    value = row.values[column] if column is not None and column < len(row.values) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return nfc(str(value)).strip() if value is not None else ""


def write_workbook(drafts: Iterable[Draft]) -> Iterator[bytes]:
    columns = (
        Column("kind", gettext("Question kind"), width=18),
        Column("part", gettext("Part"), width=18),
        Column("difficulty", gettext("Difficulty"), kind="number", width=10),
        Column("text_vi", gettext("Question in Vietnamese"), width=50),
        Column("text_en", gettext("Question in English"), width=50),
        Column("answers", gettext("Answers"), width=40),
        Column("explanation_vi", gettext("Explanation in Vietnamese"), width=40),
        Column("explanation_en", gettext("Explanation in English"), width=40),
    )
    rows = (
        (
            draft.kind,
            draft.part,
            draft.difficulty,
            draft.text_vi,
            draft.text_en,
            write_answers(draft.kind, draft.answers),
            draft.explanation_vi,
            draft.explanation_en,
        )
        for draft in drafts
    )
    return write_xlsx(columns, rows, sheet_name=gettext("Questions"))
