"""The page of a run, in this app since it shows who is enrolled."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.choices import MESSAGE_WRITERS, RUN_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock
from common.access import SIGNED_IN, allow
from common.public_text import searched_by
from courses.choices import CalendarScope
from courses.models import CourseRun
from courses.views import completion_rule_of_run
from enrollment.forms import MaterialForm
from enrollment.forms.enrollments import ReasonForm
from enrollment.models import Enrollment
from enrollment.services.calendars import may_read
from enrollment.views.enrollments import may_nominate
from enrollment.views.materials import may_open_materials
from enrollment.views.roster import roster_context
from enrollment.views.seats import own_enrollment
from enrollment.views.shared import is_staff_of, require_announced, run_context
from enrollment.views.taking_back import seats_to_take_back


@allow(SIGNED_IN)
@searched_by("q")
def run_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    require_announced(run, request.user)
    is_staff = is_staff_of(request.user, run)
    # Staff may open materials without a query of their own.
    may_open = is_staff or may_open_materials(request.user, run)
    people = Enrollment.objects.filter(run=run).messageable_by(request.user)
    context = run_context(request, run, is_staff=is_staff) | own_enrollment(request.user, run)
    context |= roster_context(request, run)
    context |= {
        "rule": completion_rule_of_run(run),
        "trainers": run.trainers.select_related("user"),
        "sessions": run.sessions.all(),
        "may_subscribe": may_read(request.user, CalendarScope.RUN, run),
        "decisions": run.decisions.all(),
        "may_open": may_open,
        "materials": run.materials.order_by("added_at") if may_open else [],
        "material_form": MaterialForm()
        if is_staff and request.user.has_role(*RUN_MANAGERS)
        else None,
        "may_write": request.user.has_role(*MESSAGE_WRITERS) and (is_staff or people.exists()),
        "may_request": _may_request(request.user, run),
        "leave_form": ReasonForm(is_required=False, auto_id="leave_%s"),
        "to_take_back": seats_to_take_back(request, run),
        "may_nominate": may_nominate(request.user, run),
    }
    return render(request, "enrollment/run.html", context)


def _may_request(user: User, run: CourseRun) -> bool:
    return (
        run.takes_enrollment(clock.today())
        and user.has_role(Role.TRAINEE)
        and not run.enrollments.live().of_user(user.pk).exists()
    )
