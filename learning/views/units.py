from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS
from accounts.http import AuthenticatedHttpRequest
from common.access import SIGNED_IN, allow
from common.form_errors import domain_errors_on, error_as_message, render_form, valid_data
from courses.models import Course, CourseRun
from enrollment.views.shared import run_for_staff
from learning.choices import UnitKind
from learning.forms import ClassUnitForm, UnitForm
from learning.models import ClassUnit, Unit, UnitDone, UnitVersion
from learning.services.course_tests import tests_of
from learning.services.progress import done_by, set_done, times_done
from learning.services.units import (
    ShownUnit,
    add_unit,
    change_unit,
    may_open_version,
    move_unit,
    set_class_unit,
    units_of,
    withdraw_unit,
)
from learning.views.shared import (
    class_context,
    class_of_reader,
    course_for_staff,
    may_manage,
    may_manage_course,
    own_seat,
)

PAGE_SIZE = 50
_STEPS = {"up": -1, "down": 1}


@allow(*RUN_READERS)
@require_GET
def course_units(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    course = course_for_staff(request.user, code, reading=True)
    units = course.units.of_the_course().filter(withdrawn_at=None)
    versions = UnitVersion.objects.filter(unit__in=units).order_by("number")
    newest = {version.unit_id: version for version in versions}
    context = {
        "course": course,
        "units": [(unit, newest[unit.pk]) for unit in units],
        "may_manage": may_manage_course(request.user, course),
    }
    return render(request, "learning/course_units.html", context)


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def new_unit(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    course = course_for_staff(request.user, code)
    return _add(request, course, None)


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def new_class_unit(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    return _add(request, run.course, run)


def _add(request: AuthenticatedHttpRequest, course: Course, run: CourseRun | None) -> HttpResponse:
    form = UnitForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with domain_errors_on(form):
            add_unit(by=request.user.as_actor(), course=course, run=run, **form.cleaned_data)
            messages.success(request, _("Learning unit added."))
            return redirect(_list_of(course, run))
    return _asked(
        request, form, course, run, heading=_("New learning unit"), label=_("Add the unit")
    )


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def unit_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    unit = _managed_unit(request, pk)
    last = unit.versions.latest("number")
    shared = {name: getattr(unit, name) for name in ("is_required", "opens_after_days")}
    form = UnitForm(request.POST or None, request.FILES or None, initial=last.content() | shared)
    if form.is_valid():
        with domain_errors_on(form):
            change_unit(by=request.user.as_actor(), unit=unit, **form.cleaned_data)
            messages.success(request, _("Learning unit changed."))
            return redirect(_list_of(unit.course, unit.run))
    heading = _("Change the learning unit")
    return _asked(
        request, form, unit.course, unit.run, heading=heading, label=_("Save"), version=last
    )


def _asked(
    request: AuthenticatedHttpRequest,
    form: Any,
    course: Course,
    run: CourseRun | None,
    **shown: Any,
) -> HttpResponse:
    context = {
        "form": form,
        "cancel": _list_of(course, run),
        "parent": _("Learning units"),
        "code": run.code if run else course.code,
        **shown,
    }
    return render_form(request, "learning/unit_form.html", context)


@allow(*RUN_MANAGERS)
@require_POST
def unit_action(request: AuthenticatedHttpRequest, pk: int, action: str) -> HttpResponse:
    unit, by = _managed_unit(request, pk), request.user.as_actor()
    with error_as_message(request):
        if action == "withdraw":
            withdraw_unit(by=by, unit=unit)
            messages.success(request, _("Learning unit withdrawn. Classes that ended keep it."))
        else:
            move_unit(by=by, unit=unit, steps=_STEPS[action])
    return redirect(_list_of(unit.course, unit.run))


def _managed_unit(request: AuthenticatedHttpRequest, pk: int) -> Unit:
    units = Unit.objects.manageable_by(request.user).select_related("course", "run")
    return get_object_or_404(units, pk=pk, withdrawn_at=None)


def _list_of(course: Course, run: CourseRun | None) -> str:
    if run:
        return reverse("run_units", args=[run.code])
    return reverse("course_units", args=[course.code])


@allow(SIGNED_IN)
@require_GET
def run_units(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = class_of_reader(request.user, code)
    context, shown = class_context(request, run), units_of(run)
    seat = own_seat(request.user, run)
    if not context["is_staff"]:
        shown = [one for one in shown if one.is_visible]
    done = done_by(seat) if seat else set()
    context |= {
        "seat": seat,
        "units": shown,
        "done": done,
        "done_count": sum(one.unit.pk in done for one in shown),
        "tests": tests_of(run),
        "may_manage": context["is_staff"] and may_manage(request.user),
    }
    if context["is_staff"]:
        context |= _who_has_done_what(request, run, shown)
    return render(request, "learning/run_units.html", context)


def _who_has_done_what(
    request: AuthenticatedHttpRequest, run: CourseRun, shown: list[ShownUnit]
) -> dict[str, Any]:
    seated = run.enrollments.holding_a_seat().select_related("trainee").in_roster_order()
    page = Paginator(seated, PAGE_SIZE).get_page(request.GET.get("page"))
    marks = UnitDone.objects.filter(enrollment__in=list(page)).values_list("enrollment", "unit")
    done = set(marks)
    people = [(one.trainee, [(one.pk, unit.unit.pk) in done for unit in shown]) for one in page]
    return {
        "page": page,
        "people": [(trainee, cells, sum(cells)) for trainee, cells in people],
        "times": times_done(run, shown),
        "seated": page.paginator.count,
    }


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def run_unit(request: AuthenticatedHttpRequest, code: str, pk: int) -> HttpResponse:
    run = class_of_reader(request.user, code)
    context, seat = class_context(request, run), own_seat(request.user, run)
    listed = [one for one in units_of(run) if context["is_staff"] or one.is_visible]
    at = next((at for at, one in enumerate(listed) if one.unit.pk == pk), None)
    if at is None:
        raise Http404
    if request.method == "POST":
        return _mark_done(request, run, listed[at].unit)
    context |= {
        "shown": listed[at],
        "version": listed[at].version,
        "is_video": listed[at].version.kind == UnitKind.VIDEO,
        "next": listed[at + 1] if at + 1 < len(listed) else None,
        "seat": seat,
        "is_done": seat is not None and pk in done_by(seat),
    }
    if context["is_staff"] and may_manage(request.user):
        setting = ClassUnit.objects.filter(run=run, unit=pk).first()
        context["form"] = ClassUnitForm(instance=setting, unit=listed[at].unit)
    return render(request, "learning/run_unit.html", context)


def _mark_done(request: AuthenticatedHttpRequest, run: CourseRun, unit: Unit) -> HttpResponse:
    seat = own_seat(request.user, run)
    if seat is None:
        raise Http404
    with error_as_message(request):
        done = request.POST.get("done") != "0"
        set_done(by=request.user.as_actor(), enrollment=seat, unit=unit, done=done)
    return redirect("run_units", run.code)


@allow(*RUN_MANAGERS)
@require_POST
def fit_unit(request: AuthenticatedHttpRequest, code: str, pk: int) -> HttpResponse:
    run = run_for_staff(request.user, code)
    unit = get_object_or_404(Unit.objects.offered_in(run), pk=pk)
    form = ClassUnitForm(request.POST, unit=unit)
    with error_as_message(request, _("Saved for this class.")):
        set_class_unit(by=request.user.as_actor(), run=run, unit=unit, **valid_data(form))
    return redirect("run_unit", code, pk)


@allow(SIGNED_IN)
@require_GET
def unit_file(request: AuthenticatedHttpRequest, version: int) -> HttpResponseBase:
    found = get_object_or_404(UnitVersion.objects.select_related("unit"), pk=version)
    if not found.file or not may_open_version(request.user, found):
        raise Http404
    return FileResponse(found.file.open("rb"), as_attachment=found.kind != UnitKind.VIDEO)
