"""A trainee's home: where to be and when, what to confirm, certificates, own data."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from common import clock, formats
from competencies.services.recommendations import Recommendation, recommended_to
from courses.models import CourseRun, Session
from courses.views import run_facts
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.views.roster import TONES
from people.choices import TrainingStatus
from people.models import TransferRequest
from profiles.training_status import TrainingStatuses
from profiles.views.own_record import (
    own_certificates,
    own_confirmations,
    own_enrollments,
    own_profile,
)


def trainee_home(user: User) -> dict[str, Any]:
    enrollments = list(own_enrollments(user))
    asked = TransferRequest.objects.pending().of_user(user)
    profile = own_profile(user)
    seated = [one.run for one in enrollments if one.state == EnrollmentState.ENROLLED]
    return {
        "enrollments": [_row(one) for one in enrollments],
        "next": _next_session(seated),
        "certificates": own_certificates(user),
        "confirmations": own_confirmations(user),
        "profile": profile,
        "is_counted": profile
        and TrainingStatuses().of([profile.pk])[profile.pk] is TrainingStatus.TRAINED,
        "recommended": [_recommended(one) for one in recommended_to(profile)] if profile else [],
        "transfers": asked.select_related("to_agency", "trainee"),
        "open_runs": 0
        if enrollments
        else CourseRun.objects.of_the_programme().taking_enrollment(clock.today()).count(),
    }


def _recommended(one: Recommendation) -> dict[str, Any]:
    return {
        "course": one.course,
        "heading": one.heading,
        "reasons": one.reasons,
        "run": one.run and run_facts(one.run),
    }


def _row(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "run": enrollment.run,
        "reason": enrollment.withdrawal_reason,
        "tone": TONES.get(EnrollmentState(enrollment.state), ""),
        "words": _in_plain_words(enrollment),
    }


def _in_plain_words(enrollment: Enrollment) -> str:
    """Of one's own place: what the state means for oneself."""
    if enrollment.state == EnrollmentState.ENROLLED:
        return _("you have a seat")
    if enrollment.state == EnrollmentState.WAITLISTED:
        line: int = getattr(enrollment, "line", 0) or 0
        return _("waiting list, position %(number)s") % {"number": line}
    return str(enrollment.get_state_display())


def _next_session(runs: list[CourseRun]) -> dict[str, Any] | None:
    """The session that runs now or comes next; where a class has none, its first day."""
    if not runs:
        return None
    ahead = Session.objects.filter(run__in=runs, ends_at__gte=clock.now())
    session = ahead.select_related("run__course").order_by("starts_at").first()
    if session is None:
        return None
    start = session.starts_at.astimezone(clock.HANOI)
    return {
        "run": session.run,
        "day": f"{start:%d/%m}",
        "time": f"{start:%H:%M}",
        "number": session.number,
        "days": (start.date() - clock.today()).days,
        "venue": session.run.venue or session.run.link,
        "at": formats.instant(session.starts_at),
    }
