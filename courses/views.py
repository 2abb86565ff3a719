"""The catalogue: what is taught and when it begins."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.access import ANYBODY, open_to
from common.vietnamese import search_key
from courses.choices import RunState
from courses.forms import CatalogueFilter
from courses.models import Course, CourseRun

RUN_TONES = {
    RunState.OPEN: "good",
    RunState.RUNNING: "good",
    RunState.CANCELLED: "bad",
    RunState.DRAFT: "wait",
}


@open_to(ANYBODY)
def catalogue(request: HttpRequest) -> HttpResponse:
    """All courses on offer with the runs that are still to come."""
    form = CatalogueFilter(request.GET or None)
    text = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    coming = Prefetch("runs", CourseRun.objects.coming().order_by("starts_on"), to_attr="coming")
    courses = [c for c in Course.objects.offered().prefetch_related(coming) if _holds(c, text)]
    context = {
        "form": form,
        "text": text,
        "courses": [course_facts(course) | {"runs": _runs(course)} for course in courses],
    }
    return render(request, "courses/catalogue.html", context)


@open_to(ANYBODY)
def course_page(request: HttpRequest, code: str) -> HttpResponse:
    """One course: what it asks, and all its announced runs."""
    course = get_object_or_404(Course.objects.offered(), code=code)
    runs = CourseRun.objects.announced().filter(course=course)[:100]
    context = course_facts(course) | {
        "course": course,
        "description": _in_language(course),
        "runs": [run_facts(run) for run in runs],
    }
    return render(request, "courses/course.html", context)


def _holds(course: Course, text: str) -> bool:
    """Few courses, no stored key: compared here, whatever the accents."""
    whole = search_key(f"{course.code} {course.title_vi} {course.title_en}"[:500])
    return search_key(text) in whole


def _in_language(course: Course) -> str:
    if course.title == course.title_vi:
        return course.description_vi
    return course.description_en or course.description_vi


def course_facts(course: Course) -> dict[str, Any]:
    """A course as lists show it."""
    periods = ngettext("%(periods)s period", "%(periods)s periods", course.periods)
    days = ngettext("%(days)s day", "%(days)s days", course.days)
    return {
        "code": course.code,
        "title": course.title,
        "periods": periods % {"periods": course.periods},
        "days": days % {"days": course.days},
        "delivery": course.get_delivery_display(),
        "rule": completion_rule(course),
    }


def completion_rule(course: Course) -> str:
    """When a person has completed the course, in words."""
    attendance = _("Completed with at least %(percent)s %% attendance") % {
        "percent": course.minimum_attendance
    }
    if course.minimum_score is None:
        return attendance
    score = {"attendance": attendance, "score": course.minimum_score.normalize()}
    return _("%(attendance)s and a score of at least %(score)s of 10") % score


def _runs(course: Course) -> list[dict[str, Any]]:
    runs: list[CourseRun] = getattr(course, "coming", [])
    return [run_facts(run) for run in runs[:3]]


def run_facts(run: CourseRun) -> dict[str, Any]:
    """A run as lists show it; it asks the database nothing."""
    seats = {"left": run.seats_left, "capacity": run.capacity}
    return {
        "code": run.code,
        "days": formats.days(run.starts_on, run.ends_on),
        "place": run.place,
        "seats": _("%(left)s of %(capacity)s seats free") % seats,
        "state": run.get_state_display(),
        "tone": RUN_TONES.get(RunState(run.state), ""),
    }
