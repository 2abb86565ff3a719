from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common.access import SIGNED_IN, allow
from common.form_errors import error_as_message, valid_data
from courses.models import CourseRun
from courses.services.teaching import add_material, remove_material
from enrollment.forms import MaterialForm
from enrollment.views.shared import run_for_staff


def may_open_materials(user: User, run: CourseRun) -> bool:
    if user.reads_everything:
        return True
    if user.has_role(Role.TRAINER) and run.trainers.filter(user=user).exists():
        return True
    return run.enrollments.holding_a_seat().of_user(user.pk).exists()


@allow(SIGNED_IN)
def material_file(request: AuthenticatedHttpRequest, code: str, material: int) -> HttpResponseBase:
    run = get_object_or_404(CourseRun, code=code)
    if not may_open_materials(request.user, run):
        raise Http404
    found = get_object_or_404(run.materials, pk=material)
    return FileResponse(found.file.open("rb"), as_attachment=True)


@allow(*RUN_MANAGERS)
@require_POST
def new_material(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = MaterialForm(request.POST, request.FILES)
    with error_as_message(request, _("File added for the class.")):
        add_material(by=request.user.as_actor(), run=run, **valid_data(form))
    return redirect("run", code)


@allow(*RUN_MANAGERS)
@require_POST
def delete_material(request: AuthenticatedHttpRequest, code: str, material: int) -> HttpResponse:
    run = run_for_staff(request.user, code)
    found = get_object_or_404(run.materials.select_related("run"), pk=material)
    with error_as_message(request, _("File removed.")):
        remove_material(by=request.user.as_actor(), material=found)
    return redirect("run", code)
