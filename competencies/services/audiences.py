"""Entering and changing audiences: who belongs to one, and what they should have learnt."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.choices import AgencyKind
from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from common.own_addresses import require_own_address
from common.vietnamese import tidy
from competencies.errors import CompetencyError, CompetencyInputError
from competencies.models import (
    Audience,
    AudienceRule,
    Competency,
    Level,
    RequiredCompetency,
)
from competencies.services.course_competencies import require_adopted
from courses.models import Course
from enrollment.choices import TraineeKind

MOST_PHRASES, LONGEST_PHRASE = 50, 100
LISTS = ("positions", "positions_not", "units", "agency_kinds", "trainee_kinds")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContent:
    """Who belongs to an audience, as ``AudienceRule`` says, and what they should have learnt."""

    positions: Sequence[str] = ()
    positions_not: Sequence[str] = ()
    units: Sequence[str] = ()
    agency_kinds: Sequence[str] = ()
    trainee_kinds: Sequence[str] = ()
    courses: Iterable[Course] = ()
    competencies: Sequence[tuple[Competency, Level]] = field(default=())


@audited("audience_entered")
def enter_audience(
    *,
    by: Actor,
    slug: str,
    title_vi: str,
    content: RuleContent,
    title_en: str = "",
    first_day: dt.date | None = None,
) -> Audience:
    """Raises ValidationError and CompetencyError: those of ``change_audience``, ``slug_taken``,
    ``reserved_word``.
    """
    require_own_address(CompetencyInputError, slug, "audience")
    audience = Audience(slug=slug, title_vi=title_vi, title_en=title_en)
    audience.full_clean(validate_unique=False)
    taken = _("There is an audience with the short name %(slug)s already.") % {"slug": slug}
    with violation_as(CompetencyError, "slug_taken", taken), transaction.atomic():
        audience.save()
    _add_rule(audience, content, by=by, first_day=first_day)
    return audience


@audited("audience_changed")
def change_audience(
    *,
    by: Actor,
    audience: Audience,
    title_vi: str,
    content: RuleContent,
    title_en: str = "",
    is_in_use: bool = True,
    first_day: dt.date | None = None,
    reason: str = "",
) -> Audience:
    """Change the name, or add a rule that is in force from a day on; today by default.

    Raises ValidationError and CompetencyError: ``too_many_phrases``, ``bad_phrase``,
    ``unknown_kind``, ``not_adopted``, ``other_framework``.
    """
    row = Audience.objects.select_for_update().get(pk=audience.pk)
    row.title_vi, row.title_en, row.is_in_use = title_vi, title_en, is_in_use
    row.full_clean(validate_unique=False)
    row.save()
    _add_rule(row, content, by=by, first_day=first_day, reason=reason)
    return row


def content_of(rule: AudienceRule) -> RuleContent:
    """Of a rule read ``with_requirements``."""
    return RuleContent(
        **{name: getattr(rule, name) for name in LISTS},
        courses=list(rule.courses.all()),
        competencies=[(one.competency, one.level) for one in rule.competencies.all()],
    )


def _add_rule(
    audience: Audience,
    content: RuleContent,
    *,
    by: Actor,
    first_day: dt.date | None,
    reason: str = "",
) -> None:
    """Nothing where the last rule says the same."""
    lists = {name: checked_list(name, getattr(content, name)) for name in LISTS}
    courses, competencies = list(content.courses), list(content.competencies)
    for competency, level in competencies:
        require_adopted(competency, level)
    audit_details(audience=audience.slug, in_use=audience.is_in_use)
    last = audience.rules.with_requirements().order_by("first_day", "pk").last()
    if last and first_day is None and _same(last, lists, courses, competencies):
        return
    rule = AudienceRule(
        audience=audience,
        first_day=first_day or clock.today(),
        reason=reason,
        recorded_by=by.label,
        **lists,
    )
    rule.full_clean()
    rule.save()
    rule.courses.set(courses)
    RequiredCompetency.objects.bulk_create(
        RequiredCompetency(rule=rule, competency=competency, level=level)
        for competency, level in competencies
    )
    audit_details(
        **{name: values for name, values in lists.items() if values},
        courses=sorted(course.code for course in courses),
        competencies=[f"{one.code} ≥ {level.number}" for one, level in competencies],
        first_day=rule.first_day.isoformat(),
        reason=rule.reason,
    )


def _same(
    rule: AudienceRule,
    lists: dict[str, list[str]],
    courses: list[Course],
    competencies: list[tuple[Competency, Level]],
) -> bool:
    before: Any = content_of(rule)
    return (
        all(getattr(rule, name) == values for name, values in lists.items())
        and set(before.courses) == set(courses)
        and set(before.competencies) == set(competencies)
    )


def checked_list(name: str, values: Sequence[str]) -> list[str]:
    """Errors: ``too_many_phrases``, ``bad_phrase``, ``unknown_kind``."""
    if name.endswith("_kinds"):
        known = AgencyKind.values if name == "agency_kinds" else TraineeKind.values
        if wrong := [value for value in values if value not in known]:
            text = _("There is no kind “%(kind)s”.")
            raise CompetencyInputError("unknown_kind", text % {"kind": wrong[0][:40]})
        return sorted(set(values))
    found = list(dict.fromkeys(tidy(value) for value in values if value.strip()))
    if len(found) > MOST_PHRASES:
        text = _("At most %(most)s phrases in one list.") % {"most": MOST_PHRASES}
        raise CompetencyInputError("too_many_phrases", text)
    for phrase in found:
        if len(phrase) > LONGEST_PHRASE or not any(map(str.isalnum, phrase)):
            text = _("“%(phrase)s” is no phrase of up to %(most)s characters.")
            what = {"phrase": phrase[:40], "most": LONGEST_PHRASE}
            raise CompetencyInputError("bad_phrase", text % what)
    return found
