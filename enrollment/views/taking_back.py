"""Seats given up a moment ago: whoever gave them up may take them back while they are free.

Which ones stands in the session, each with the moment, so that nobody undoes what somebody else
decided, before or since.
"""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import SIGNED_IN, allow
from common.form_errors import error_as_message
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.querysets import TAKE_BACK_WITHIN, EnrollmentQuerySet
from enrollment.services.enrollments import take_seat_back

_GIVEN_UP = "seats_given_up"
# Most rows of a page of a class: as many as can be given up in one press.
_MOST = 50


def remember_given_up(request: HttpRequest, *enrollments: int) -> None:
    rows = Enrollment.objects.filter(pk__in=enrollments).values_list("pk", "state_since")
    lately = [[pk, since.isoformat()] for pk, since in rows]
    request.session[_GIVEN_UP] = [*request.session.get(_GIVEN_UP, []), *lately][-_MOST:]


def _may_be_taken_back(request: HttpRequest, run: CourseRun) -> EnrollmentQuerySet:
    remembered = Q(pk=None)
    for pk, since in request.session.get(_GIVEN_UP, []):
        remembered |= Q(pk=pk, state_since=dt.datetime.fromisoformat(since))
    given_up = Enrollment.objects.visible_to(request.user).given_up_lately()
    return given_up.filter(remembered, run=run)


def seats_to_take_back(request: HttpRequest, run: CourseRun) -> list[dict[str, Any]]:
    if not request.session.get(_GIVEN_UP):
        return []
    found = _may_be_taken_back(request, run).with_person_for(request.user)
    return [
        {
            "id": enrollment.pk,
            "name": enrollment.displayed_name,
            "until": formats.instant(enrollment.state_since + TAKE_BACK_WITHIN),
        }
        for enrollment in found.select_related("trainee")
    ]


@allow(SIGNED_IN)
@require_POST
def take_back(request: AuthenticatedHttpRequest, code: str, enrollment_id: int) -> HttpResponse:
    run = get_object_or_404(CourseRun, code=code)
    enrollment = get_object_or_404(_may_be_taken_back(request, run), pk=enrollment_id)
    with error_as_message(request, _("The seat has been taken back.")):
        take_seat_back(by=request.user.as_actor(), enrollment=enrollment)
    return redirect("run", code)
