"""The frame of every page: templates/base.html asks for its head and its breadcrumb."""

from functools import lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.choices import Role
from common.public_text import search_text
from lms.help import topic_of
from lms.menu import Job, Location, Page, jobs_of, location_of
from lms.shortcuts import uses_shortcuts
from notices.services.notifications import MOST_COUNTED, count_unread

register = template.Library()

# The head is rendered once per language, set of roles and location in the menu: it is most of an
# empty page. What differs from request to request is put in afterwards, between these marks.
MARK = "\ue000"
DIFFERING = ("csrf_token", "here", "name", "initials", "sought", "unread")


@register.simple_tag(takes_context=True)
def site_head(context: template.Context) -> SafeString:
    request = context.get("request")  # none on error pages
    jobs, location = _where(request)
    user = getattr(request, "user", None)
    roles = user.roles if user and user.is_authenticated else None
    at = (location.job, location.page, location.is_page) if location else None
    has_key = bool(request and roles is not None and uses_shortcuts(request))
    head = _head(get_language() or "", roles, jobs, at, has_key)
    token = context.get("csrf_token", "")
    values = _differing(request, token, str(user) if roles is not None else "")
    values["unread"] = _unread(user) if roles is not None else SafeString()
    # Marked found are every second part: what a user typed is never searched for marks.
    return SafeString("".join(values[part] if odd % 2 else part for odd, part in enumerate(head)))


def _unread(user: Any) -> SafeString:
    """How many notifications are unread, on the bell; nothing for none."""
    count = count_unread(user)
    if not count:
        return SafeString()
    shown = str(count) if count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"
    return format_html(
        '<span class="top-count"><span aria-hidden="true">{}</span>'
        '<span class="sr-only">{}</span></span>',
        shown,
        _("%(count)s unread") % {"count": shown},
    )


@register.simple_tag
def same_for_all(name: str) -> SafeString:
    """A template that says the same on every page, rendered once per language."""
    return _same_for_all(name, get_language() or "")


@lru_cache(maxsize=32)
def _same_for_all(name: str, _language: str) -> SafeString:
    return render_to_string(name)


@register.simple_tag(takes_context=True)
def crumbs(context: template.Context, *more: str) -> str:
    """The way back from one thing to its list: from the menu, then ``more`` (address, label, …)."""
    _jobs, location = _where(context.get("request"))
    above = [] if location is None or location.is_page else location.above
    further = list(zip(more[::2], more[1::2], strict=True))
    found = dict([*above, *further])  # by address: a page may name what the menu names already
    trail = {"crumbs": list(found.items())}
    return render_to_string("components/crumbs.html", trail) if found else ""


@register.simple_tag(takes_context=True)
def what_is_this(context: template.Context) -> str:
    """On pages of figures: in a few words what they show."""
    topic = topic_of(_route(context.get("request")))
    return render_to_string("components/what_is_this.html", {"topic": topic}) if topic else ""


def _where(request: HttpRequest | None) -> tuple[tuple[Job, ...], Location | None]:
    user = getattr(request, "user", None)
    jobs = jobs_of(user.roles if user and user.is_authenticated else None)
    return jobs, location_of(jobs, request.path) if request else None


def _differing(request: HttpRequest | None, token: Any, name: str) -> dict[str, str]:
    given = {
        "csrf_token": str(token),
        "here": request.get_full_path() if request else "/",
        "name": name,
        "initials": "".join(word[0] for word in name.split()[-2:]).upper(),
        "sought": _sought(request),
    }
    return {key: conditional_escape(value) for key, value in given.items()}


def _sought(request: HttpRequest | None) -> str:
    return search_text(request.GET) if request and _route(request) == "search" else ""


def _route(request: HttpRequest | None) -> str | None:
    match = getattr(request, "resolver_match", None)
    return match.url_name if match else None


@lru_cache(maxsize=512)
def _head(
    language: str,
    roles: frozenset[str] | None,
    jobs: tuple[Job, ...],
    at: tuple[Job, Page, bool] | None,
    has_key: bool,
) -> list[str]:
    marked = {name: SafeString(f"{MARK}{name}{MARK}") for name in DIFFERING}
    known = {
        "LANGUAGE_CODE": language,
        "jobs": jobs,
        "location": Location(*at) if at else None,
        "has_key": has_key,
        "is_signed_in": roles is not None,
        "roles": roles or (),
        "role_names": [role.label for role in Role if role in (roles or ())],
    }
    return render_to_string("components/menu.html", marked | known).split(MARK)
