"""The competency frameworks: what they hold, publishing and adopting a version."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.choices import STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from common import clock
from common.access import allow
from common.downloads import XLSX, attachment
from common.form_errors import domain_errors_on, error_as_message, render_form, valid_data
from competencies.forms import AdoptionForm, FrameworkForm
from competencies.models import CourseCompetency, Framework
from competencies.services.frameworks import adopt_framework, publish_framework
from competencies.sheets import read_framework, write_framework


@allow(*STAFF)
@require_GET
def frameworks_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    context = {
        "frameworks": Framework.objects.all(),
        "in_force": set(Framework.objects.in_force().values_list("pk", flat=True)),
        "may_manage": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "competencies/frameworks.html", context)


@allow(*STAFF)
@require_GET
def framework_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    framework = get_object_or_404(Framework, pk=pk)
    taught: dict[str, list[str]] = {}
    links = CourseCompetency.objects.on(clock.today()).filter(
        competency__framework__slug=framework.slug
    )
    for code, course in links.values_list("competency__code", "course__code").order_by(
        "course__code"
    ):
        taught.setdefault(code, []).append(course)
    areas = groupby(framework.competencies.all(), key=lambda one: one.area)
    context = {
        "framework": framework,
        "areas": [
            (area, [(one, taught.get(one.code, [])) for one in rows]) for area, rows in areas
        ],
        "adoption": AdoptionForm(),
        "may_adopt": request.user.has_role(Role.PROGRAMME_OFFICE) and not framework.adopted_at,
    }
    return render(request, "competencies/framework.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def adopt_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    framework = get_object_or_404(Framework, pk=pk)
    with error_as_message(request, _("Adopted: courses and audiences may name it.")):
        reason = valid_data(AdoptionForm(request.POST))["reason"]
        adopt_framework(by=request.user.as_actor(), framework=framework, reason=reason)
    return redirect("framework", pk)


@allow(*STAFF)
@require_GET
def framework_file(request: AuthenticatedHttpRequest, pk: int) -> StreamingHttpResponse:
    framework = get_object_or_404(Framework, pk=pk)
    headers = attachment(f"{framework.slug}-{framework.version}.xlsx")
    return StreamingHttpResponse(write_framework(framework), content_type=XLSX, headers=headers)


@allow(Role.PROGRAMME_OFFICE)
def new_framework(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The next version of a framework, or the first of another."""
    form = FrameworkForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        details = dict(form.cleaned_data)
        with domain_errors_on(form):
            rows = read_framework(details.pop("file").read())
            made = publish_framework(by=request.user.as_actor(), rows=rows, **details)
            messages.success(
                request, _("Version %(version)s published.") % {"version": made.version}
            )
            return redirect("framework", made.pk)
    return render_form(request, "competencies/new_framework.html", {"form": form})
