"""Timetables for calendar programs: as files, and at secret addresses."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import ANYBODY, SIGNED_IN, allow
from common.caching import storable
from common.calendars import MIME_TYPE, Meeting, calendar_file
from common.downloads import attachment
from common.refusals import refusal_as_message
from courses.choices import CalendarScope
from courses.models import CalendarAddress, CalendarEvent, CourseRun
from enrollment.forms.calendars import CalendarForm
from enrollment.limits import CALENDARS, UNKNOWN_CALENDARS
from enrollment.services.calendar_addresses import (
    address_by,
    create_address,
    revoke_address,
    url_of,
)
from enrollment.services.calendars import calendar_label, may_read, meeting_of, subscribed_meetings
from enrollment.views.shared import require_announced

_TYPE = f"{MIME_TYPE}; charset=utf-8"


@allow(SIGNED_IN)
def run_calendar(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun, code=code)
    require_announced(run, request.user)
    events = CalendarEvent.objects.coming().filter(run=run).select_related("run")
    return calendar_response(map(meeting_of, events), f"{run.code}.ics", run.code)


def calendar_response(meetings: Iterable[Meeting], name: str, title: str) -> HttpResponse:
    body = calendar_file(meetings, name=title)
    return HttpResponse(body, content_type=_TYPE, headers=attachment(name))


@allow(ANYBODY)
@storable(why="the address lets in, not the visitor; programs ask each time whether it changed")
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What its owner may read today, in the owner's language."""
    address = address_by(token)
    limit = CALENDARS if address else UNKNOWN_CALENDARS
    if not limit.allows(request, *([address.pk] if address else [])):
        return render(request, "429.html", status=429)
    if address is None:
        return render(request, "enrollment/calendar_over.html", status=404)
    with translation.override(address.user.language):
        name = calendar_label(address.scope, address.run)
        body = calendar_file(subscribed_meetings(address), name=name)
    response = HttpResponse(body, content_type=_TYPE)
    response["Cache-Control"] = "private, no-cache"
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


# One's own addresses --------------------------------------------------------------------


@allow(SIGNED_IN)
@never_cache
def my_calendars(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The visitor's addresses, and those that they can create; ``run`` adds a class to these."""
    asked = _typed(request.user, request.GET).get("run")
    if asked and not may_read(request.user, CalendarScope.RUN, asked):
        asked = None
    context = {
        "rows": _rows(request.user, asked),
        "new": request.session.pop("new_calendar", None),
    }
    return render(request, "enrollment/calendars.html", context)


def _rows(user: User, asked: CourseRun | None) -> list[dict[str, Any]]:
    found = CalendarAddress.objects.filter(user=user).select_related("run")
    addresses = {(one.scope, one.run): one for one in found if one.is_good}
    wanted: list[tuple[str, CourseRun | None]] = [(CalendarScope.OWN, None)]
    if user.has_role(Role.TRAINER):
        wanted.append((CalendarScope.TAUGHT, None))
    if asked:
        wanted.append((CalendarScope.RUN, asked))
    wanted += [key for key in addresses if key not in wanted]
    return [
        {
            "scope": scope,
            "run": run,
            "label": calendar_label(scope, run),
            "address": address,
            "since": formats.instant(address.recorded_at) if address else "",
        }
        for scope, run in wanted
        for address in [addresses.get((scope, run))]
    ]


@allow(SIGNED_IN)
@require_POST
def create_calendar(request: AuthenticatedHttpRequest) -> HttpResponse:
    typed = _typed(request.user, request.POST)
    scope, run = typed.get("scope", ""), typed.get("run")
    with refusal_as_message(request):
        _address, token = create_address(
            by=request.user.as_actor(), user=request.user, scope=scope, run=run
        )
        url = url_of(token)
        request.session["new_calendar"] = {
            "label": calendar_label(scope, run),
            "url": url,
            "webcal": f"webcal://{url.partition('://')[2]}",
        }
    return redirect("my_calendars")


def _typed(user: User, data: QueryDict) -> dict[str, Any]:
    """What is valid of it: anything else is no calendar of theirs."""
    form = CalendarForm(data, user=user)
    form.full_clean()
    return form.cleaned_data


@allow(SIGNED_IN)
@require_POST
def revoke_calendar(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    own = CalendarAddress.objects.filter(user=request.user).select_related("run")
    revoke_address(by=request.user.as_actor(), address=get_object_or_404(own, pk=pk))
    messages.success(request, _("The address no longer works."))
    return redirect("my_calendars")
