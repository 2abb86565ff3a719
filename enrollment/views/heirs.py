"""After a split: saying by name which heir stands for what the split agency had sent."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.choices import Role
from agencies.models import Succession
from common import formats
from common.access import open_to
from courses.views.office import problems_on
from enrollment.forms import HeirForm
from enrollment.models import Completion
from enrollment.services.heirs import assign_completions, unresolved

PAGE = 50


@open_to(Role.PROGRAMME_OFFICE)
def heirs_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The results that wait for an heir, with what tells which; those ticked are assigned."""
    user: Any = request.user
    split = get_object_or_404(Succession.objects.standing(), pk=pk, kind="split")
    waiting = unresolved(split).select_related("trainee", "run", "enrollment", "sending_agency")
    page = Paginator(waiting.order_by("trainee__sort_key", "id"), PAGE).get_page(
        request.GET.get("page")
    )
    form = HeirForm(request.POST or None, split=split, waiting=waiting)
    if request.method == "POST" and form.is_valid():
        with problems_on(form):
            count = assign_completions(by=user.as_actor(), succession=split, **form.cleaned_data)
            done = _("%(count)s results are assigned.") % {"count": formats.number(count)}
            messages.success(request, done)
            return redirect("heirs", pk)
    link = split.links.select_related("predecessor").first()
    context = {
        "form": form,
        "page": page,
        "rows": [_row(completion) for completion in page],
        "agency": link.predecessor if link else None,
        "day": formats.day(split.on),
    }
    status = 400 if form.errors else 200
    return render(request, "enrollment/heirs.html", context, status=status)


def _row(completion: Completion) -> dict[str, Any]:
    place, person = completion.enrollment, completion.trainee
    return {
        "pk": completion.pk,
        "name": person.full_name,
        "unit": (place and place.unit) or person.unit,
        "position": (place and place.position) or person.position,
        "run": completion.run.code,
        "day": formats.day(completion.completed_on),
    }
