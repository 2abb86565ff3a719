from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from certificates.models import AttendanceConfirmation, Certificate, NameConfirmation
from certificates.querysets import CertificateQuerySet, ConfirmationQuerySet
from common import clock
from common.access import SIGNED_IN, allow
from courses.choices import CalendarScope
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from enrollment.querysets import CompletionQuerySet, EnrollmentQuerySet
from enrollment.services.calendars import calendar_label, own_meetings, taught_meetings
from enrollment.views.calendars import calendar_response
from people.models import Merge, Trainee
from people.querysets import rows_of

MOST_ROWS = 50
_AWAITED = (EnrollmentState.ENROLLED, EnrollmentState.WAITLISTED)


def own_enrollments(user: User) -> EnrollmentQuerySet:
    """With ``line``, the position on the waiting list, and ``coming``, the next session's start."""
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
    awaited = Q(state__in=_AWAITED, run__sessions__starts_at__gte=clock.now())
    enrollments = Enrollment.objects.of_user(user.pk).select_related("run__course")
    annotated = enrollments.annotate(
        line=Subquery(ahead), coming=Min("run__sessions__starts_at", filter=awaited)
    )
    return annotated.order_by("-run__starts_on", "-id")[:MOST_ROWS]


def own_certificates(user: User) -> CertificateQuerySet:
    """The visitor's certificates whose file exists, the latest first."""
    own = Certificate.objects.issued_to(user).exclude(file="").select_related("completion")
    return own.order_by("-issued_at")[:MOST_ROWS]


def own_confirmations(user: User) -> ConfirmationQuerySet:
    """Of attendance, whose file exists, the latest first."""
    own = AttendanceConfirmation.objects.issued_to(user).exclude(file="")
    return own.order_by("-issued_at")[:MOST_ROWS]


def own_profile(user: User) -> Trainee | None:
    """With ``name_confirmed_at``, nothing where the name has changed since then."""
    confirmed = NameConfirmation.objects.of_present_name().filter(trainee=OuterRef("pk"))
    people = Trainee.objects.select_related("agency").filter(user=user)
    at = Subquery(confirmed.values("confirmed_at")[:1])
    person: Trainee | None = people.annotate(name_confirmed_at=at).first()
    return person


@allow(SIGNED_IN)
@never_cache
def my_calendar(request: AuthenticatedHttpRequest) -> HttpResponse:
    meetings = own_meetings(request.user) + taught_meetings(request.user)
    held = [meeting for meeting in meetings if not meeting.is_cancelled]
    return calendar_response(held, "699.ics", calendar_label(CalendarScope.OWN, None))


@allow(SIGNED_IN)
@never_cache
def record_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    person = get_object_or_404(Trainee.objects.select_related("agency"), user=request.user)
    completions = _completed(person)
    context = {
        "profile": person,
        "completions": completions,
        "periods": sum(completion.periods for completion in completions),
        "today": clock.today(),
    }
    return render(request, "profiles/record.html", context)


def _completed(person: Trainee) -> CompletionQuerySet:
    """Completions of the person under any of their merged rows, earliest first."""
    rows = rows_of(person.pk, Merge.objects.believed(clock.now()).survivor_by_absorbed())
    certificates = Certificate.objects.filter(completion=OuterRef("pk"), state="issued")
    found = Completion.objects.not_voided().filter(trainee__in=rows).earliest_first()
    serial_number = Subquery(certificates.values("serial_number")[:1])
    return found.select_related("run__course", "sending_agency").annotate(serial=serial_number)
