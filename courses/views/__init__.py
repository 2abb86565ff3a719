from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.choices import RUN_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import ANYBODY, SIGNED_IN, allow
from common.public_text import searched_by
from common.registries import course_sections
from common.sorting import Sorting
from courses.choices import RunState
from courses.forms import CatalogueFilter, RunFilter
from courses.models import Course, CourseRun

PAGE = 50
SORTED_BY = {
    "class": ("course__title_vi", "code"),
    "days": ("starts_on", "code"),
    "venue": ("venue", "-starts_on", "code"),
    "seats": ("seats_taken", "-starts_on", "code"),
    "state": ("state", "-starts_on", "code"),
}
RUN_TONES = {
    RunState.OPEN: "good",
    RunState.RUNNING: "good",
    RunState.CANCELLED: "bad",
    RunState.DRAFT: "wait",
}


@allow(ANYBODY)
@searched_by("q")
def catalogue(request: HttpRequest) -> HttpResponse:
    form = CatalogueFilter(request.GET or None)
    text = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    courses = Course.objects.visible_to(request.user)
    if text:
        courses = courses.matching(text)
    coming = Prefetch("runs", CourseRun.objects.coming().order_by("starts_on"), to_attr="coming")
    found = Paginator(courses.prefetch_related(coming), PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {
        "form": form,
        "text": text,
        "page": page,
        "query": f"{urlencode({'q': text})}&" if text else "",
        "courses": [(course, completion_rule(course), _coming(course)) for course in page],
        "may_enter": request.user.is_authenticated and request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "courses/catalogue.html", context)


@allow(ANYBODY)
def course_page(request: HttpRequest, code: str) -> HttpResponse:
    course = get_object_or_404(Course.objects.visible_to(request.user), code=code)
    runs = CourseRun.objects.visible_to(request.user).of_the_programme().filter(course=course)
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    shown = (section(request.user, course) for _name, section in course_sections)
    context = {
        "course": course,
        "sections": list(filter(None, shown)),
        "rule": completion_rule(course),
        "description": _in_language(course),
        "page": page,
        "runs": [run_facts(run) for run in page],
        "requires": [other.title for other in course.prerequisites.all()],
        "may_read_units": _may_read_units(request.user, course),
        "may_change": request.user.is_authenticated
        and request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "courses/course.html", context)


def _may_read_units(user: Any, course: Course) -> bool:
    if not user.is_authenticated:
        return False
    teaches = user.has_role(Role.TRAINER) and course.runs.taught_by(user).exists()
    return teaches or bool(user.reads_everything)


@allow(SIGNED_IN)
@searched_by("q")
def run_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = RunFilter(request.GET or None, user=request.user)
    runs = CourseRun.objects.visible_to(request.user).of_the_programme().select_related("course")
    asked = form.cleaned_data if form.is_valid() else {}
    sorting = Sorting(request.GET, SORTED_BY, default="-days", kept=asked)
    found = form.narrow(runs).order_by(*sorting.fields)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "sorting": sorting,
        "query": sorting.query,
        "narrowed": any(asked.values()),
        "runs": [run_facts(run) | {"title": run.course.title} for run in page],
        "may_open": request.user.has_role(*RUN_MANAGERS),
    }
    return render(request, "courses/runs.html", context)


def _in_language(course: Course) -> str:
    if course.title == course.title_vi:
        return course.description_vi
    return course.description_en or course.description_vi


def completion_rule(course: Course) -> str:
    attendance = _("Completed with at least %(percent)s%% attendance") % {
        "percent": course.minimum_attendance
    }
    if course.minimum_score is None:
        return attendance
    score = {"attendance": attendance, "score": course.minimum_score.normalize()}
    return _("%(attendance)s and a score of at least %(score)s out of 10") % score


def completion_rule_of_run(run: CourseRun) -> str:
    if not run.is_self_paced:
        return completion_rule(run.course)
    if run.course.minimum_score is None:
        return _("Self-paced: completed with every unit and the test done")
    score = {"score": run.course.minimum_score.normalize()}
    return _("Self-paced: completed with every unit done and at least %(score)s of 10") % score


def _coming(course: Course) -> list[dict[str, Any]]:
    runs: list[CourseRun] = getattr(course, "coming", [])
    return [run_facts(run) for run in runs[:3]]


def run_facts(run: CourseRun) -> dict[str, Any]:
    """A run as lists show it; makes no query."""
    seats = _("%(left)s of %(capacity)s seats available")
    if run.has_endless_seats:
        seats = _("any number of seats")
    return {
        "code": run.code,
        "days": formats.days(run.starts_on, run.ends_on),
        "venue": run.venue,
        "seats": seats % {"left": run.seats_left, "capacity": run.capacity},
        "state": _("Finished, not closed yet") if run.is_over else run.get_state_display(),
        "tone": "wait" if run.is_over else RUN_TONES.get(RunState(run.state), ""),
    }
