"""What a course teaches: a part of its page, and the forms for the office."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow
from common.form_errors import domain_errors_on, render_form
from competencies.forms import CourseCompetencyForm
from competencies.models import CourseCompetency
from competencies.services.course_competencies import (
    remove_course_competency,
    set_course_competency,
)
from courses.models import Course


def competencies_of_course(user: Any, course: Course) -> tuple[str, dict[str, Any]] | None:
    """Whoever may change it also sees what it taught before, and will teach."""
    may_change = user.is_authenticated and user.has_role(Role.PROGRAMME_OFFICE)
    links = CourseCompetency.objects.of_course(course)
    rows = [_row(link) for link in (links if may_change else links.on(clock.today()))]
    if not rows and not may_change:
        return None
    section = {"course": course, "rows": rows, "may_change": may_change}
    return "competencies/of_course.html", section


def _row(link: CourseCompetency) -> dict[str, Any]:
    return {
        "pk": link.pk,
        "competency": link.competency,
        "level": link.level,
        "days": formats.term(link.first_day, link.last_day),
    }


@allow(Role.PROGRAMME_OFFICE)
def new_course_competency(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    course = get_object_or_404(Course, code=code)
    return _asked(request, course, None)


@allow(Role.PROGRAMME_OFFICE)
@transaction.atomic
def course_competency(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    links = CourseCompetency.objects.select_related("course", "competency__framework")
    if request.method == "POST":
        links = links.select_for_update(of=("self",))
    link = get_object_or_404(links, pk=pk)
    return _asked(request, link.course, link)


def _asked(
    request: AuthenticatedHttpRequest, course: Course, link: CourseCompetency | None
) -> HttpResponse:
    form = CourseCompetencyForm(request.POST or None, instance=link)
    if form.is_valid():
        with domain_errors_on(form):
            set_course_competency(
                by=request.user.as_actor(), course=course, link=link, **form.cleaned_data
            )
            messages.success(request, _("Saved what the course teaches."))
            return redirect("course", course.code)
    context = {"form": form, "course": course, "link": link}
    return render_form(request, "competencies/course_competency.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def remove_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    links = CourseCompetency.objects.select_related("course", "competency__framework", "level")
    link = get_object_or_404(links, pk=pk)
    remove_course_competency(by=request.user.as_actor(), link=link)
    messages.success(request, _("Removed from the course."))
    return redirect("course", link.course.code)
