from django import template

from common.markdown import markdown

register = template.Library()
register.filter("as_markdown", markdown)
