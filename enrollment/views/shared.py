"""What the pages of a run share."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import RUN_MANAGERS, RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from courses.choices import RunState
from courses.models import CourseRun
from courses.views import run_facts
from enrollment.services.class_documents import export_class_document
from enrollment.views.next_steps import Step, next_step_of


def run_for_staff(user: User, code: str, *, reading: bool = False) -> CourseRun:
    """A run for the office and its own trainers; with ``reading`` also for auditors. Else 404."""
    runs = CourseRun.objects.select_related("course")
    if user.has_role(Role.PROGRAMME_OFFICE) or (reading and user.reads_everything):
        return get_object_or_404(runs, code=code)
    return get_object_or_404(runs.taught_by(user), code=code)


def require_announced(run: CourseRun, user: User) -> None:
    if run.state != RunState.DRAFT or user.reads_everything:
        return
    if not (user.has_role(Role.TRAINER) and run.trainers.filter(user=user).exists()):
        raise Http404


def is_staff_of(user: User, run: CourseRun) -> bool:
    teaches = user.has_role(Role.TRAINER) and run.trainers.filter(user=user).exists()
    return teaches or user.reads_everything


def run_context(
    request: AuthenticatedHttpRequest, run: CourseRun, *, is_staff: bool = True
) -> dict[str, Any]:
    """The head of the pages of a class; tabs and the next step only for ``is_staff``."""
    if not is_staff:
        return {"run": run, "course": run.course, "facts": run_facts(run), "tabs": []}
    here = request.resolver_match.url_name if request.resolver_match else ""
    pages = [
        ("run", _("Class")),
        ("run_seats", _("Seats")),
        *([] if run.is_self_paced else [("run_attendance", _("Attendance"))]),
        ("run_units", _("Learning units")),
        ("run_results", _("Results")),
        ("class_messages", _("Messages")),
    ]
    if request.user.has_role(*RUN_READERS):
        pages.append(("run_evaluation", _("Evaluation")))
    if request.user.has_role(*RUN_MANAGERS):
        pages.append(("run_plan", _("Planning")))
    if request.user.reads_everything:
        pages.append(("run_certificates", _("Certificates")))
    return {
        "run": run,
        "course": run.course,
        "facts": run_facts(run),
        "next_step": _step_elsewhere(request, run),
        "tabs": [
            {"label": label, "href": reverse(name, args=[run.code]), "is_current": name == here}
            for name, label in pages
        ],
    }


def _step_elsewhere(request: AuthenticatedHttpRequest, run: CourseRun) -> Step | None:
    """The next step, except on the page on which it is done."""
    step = next_step_of(request.user, run)
    return None if step and step.href == request.path else step


def form_page(
    request: HttpRequest,
    run: CourseRun,
    form: Any,
    heading: str,
    label: str,
    *,
    back: str = "run_plan",
    question: str = "",
    follows: str = "",
) -> HttpResponse:
    """One form about a run; ``label`` is its button's and ``back`` the page it returns to.

    ``follows`` says what comes of it where that cannot be taken back.
    """
    context = {
        "run": run,
        "form": form,
        "heading": heading,
        "label": label,
        "question": question,
        "follows": follows,
        "back": back,
    }
    status = 400 if form.errors else 200
    return render(request, "enrollment/form_page.html", context, status=status)


def document_response(
    request: AuthenticatedHttpRequest, run: CourseRun, document: str
) -> HttpResponse:
    content = export_class_document(by=request.user.as_actor(), run=run, document=document)
    name = f"{document.replace('_', '-')}-{run.code}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def message_recipient_count(request: HttpRequest, count: int) -> None:
    values = {"count": formats.number(count)}
    done = _("Done; people to be notified: %(count)s.") % values if count else _("Done.")
    messages.success(request, done)
