"""Courses held elsewhere, and the courses of the programme that the office matches them to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from common.form_errors import domain_errors_on
from courses.models import CourseRun
from enrollment.forms.outside import MatchForm, RematchForm
from enrollment.services.outside import match_outside_course, rematch_outside_course

PAGE = 50


@allow(*OVERSEERS)
def outside_courses(request: AuthenticatedHttpRequest) -> HttpResponse:
    valid = Count("completions", filter=Q(completions__voided_at=None))
    runs = CourseRun.objects.outside().select_related("course").annotate(results=valid)
    found = runs.order_by("platform", "outside_title", "pk")
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "may_match": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "enrollment/outside.html", context)


@allow(Role.PROGRAMME_OFFICE)
def match_course(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = MatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            match_outside_course(by=request.user.as_actor(), **form.cleaned_data)
            messages.success(request, _("Course matched."))
            return redirect("outside_courses")
    return _asked(request, form, _("Match a course held elsewhere"))


@allow(Role.PROGRAMME_OFFICE)
def rematch_course(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.outside().select_related("course"), code=code)
    form = RematchForm(request.POST or None, initial={"course": run.course.code})
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            rematch_outside_course(by=request.user.as_actor(), run=run, **form.cleaned_data)
            messages.success(request, _("Course matched."))
            return redirect("outside_courses")
    return _asked(request, form, f"{run.platform}: {run.outside_title}")


def _asked(request: AuthenticatedHttpRequest, form: RematchForm, heading: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "label": _("Save")}
    context["cancel"] = reverse("outside_courses")
    status = 400 if request.method == "POST" else 200
    return render(request, "courses/form.html", context, status=status)
