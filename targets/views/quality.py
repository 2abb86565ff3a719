from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from counting.counter import counted
from counting.forms import AsOfForm
from targets.services.stored_pages import page_context, quality_key, start_page


@allow(*OVERSEERS)
def quality_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """How good the number of a day is; a wrong day shows no figure."""
    form = AsOfForm(request.GET or None)
    if form.is_bound and not form.is_valid():
        return render(request, "targets/quality.html", {"form": form}, status=400)
    asked = form.cleaned_data if form.is_bound else {}
    key = quality_key(asked.get("as_of"), asked.get("known_as_of"))
    shown, result = page_context("quality", key, counted(**asked).completions)
    context = shown | {
        "form": form,
        "result": result,
        "may_compute": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "targets/quality.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def quality_again(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AsOfForm(request.GET or None)
    if form.is_bound and not form.is_valid():
        return redirect("quality")
    asked = form.cleaned_data if form.is_bound else {}
    key = quality_key(asked.get("as_of"), asked.get("known_as_of"))
    start_page("quality", key, by=request.user.as_actor(), owner=request.user)
    query = request.GET.urlencode()
    return redirect(f"{reverse('quality')}?{query}" if query else "quality")
