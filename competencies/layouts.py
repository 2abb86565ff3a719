"""A framework as a table: a row for each level and each competency."""

from dataclasses import dataclass, field

from competencies.choices import RowKind
from competencies.models import Framework


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
