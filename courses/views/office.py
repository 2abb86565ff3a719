from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import RUN_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from common.form_errors import domain_errors_on, render_form
from courses.forms import CourseForm, NewRunForm
from courses.models import Course
from courses.services.catalogue import change_course, enter_course
from courses.services.teaching import open_run_as


@allow(Role.PROGRAMME_OFFICE)
def new_course(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = CourseForm(request.POST or None)
    if form.is_valid():
        with domain_errors_on(form):
            course = enter_course(by=request.user.as_actor(), **form.cleaned_data)
            messages.success(request, _("Course added to the catalogue."))
            return redirect("course", course.code)
    return _asked(request, form, _("New course"), _("Add the course"), reverse("courses"))


@allow(Role.PROGRAMME_OFFICE)
@transaction.atomic
def change_course_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    courses = Course.objects.select_for_update() if request.method == "POST" else Course.objects
    course = get_object_or_404(courses, code=code)
    form = CourseForm(request.POST or None, instance=course)
    if form.is_valid():
        with domain_errors_on(form):
            changed = change_course(by=request.user.as_actor(), course=course, **form.cleaned_data)
            messages.success(request, _("Course changed."))
            return redirect("course", changed.code)
    heading = _("Change course %(code)s") % {"code": code}
    return _asked(request, form, heading, _("Save"), reverse("course", args=[code]))


@allow(*RUN_MANAGERS)
@transaction.atomic
def new_run(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = NewRunForm(request.POST or None, initial={"course": request.GET.get("course")})
    if form.is_valid():
        with domain_errors_on(form):
            run = open_run_as(request.user, **form.cleaned_data)
            messages.success(request, _("Class added with its timetable."))
            return redirect("run", run.code)
    return _asked(request, form, _("New class"), _("Add the class"), reverse("runs"))


def _asked(
    request: HttpRequest, form: BaseForm, heading: str, label: str, cancel: str
) -> HttpResponse:
    context = {"form": form, "heading": heading, "label": label, "cancel": cancel}
    return render_form(request, "courses/form.html", context)
