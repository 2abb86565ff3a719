from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from common.form_errors import domain_errors_on, render_form
from people.models import Holiday
from people.services.holidays import enter_holidays, remove_holiday
from profiles.forms import HolidayForm

PAGE = 50


@allow(*OVERSEERS)
def holiday_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    may_enter = request.user.has_role(Role.PROGRAMME_OFFICE)
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and not may_enter:
        raise PermissionDenied
    if form.is_valid():
        with domain_errors_on(form):
            enter_holidays(by=request.user.as_actor(), **form.cleaned_data)
            messages.success(request, _("Saved. Deadlines already set do not change."))
            return redirect("holidays")
    page = Paginator(Holiday.objects.order_by("-day"), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "may_enter": may_enter}
    return render_form(request, "profiles/holidays.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def remove(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    remove_holiday(by=request.user.as_actor(), holiday=get_object_or_404(Holiday, pk=pk))
    messages.success(request, _("Removed. Deadlines already set do not change."))
    return redirect("holidays")
