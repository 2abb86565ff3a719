from typing import Any

from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from certificates.models import Certificate, NameConfirmation
from common import clock, formats
from common.access import SIGNED_IN, allow
from courses.models import Session
from courses.views import run_facts
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from enrollment.views import TONES, calendar_response, meeting_of
from people.models import Merge, Trainee
from people.querysets import resolved

MOST_ROWS = 50
_TAKES_PART = (EnrollmentState.ENROLLED, EnrollmentState.COMPLETED)


def own_enrollments(user: User) -> list[dict[str, Any]]:
    ahead = (
        Enrollment.objects.filter(
            run=OuterRef("run"),
            state=EnrollmentState.WAITLISTED,
            waiting_number__lte=OuterRef("waiting_number"),
        )
        .order_by()
        .values("run")
        .annotate(count=Count("pk"))
        .values("count")
    )
    coming = Min("run__sessions__starts_at", filter=Q(run__sessions__starts_at__gte=clock.now()))
    enrollments = Enrollment.objects.of_user(user.pk).select_related("run__course")
    latest = enrollments.annotate(line=Subquery(ahead), coming=coming).order_by(
        "-run__starts_on", "-id"
    )
    return [_enrollment(enrollment) for enrollment in latest[:MOST_ROWS]]


def _enrollment(enrollment: Any) -> dict[str, Any]:
    live = enrollment.state in (EnrollmentState.ENROLLED, EnrollmentState.WAITLISTED)
    return run_facts(enrollment.run) | {
        "title": enrollment.run.course.title,
        "state": enrollment.get_state_display(),
        "tone": TONES.get(EnrollmentState(enrollment.state), ""),
        "position": enrollment.line if enrollment.state == EnrollmentState.WAITLISTED else None,
        "coming": formats.instant(enrollment.coming) if live else "",
        "withdrawal_reason": enrollment.withdrawal_reason,
    }


def own_certificates(user: User) -> list[dict[str, Any]]:
    """The visitor's certificates whose file exists, the latest first."""
    own = Certificate.objects.issued_to(user).exclude(file="")
    return [
        {
            "code": certificate.verification_code,
            "number": certificate.register_label,
            "course": certificate.printed_value("course_title"),
            "issued": formats.day(formats.local_day(certificate.issued_at)),
            "state": certificate.get_state_display(),
            "is_live": certificate.public_state == "issued",
        }
        for certificate in own.select_related("completion").order_by("-issued_at")[:MOST_ROWS]
    ]


def own_profile(user: User) -> dict[str, Any] | None:
    person = Trainee.objects.select_related("agency").filter(user=user).first()
    if person is None:
        return None
    confirmed = NameConfirmation.objects.of_present_name().filter(trainee=person).first()
    return {
        "name": person.full_name,
        "code": person.code,
        "birth": formats.day(person.birth_date) or person.birth_year or "",
        "number": person.masked_number,
        "agency": person.agency.name,
        "unit": person.unit,
        "position": person.position,
        "confirmed": formats.instant(confirmed.confirmed_at) if confirmed else "",
    }


@allow(SIGNED_IN)
@never_cache
def my_calendar(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The sessions of all classes in which the visitor has a seat."""
    own = Enrollment.objects.of_user(request.user.pk).filter(state__in=_TAKES_PART)
    sessions = Session.objects.filter(run__in=own.values("run")).select_related("run__course")
    meetings = [meeting_of(session, session.run) for session in sessions.order_by("starts_at")]
    return calendar_response(meetings, "699.ics")


@allow(SIGNED_IN)
@never_cache
def record_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    person = get_object_or_404(Trainee.objects.select_related("agency"), user=request.user)
    rows = _completed(person)
    context = {
        "profile": own_profile(request.user),
        "rows": rows,
        "periods": formats.number(sum(row["periods"] for row in rows)),
        "as_of": formats.day(clock.today()),
    }
    return render(request, "profiles/record.html", context)


def _completed(person: Trainee) -> list[dict[str, Any]]:
    """Completions of the person under any of their merged rows, earliest first."""
    survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    me = resolved(person.pk, survivors)
    ids = {me, *(row for row in survivors if resolved(row, survivors) == me)}
    number = Certificate.objects.filter(completion=OuterRef("pk"), state="issued")
    found = Completion.objects.not_voided().filter(trainee__in=ids).earliest_first()
    found = found.select_related("run__course", "sending_agency")
    return [
        {
            "course": completion.run.course.title,
            "code": completion.course_code,
            "run": completion.run.code,
            "periods": completion.periods,
            "day": formats.day(completion.completed_on),
            "grade": completion.get_grade_display(),
            "agency": completion.sending_agency.name,
            "certificate": getattr(completion, "serial", "") or "",
        }
        for completion in found.annotate(serial=Subquery(number.values("serial_number")[:1]))
    ]
