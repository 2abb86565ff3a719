"""Frameworks and audiences as tables: a row for each level, competency or audience."""

from dataclasses import dataclass, field

from competencies.choices import RowKind
from competencies.models import AudienceRule, Framework


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """``code`` is the number of a level."""

    kind: str
    code: str
    vi: str
    en: str = ""
    area_vi: str = ""
    area_en: str = ""
    text_vi: str = ""
    text_en: str = ""
    url: str = ""
    row: int = field(default=0, kw_only=True)


def rows_of(framework: Framework) -> list[FrameworkRow]:
    """The table that ``publish_framework`` takes back."""
    levels = [
        FrameworkRow(
            RowKind.LEVEL,
            str(one.number),
            one.name_vi,
            one.name_en,
            text_vi=one.text_vi,
            text_en=one.text_en,
        )
        for one in framework.levels.all()
    ]
    return levels + [
        FrameworkRow(
            RowKind.COMPETENCY,
            one.code,
            one.name_vi,
            one.name_en,
            one.area_vi,
            one.area_en,
            one.text_vi,
            one.text_en,
            one.url,
        )
        for one in framework.competencies.all()
    ]


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """Lists are apart by semicolons; a competency is ``framework:code:level``."""

    slug: str
    vi: str
    en: str = ""
    positions: str = ""
    positions_not: str = ""
    units: str = ""
    agency_kinds: str = ""
    trainee_kinds: str = ""
    courses: str = ""
    competencies: str = ""
    row: int = field(default=0, kw_only=True)


def row_of(rule: AudienceRule) -> AudienceRow:
    """Of a rule read ``with_requirements``; what ``import_audiences`` takes back."""
    lists = (
        rule.positions,
        rule.positions_not,
        rule.units,
        rule.agency_kinds,
        rule.trainee_kinds,
        [course.code for course in rule.courses.all()],
        [
            f"{one.competency.framework.slug}:{one.competency.code}:{one.level.number}"
            for one in rule.competencies.all()
        ],
    )
    audience = rule.audience
    return AudienceRow(
        audience.slug, audience.title_vi, audience.title_en, *("; ".join(one) for one in lists)
    )
