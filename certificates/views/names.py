"""The printed name, confirmed or called wrong by whoever has the link of a message."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from certificates.limits import NAME_LINKS
from certificates.services.name_links import (
    ask_for_correction,
    confirm_by_link,
    courses_of,
    person_of_link,
)
from certificates.views.verdicts import too_many
from common.access import ANYBODY, allow
from common.caching import unlisted
from common.refusals import refusal_on
from people.models import Trainee


class WrongNameForm(forms.Form):
    text = forms.CharField(
        label=_("What is wrong, and how it should read"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@allow(ANYBODY)
@never_cache
@unlisted
def name_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing: programs that read mail open links too."""
    person = person_of_link(token)
    if person is None:
        # Only these count: a whole office may open its links from one address.
        if not NAME_LINKS.allows(request):
            return too_many(request)
        return render(request, "certificates/name_by_link.html", {"is_over": True}, status=404)
    if request.method != "POST":
        return _page(request, person, WrongNameForm())
    if request.POST.get("action") == "confirm":
        confirm_by_link(person)
        return render(request, "certificates/name_by_link.html", {"done": "confirmed"})
    form = WrongNameForm(request.POST)
    if form.is_valid():
        with refusal_on(form):
            ask_for_correction(person, form.cleaned_data["text"])
            return render(request, "certificates/name_by_link.html", {"done": "asked"})
    return _page(request, person, form, status=400)


def _page(
    request: HttpRequest, person: Trainee, form: WrongNameForm, status: int = 200
) -> HttpResponse:
    rows = courses_of(person).select_related("run__course")
    courses = [completion.run.course.title for completion in rows]
    context = {"name": person.full_name, "courses": courses, "form": form}
    return render(request, "certificates/name_by_link.html", context, status=status)
