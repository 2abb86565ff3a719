"""Workbooks: forms as tables, paper forms to fill in, results."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common.spreadsheets import Column, Frame, Row, Words, rows_on_a_page, write_xlsx
from common.spreadsheets.named_columns import cell_text, rows_below_headings
from evaluations.errors import EvaluationInputError
from evaluations.layouts import FilledForm, FormRow, Key, Layout, Prompt, rows_of
from evaluations.models.forms import HIGHEST, LOWEST
from evaluations.results import Average, Results

MOST_FORMS = 10_000
LONGEST_TEXT = 2_000
_NUMBER = re.compile(r"^(\d+(?:\.\d+)*(?: \(\d+\))?)")
# Headings of a form as a table, the same in both languages so that it can be read back.
_FORM_HEADINGS = ("kind", "number", "vi", "en", "subject", "value")


# Forms as tables ------------------------------------------------------------------------


def write_form(form: Any) -> Iterator[bytes]:
    columns = [
        Column(name, name, width=60 if name in ("vi", "en") else 12) for name in _FORM_HEADINGS
    ]
    rows = (
        (row.kind, row.number, row.text_vi, row.text_en, row.subject, _plain(row.value))
        for row in rows_of(form)
    )
    return write_xlsx(columns, rows, sheet_name=f"{form.slug}-{form.version}"[:31])


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def read_form(source: bytes | Path) -> list[FormRow]:
    """The rows of a form's workbook. Errors: ``no_known_columns``, ``bad_number`` with the row."""
    found = rows_below_headings(rows_on_a_page(source), _FORM_HEADINGS)
    return [_form_row(row, *cells) for row, cells in found]


def _form_row(
    row: Row, kind: str, number: str, text_vi: str, text_en: str, subject: str, value: str
) -> FormRow:
    return FormRow(
        kind.lower(),
        number[:12],
        text_vi[:300],
        text_en[:300],
        subject.lower(),
        _decimal(row, value) if value else None,
        row.number,
    )


def _decimal(row: Row, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= 100:
        message = _("Row %(row)s: “%(value)s” is not a number from 0 to 100.")
        raise EvaluationInputError("bad_number", message % {"row": row.number, "value": text[:20]})
    return value


# Forms on paper -------------------------------------------------------------------------


def write_paper_sheet(layout: Layout) -> Iterator[bytes]:
    """A row to fill in for each form on paper, a column for each prompt."""
    columns = [Column("form", _("Form"), "number", 8)]
    columns += [
        Column(str(prompt.key), f"{prompt.number} {prompt.item.text}", "number", 14)
        for prompt in layout.indicators()
    ]
    columns += [
        Column(str(prompt.key), f"{prompt.number} {prompt.item.text}", width=40)
        for prompt in layout.questions()
    ]
    return write_xlsx(columns, (), sheet_name=_("Forms"))


def read_paper_sheet(source: bytes | Path, layout: Layout) -> tuple[list[FilledForm], list[str]]:
    """The filled-in forms, and a message with row and column for each bad cell.

    Columns are found by the number of the item that begins their heading. A row that holds nothing
    but its own number is no form. Errors: ``no_known_columns``, ``too_many_forms``.
    """
    rows = list(rows_on_a_page(source))
    indicators = {prompt.number: prompt for prompt in layout.indicators()}
    questions = {prompt.number: prompt for prompt in layout.questions()}
    heading = next((row for row in rows if len(_numbers(row) & indicators.keys()) > 0), None)
    if heading is None:
        text = _("No column of an indicator was found: use the sheet that is downloaded here.")
        raise EvaluationInputError("no_known_columns", text)
    columns = {
        at: indicators.get(number) or questions.get(number)
        for at in range(len(heading.values))
        if (number := _number(cell_text(heading, at)))
    }
    if missing := indicators.keys() - _numbers(heading):
        text = _("These indicators have no column: %(numbers)s.")
        raise EvaluationInputError(
            "no_known_columns", text % {"numbers": ", ".join(sorted(missing))}
        )
    problems: list[str] = []
    forms = [
        filled
        for row in rows
        if row.number > heading.number
        if (filled := _filled(row, columns, indicators, problems))
    ]
    if len(forms) > MOST_FORMS:
        text = _("A file may hold %(most)s forms at most.") % {"most": MOST_FORMS}
        raise EvaluationInputError("too_many_forms", text)
    return forms, problems


def _number(heading: str) -> str:
    found = _NUMBER.match(heading)
    return found[1] if found else ""


def _numbers(row: Row) -> set[str]:
    return {_number(cell_text(row, at)) for at in range(len(row.values))} - {""}


def _filled(
    row: Row,
    columns: dict[int, Prompt | None],
    indicators: dict[str, Prompt],
    problems: list[str],
) -> FilledForm | None:
    answers, texts = dict[Key, int](), dict[Key, str]()
    for at, prompt in columns.items():
        text = cell_text(row, at)
        if prompt is None or not text:
            continue
        if prompt.number not in indicators:
            texts[prompt.key] = text[:LONGEST_TEXT]
        elif text.isascii() and text.isdigit() and LOWEST <= int(text[:3]) <= HIGHEST:
            answers[prompt.key] = int(text)
        else:
            problems.append(_bad_answer(row, prompt, text))
    return FilledForm(answers, texts) if answers or texts else None


def _bad_answer(row: Row, prompt: Prompt, text: str) -> str:
    message = _(
        "Row %(row)s, indicator %(number)s: “%(value)s” is not an answer: write a whole number "
        "from %(lowest)s to %(highest)s, or leave the cell empty."
    )
    values = {"row": row.number, "number": prompt.number, "value": text[:20]}
    return message % (values | {"lowest": LOWEST, "highest": HIGHEST})


# Results --------------------------------------------------------------------------------


def write_results(results: Results, texts: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    columns = (
        Column("number", _("No."), width=10),
        Column("text", _("Group, criterion, indicator"), width=70),
        Column("answers", _("Number of answers"), "number", 10),
        Column("average", _("Average"), "number", 10),
        Column("level", _("Level"), width=14),
    )
    evaluation = results.evaluation
    title = _("Evaluation of class %(code)s: %(valid)s valid forms, %(invalid)s invalid")
    values = {"code": evaluation.run.code, "valid": evaluation.valid, "invalid": evaluation.invalid}
    frame = Frame(above=((Words(title % values, 0, 4, bold=True),), ()), wrapped=True)
    rows = [*_result_rows(results), *((number, text, None, None, "") for number, text in texts)]
    return write_xlsx(columns, rows, sheet_name=_("Evaluation"), frame=frame)


def _result_rows(results: Results) -> Iterator[tuple[Any, ...]]:
    yield _row("", _("Index"), results.index)
    for section in results.sections:
        yield _row(section.section.group.number, section.section.title, section.average)
        for criterion in section.criteria:
            item = criterion.criterion.item
            yield _row(item.number, item.text, criterion.average)
            for one in criterion.indicators:
                yield _row(one.prompt.number, one.prompt.item.text, one.average)


def _row(number: str, text: str, average: Average) -> tuple[Any, ...]:
    value = float(average.value) if average.value is not None else None
    level = average.level if average.value is not None else _("hidden")
    return number, text, average.answers or None, value, level
