"""Audiences from a table: each row is checked, then all are entered or changed, or none."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _

from agencies.choices import AgencyKind
from audit.services import Actor, audit_details, audited
from common.own_addresses import require_own_address
from common.vietnamese import tidy
from competencies.errors import CompetencyInputError
from competencies.layouts import AudienceRow
from competencies.models import Audience, Competency, Level
from competencies.services.audiences import (
    LISTS,
    RuleContent,
    change_audience,
    checked_list,
    enter_audience,
)
from courses.models import Course
from enrollment.choices import TraineeKind

MOST_ROWS = 200
_KINDS = {"agency_kinds": AgencyKind, "trainee_kinds": TraineeKind}
_LONGEST_SLUG, _LONGEST_TITLE = 40, 200


@dataclass(frozen=True, slots=True)
class AudienceDraft:
    slug: str
    title_vi: str
    title_en: str
    content: RuleContent


@dataclass(frozen=True, slots=True)
class ImportedAudiences:
    entered: int
    changed: int
    unchanged: int


def drafts_of_rows(rows: Sequence[AudienceRow]) -> tuple[list[AudienceDraft], list[str]]:
    """And what to correct in which row and column."""
    if len(rows) > MOST_ROWS:
        return [], [_("A file holds at most %(most)s audiences.") % {"most": MOST_ROWS}]
    known = _Known()
    drafts, problems, seen = [], list[str](), set[str]()
    for row in rows:
        draft, wrong = _draft(row, known)
        if row.slug in seen:
            wrong.append(_problem(row, "slug", _("this short name is there twice.")))
        seen.add(row.slug)
        problems += wrong
        drafts.append(draft)
    return ([], problems) if problems else (drafts, [])


@audited("audiences_imported")
def import_audiences(*, by: Actor, drafts: Sequence[AudienceDraft]) -> ImportedAudiences:
    """Those with a known short name are changed where they say something else."""
    audiences = Audience.objects.filter(slug__in=[draft.slug for draft in drafts])
    known = {audience.slug: audience for audience in audiences.select_for_update()}
    changed = entered = 0
    for draft in drafts:
        titles: Any = {"title_vi": draft.title_vi, "title_en": draft.title_en}
        if (audience := known.get(draft.slug)) is None:
            enter_audience(by=by, slug=draft.slug, content=draft.content, **titles)
            entered += 1
        else:
            changed += _changed(by, audience, draft.content, titles)
    unchanged = len(drafts) - entered - changed
    audit_details(created=entered, changed=changed, audiences=[draft.slug for draft in drafts])
    return ImportedAudiences(entered, changed, unchanged)


def _changed(by: Actor, audience: Audience, content: RuleContent, titles: Any) -> bool:
    before = (audience.title_vi, audience.title_en, audience.rules.count())
    after = change_audience(
        by=by, audience=audience, content=content, is_in_use=audience.is_in_use, **titles
    )
    return before != (after.title_vi, after.title_en, after.rules.count())


class _Known:
    """What the cells of a table may name."""

    def __init__(self) -> None:
        self.courses = {course.code: course for course in Course.objects.offered()}
        self.competencies = {
            (one.framework.slug, one.code): one
            for one in Competency.objects.of_frameworks_in_force()
        }
        self.levels = {
            (one.framework.slug, str(one.number)): one
            for one in Level.objects.of_frameworks_in_force()
        }

    def course(self, code: str) -> Course:
        if code not in self.courses:
            text = _("there is no course “%(code)s”: enter it first, or correct the code.")
            raise CompetencyInputError("unknown_course", text % {"code": code[:40]})
        return self.courses[code]

    def competency(self, text: str) -> tuple[Competency, Level]:
        slug, _colon, rest = text.partition(":")
        code, _colon, number = rest.rpartition(":")
        found = self.competencies.get((slug, code)), self.levels.get((slug, number))
        if found[0] is None or found[1] is None:
            words = _(
                "“%(text)s” is no competency in force with a level: write framework:code:level, "
                "as ai:A1:2."
            )
            raise CompetencyInputError("unknown_competency", words % {"text": text[:60]})
        return found[0], found[1]


def _draft(row: AudienceRow, known: _Known) -> tuple[AudienceDraft, list[str]]:
    problems: list[str] = []

    def checked(column: str, check: Callable[[Any], Any]) -> Any:
        try:
            return check(getattr(row, column))
        except CompetencyInputError as error:
            problems.append(_problem(row, column, error.message))
            return ()

    checked("slug", _require_slug)
    checked("vi", _require_title)
    checked("en", _require_short)
    lists = {name: checked(name, _listed(name)) for name in LISTS}
    content = RuleContent(
        **lists,
        courses=checked("courses", lambda cell: _each(cell, known.course)),
        competencies=checked("competencies", lambda cell: _each(cell, known.competency)),
    )
    return AudienceDraft(row.slug, row.vi, row.en, content), problems


def _listed(name: str) -> Callable[[str], list[str]]:
    def check(cell: str) -> list[str]:
        values = _parts(cell)
        kinds = _KINDS.get(name)
        if kinds and not set(values) <= set(kinds.values):
            text = _("the kinds are: %(kinds)s.") % {"kinds": ", ".join(kinds.values)}
            raise CompetencyInputError("unknown_kind", text)
        return checked_list(name, values)

    return check


def _parts(cell: str) -> list[str]:
    return [tidy(part) for part in cell.split(";") if part.strip()]


def _each(cell: str, find: Callable[[str], Any]) -> list[Any]:
    return [find(part) for part in dict.fromkeys(_parts(cell))]


def _require_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError as error:
        text = _("write a short name of letters, digits and hyphens, as “leaders”.")
        raise CompetencyInputError("bad_slug", text) from error
    require_own_address(CompetencyInputError, slug, "audience")
    if len(slug) > _LONGEST_SLUG:
        text = _("at most %(most)s characters.") % {"most": _LONGEST_SLUG}
        raise CompetencyInputError("bad_slug", text)


def _require_title(title: str) -> None:
    if not title:
        raise CompetencyInputError("no_title", _("the text in Vietnamese is missing."))
    _require_short(title)


def _require_short(title: str) -> None:
    if len(title) > _LONGEST_TITLE:
        text = _("at most %(most)s characters.") % {"most": _LONGEST_TITLE}
        raise CompetencyInputError("too_long", text)


def _problem(row: AudienceRow, column: str, text: str) -> str:
    where = {"row": row.row, "column": column, "text": text}
    return _("Row %(row)s, column “%(column)s”: %(text)s") % where


def to_correct(problems: Iterable[str]) -> CompetencyInputError:
    """For a command, which says all that is to be corrected at once."""
    return CompetencyInputError("bad_audiences", "\n".join(problems))
