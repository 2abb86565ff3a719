"""Publishing versions of a form, from the reference data and from the office's workbook."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from evaluations.choices import ItemKind, Subject
from evaluations.errors import EvaluationInputError
from evaluations.layouts import LEVEL, FormRow
from evaluations.models import EvaluationForm, FormItem, FormLevel

# Which kind of row may stand right under which; a question stands under a group.
_PARENT = {
    ItemKind.CRITERION: ItemKind.GROUP,
    ItemKind.INDICATOR: ItemKind.CRITERION,
    ItemKind.QUESTION: ItemKind.GROUP,
}
MOST_INDICATORS = 100


@audited("evaluation_form_published")
def publish_form(
    *, by: Actor, slug: str, rows: Sequence[FormRow], **details: Any
) -> EvaluationForm:
    """The next version of a form. Errors: ``bad_form`` with the row and what to correct."""
    return add_form(by=by, slug=slug, rows=rows, **details)


def add_form(*, by: Actor, slug: str, rows: Sequence[FormRow], **details: Any) -> EvaluationForm:
    """As a part of another action."""
    items = [row for row in rows if row.kind != LEVEL]
    levels = [row for row in rows if row.kind == LEVEL]
    _require_whole(items, levels)
    last = EvaluationForm.objects.select_for_update().filter(slug=slug).order_by("version").last()
    form = EvaluationForm(
        slug=slug, version=last.version + 1 if last else 1, recorded_by=by.label, **details
    )
    form.validate_constraints()
    form.save()
    _add_items(form, items)
    FormLevel.objects.bulk_create(
        FormLevel(form=form, below=row.value, word_vi=row.text_vi, word_en=row.text_en)
        for row in levels
    )
    audit_details(evaluation_form=slug, version=form.version, items=len(items))
    return form


def _add_items(form: EvaluationForm, rows: Sequence[FormRow]) -> None:
    latest: dict[str, FormItem] = {}
    for position, row in enumerate(rows, start=1):
        kind = ItemKind(row.kind)
        latest[kind] = FormItem.objects.create(
            form=form,
            kind=kind,
            position=position,
            number=row.number,
            parent=latest[_PARENT[kind]] if kind in _PARENT else None,
            subject=row.subject,
            weight=int(row.value) if row.value is not None else 1,
            text_vi=row.text_vi,
            text_en=row.text_en,
        )


def _require_whole(items: Sequence[FormRow], levels: Sequence[FormRow]) -> None:
    seen: set[str] = set()
    numbers: set[str] = set()
    for row in items:
        _require_row(row, seen, numbers)
        if row.kind == ItemKind.GROUP:
            seen.clear()
        seen.add(row.kind)
        numbers.add(row.number)
    indicators = sum(row.kind == ItemKind.INDICATOR for row in items)
    if not 1 <= indicators <= MOST_INDICATORS:
        raise _bad(None, _("A form needs from 1 to %(most)s indicators.") % _most())
    bounds = [row.value for row in levels]
    if bounds.count(None) != 1 or len(set(bounds)) != len(bounds):
        text = _("The levels need different bounds, and one level without a bound: the highest.")
        raise _bad(None, text)


def _most() -> dict[str, int]:
    return {"most": MOST_INDICATORS}


def _require_row(row: FormRow, seen: set[str], numbers: set[str]) -> None:
    if row.kind not in ItemKind.values:
        kinds = ", ".join((*ItemKind.values, LEVEL))
        raise _bad(row, _("the kind must be one of: %(kinds)s.") % {"kinds": kinds})
    if not row.number or row.number in numbers:
        raise _bad(row, _("each row needs a number of its own."))
    if not row.text_vi:
        raise _bad(row, _("the text in Vietnamese is missing."))
    if row.kind == ItemKind.GROUP and row.subject not in Subject.values:
        subjects = ", ".join(Subject.values)
        raise _bad(row, _("a group is about one of: %(subjects)s.") % {"subjects": subjects})
    if (weight := row.value) is not None and (weight != int(weight) or not 1 <= weight <= 100):
        raise _bad(row, _("the weight is a whole number from 1 to 100."))
    kind = ItemKind(row.kind)
    if kind in _PARENT and _PARENT[kind] not in seen:
        text = _("a row of the kind “%(kind)s” belongs under one of the kind “%(parent)s”.")
        raise _bad(row, text % {"kind": row.kind, "parent": _PARENT[kind].value})


def _bad(row: FormRow | None, text: str) -> EvaluationInputError:
    if row is None:
        return EvaluationInputError("bad_form", text)
    where = _("Row %(row)s: %(text)s") % {"row": row.row or row.number, "text": text}
    return EvaluationInputError("bad_form", where)
