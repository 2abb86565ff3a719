"""Publishing versions of a framework, and adopting them."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from competencies.choices import RowKind
from competencies.errors import CompetencyError, CompetencyInputError
from competencies.layouts import FrameworkRow
from competencies.models import Competency, Framework, Level

MOST_COMPETENCIES, MOST_LEVELS = 300, 20


@audited("framework_published")
def publish_framework(
    *, by: Actor, slug: str, rows: Sequence[FrameworkRow], **details: Any
) -> Framework:
    """The next version of a framework. Errors: ``bad_framework`` with the row and what to do."""
    return add_framework(by=by, slug=slug, rows=rows, **details)


def add_framework(
    *, by: Actor, slug: str, rows: Sequence[FrameworkRow], **details: Any
) -> Framework:
    """As a part of another action."""
    _require_whole(rows)
    last = Framework.objects.select_for_update().filter(slug=slug).order_by("version").last()
    framework = Framework(
        slug=slug, version=last.version + 1 if last else 1, recorded_by=by.label, **details
    )
    framework.full_clean(validate_unique=False)
    framework.save()
    levels = [row for row in rows if row.kind == RowKind.LEVEL]
    competencies = [row for row in rows if row.kind == RowKind.COMPETENCY]
    Level.objects.bulk_create(_level(framework, row) for row in levels)
    Competency.objects.bulk_create(
        _competency(framework, position, row) for position, row in enumerate(competencies, start=1)
    )
    audit_details(framework=slug, version=framework.version, competencies=len(competencies))
    return framework


@audited("framework_adopted")
def adopt_framework(*, by: Actor, framework: Framework, reason: str) -> Framework:
    """From now on courses and audiences may name what it holds; for good.

    Errors: ``reason_missing``, ``framework_adopted``.
    """
    if not reason.strip():
        text = _("Give the decision by which the framework is adopted, or the reason.")
        raise CompetencyInputError("reason_missing", text)
    row = Framework.objects.select_for_update().get(pk=framework.pk)
    if row.adopted_at:
        raise CompetencyError("framework_adopted", _("This version has been adopted already."))
    row.adopted_at, row.adopted_by, row.adopted_because = clock.now(), by.label, reason
    row.save(update_fields=["adopted_at", "adopted_by", "adopted_because"])
    audit_details(framework=row.slug, version=row.version, reason=row.adopted_because)
    return row


def _level(framework: Framework, row: FrameworkRow) -> Level:
    return Level(
        framework=framework,
        number=int(row.code),
        name_vi=row.vi,
        name_en=row.en,
        text_vi=row.text_vi,
        text_en=row.text_en,
    )


def _competency(framework: Framework, position: int, row: FrameworkRow) -> Competency:
    return Competency(
        framework=framework,
        position=position,
        code=row.code,
        area_vi=row.area_vi,
        area_en=row.area_en,
        name_vi=row.vi,
        name_en=row.en,
        text_vi=row.text_vi,
        text_en=row.text_en,
        url=row.url,
    )


def _require_whole(rows: Sequence[FrameworkRow]) -> None:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        _require_row(row)
        if (row.kind, row.code) in seen:
            raise _bad(row, _("“%(code)s” is there twice.") % {"code": row.code})
        seen.add((row.kind, row.code))
    levels = sorted(int(code) for kind, code in seen if kind == RowKind.LEVEL)
    if levels != list(range(1, len(levels) + 1)) or not 1 <= len(levels) <= MOST_LEVELS:
        text = _("The levels are numbered 1, 2, 3 …, from 1 to %(most)s of them.")
        raise CompetencyInputError("bad_framework", text % {"most": MOST_LEVELS})
    if not 1 <= len(seen) - len(levels) <= MOST_COMPETENCIES:
        text = _("A framework needs from 1 to %(most)s competencies.")
        raise CompetencyInputError("bad_framework", text % {"most": MOST_COMPETENCIES})


def _require_row(row: FrameworkRow) -> None:
    if row.kind not in RowKind.values:
        kinds = ", ".join(RowKind.values)
        raise _bad(row, _("the kind must be one of: %(kinds)s.") % {"kinds": kinds})
    if not row.code:
        raise _bad(row, _("the code is missing."))
    if row.kind == RowKind.LEVEL and not (row.code.isascii() and row.code.isdecimal()):
        raise _bad(row, _("the code of a level is its number."))
    if not row.vi:
        raise _bad(row, _("the text in Vietnamese is missing."))
    if row.url:
        try:
            URLValidator(schemes=["http", "https"])(row.url)
        except ValidationError as error:
            raise _bad(row, _("“%(url)s” is not a web address.") % {"url": row.url}) from error


def _bad(row: FrameworkRow, text: str) -> CompetencyInputError:
    where = _("Row %(row)s: %(text)s") % {"row": row.row or row.code, "text": text}
    return CompetencyInputError("bad_framework", where)
