"""``common.formats`` as filters: ``{{ row.completed_on|day }}``, ``{{ first|days:last }}``."""

from django import template

from common import formats

register = template.Library()
for _format in (
    "day", "days", "decimal", "exact", "hours", "instant", "number", "short_day", "signed", "term",
    "time_of_day",
):  # fmt: skip
    register.filter(getattr(formats, _format))
