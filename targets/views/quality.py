from django.http import HttpResponse
from django.shortcuts import render

from accounts.choices import OVERSEERS
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from counting.counter import counted
from counting.forms import AsOfForm
from targets.progress.quality import quality


@allow(*OVERSEERS)
def quality_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """How good the number of a day is; a wrong day shows no figure."""
    form = AsOfForm(request.GET or None)
    if form.is_bound and not form.is_valid():
        return render(request, "targets/quality.html", {"form": form}, status=400)
    count = counted(**(form.cleaned_data if form.is_bound else {}))
    found = quality(count)
    context = {
        "form": form,
        "number": formats.number(count.persons),
        "completions": formats.number(count.completions),
        "as_of": formats.day(count.as_of),
        "known": formats.exact(count.known_as_of),
        "rule": count.rule,
        "parts": found.parts,
    }
    return render(request, "targets/quality.html", context)
