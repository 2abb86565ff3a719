"""Until when enrollments change; the programme office may also act after the fact."""

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import RoleGrant
from audit.services import Actor
from common import clock
from courses.models import CourseRun
from enrollment.errors import EnrollmentError


def require_window(run: CourseRun) -> None:
    if not run.takes_enrollment(clock.today()):
        raise EnrollmentError(
            "window_closed", _("Enrollment in this class is closed on this date.")
        )


def require_not_over(by: Actor, run: CourseRun) -> None:
    if clock.today() > run.ends_on and not acts_as_office(by):
        text = _(
            "Class %(code)s is over: only the programme office can change its enrollments now."
        )
        raise EnrollmentError("run_over", text % {"code": run.code})


def acts_as_office(by: Actor) -> bool:
    # Commands and timed tasks have no account; they act as the office does.
    grants = RoleGrant.objects.filter(user=by.id, role=Role.PROGRAMME_OFFICE)
    return by.id is None or grants.exists()
