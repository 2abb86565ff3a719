"""``common.formats`` as filters: ``{{ row.completed_on|day }}``, ``{{ first|days:last }}``."""

from django import template

from common import formats

register = template.Library()
for _format in (formats.day, formats.days, formats.hours, formats.instant, formats.number):
    register.filter(_format)
