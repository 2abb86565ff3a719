"""The check-in code that the trainer shows, and the page it leads to."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.choices import RUN_MANAGERS
from accounts.http import AuthenticatedHttpRequest
from audit.services import Actor
from common import formats
from common.access import ANYBODY, allow
from common.errors import DomainError
from common.qr import qr_svg
from courses.models import Session
from enrollment.choices import Mark
from enrollment.errors import EnrollmentError
from enrollment.forms.attendance import CheckInForm
from enrollment.limits import CHECK_INS, CHECK_INS_AS_SOMEBODY, CHECK_INS_AS_SOMEBODY_A_DAY
from enrollment.models import Attendance, Enrollment
from enrollment.services import check_in as service
from enrollment.views.shared import run_context, run_for_staff


@allow(*RUN_MANAGERS)
@require_GET
@never_cache
def check_in_code(request: AuthenticatedHttpRequest, code: str, number: int) -> HttpResponse:
    """The QR code of this minute; htmx asks for the next one before it ages."""
    run = run_for_staff(request.user, code)
    session = get_object_or_404(run.sessions, number=number)
    context = run_context(request, run) | {"session": session}
    try:
        path = reverse("check_in_scan", args=[service.current_code(session)])
        context["address"] = request.build_absolute_uri(path)
        context["picture"] = qr_svg(context["address"])
    except DomainError as error:
        context["refused"] = error.message
    marked = Attendance.objects.filter(session=session, mark__in=(Mark.PRESENT, Mark.LATE))
    context["marked"] = formats.number(marked.count())
    context["seated"] = formats.number(run.seats_taken)
    # htmx replaces only the picture, so that the page on the projector does not flicker.
    is_part = getattr(request, "htmx", False)
    page = "enrollment/check_in_picture.html" if is_part else "enrollment/check_in_code.html"
    return render(request, page, context)


@allow(ANYBODY)
@require_GET
@never_cache
def check_in_scan(request: HttpRequest, token: str) -> HttpResponse:
    try:
        session, ticket = service.ticket_for(token)
    except DomainError as error:
        return _page(request, refused=error.message)
    return _page(request, session, form=CheckInForm(initial={"ticket": ticket}), ticket=ticket)


@allow(ANYBODY)
@require_POST
@never_cache
def check_in(request: HttpRequest) -> HttpResponse:
    ticket = request.POST.get("ticket", "")
    # A signed-in trainer's tablet may be passed around: then names are typed.
    by_account = request.user.is_authenticated and "account" in request.POST
    form = CheckInForm(request.POST)
    session: Session | None = None
    try:
        session = service.session_of_ticket(ticket)
        if not by_account and not form.is_valid():
            return _page(request, session, form=form, ticket=ticket)
        enrollment = _enrollment(request, session, form, by_account=by_account)
        attendance = service.check_in(
            by=_actor(request, enrollment), session=session, enrollment=enrollment
        )
    except DomainError as error:
        if session and error.code in ("not_found", "no_seat"):
            messages.error(request, error.message)
            return _page(request, session, form=form, ticket=ticket)
        return _page(request, refused=error.message)
    return _page(request, session, done=attendance.get_mark_display())


def _enrollment(
    request: HttpRequest, session: Session, form: CheckInForm, *, by_account: bool
) -> Enrollment:
    if by_account:
        return service.enrollment_of_account(session, request.user.pk or 0)
    name, digits = form.cleaned_data["name"], form.cleaned_data["last_digits"]
    if not _may_try(request, session, name):
        raise EnrollmentError(
            "too_often", _("Too many attempts from this device. Please ask the trainer.")
        )
    return service.enrollment_by_name(session, name=name, last_digits=digits)


def _may_try(request: HttpRequest, session: Session, name: str) -> bool:
    return (
        CHECK_INS.allows(request, session.pk)
        and CHECK_INS_AS_SOMEBODY.allows(request, session.pk, name)
        and CHECK_INS_AS_SOMEBODY_A_DAY.allows(request, session.pk, name)
    )


def _actor(request: HttpRequest, enrollment: Enrollment) -> Actor:
    if request.user.is_authenticated:
        return request.user.as_actor()
    return Actor(None, f"check-in of enrollment {enrollment.pk}")


def _page(
    request: HttpRequest,
    session: Session | None = None,
    *,
    form: CheckInForm | None = None,
    ticket: str = "",
    refused: str = "",
    done: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "ticket": ticket, "refused": refused, "done": done}
    if session:
        context |= {"session": session, "run": session.run}
    failed = bool(refused) or (form is not None and form.is_bound)
    return render(request, "enrollment/check_in.html", context, status=400 if failed else 200)
