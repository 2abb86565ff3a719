"""Who completed which course: people down, courses across, and the same as a file."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.choices import STAFF
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from common.public_text import searched_by
from common.sorting import Sorting
from profiles.views.people import SORTED_BY, in_order, people_page
from rosters.exporting.chosen_rows import chosen_people
from rosters.exporting.matrix import CourseMatrix
from rosters.forms.exports import MatrixForm
from rosters.views.exports import answer_choice


@allow(*STAFF)
@never_cache
@searched_by("q", "agency")
def training_matrix(request: AuthenticatedHttpRequest) -> HttpResponseBase:
    """A POST asks for the file."""
    user, data = request.user, request.POST or request.GET
    form = MatrixForm(data, user=user, auto_id="filter_%s")
    if request.method == "POST" and form.is_valid():
        return answer_choice(request, form.wanted())
    asked = {name: data[name] for name in form.fields if name != "form" and data.get(name)}
    context: dict[str, Any] = {"form": form, "asked": asked, "query": urlencode(asked)}
    if form.is_valid():
        people = chosen_people(user, form.wanted())
        period = {name: form.cleaned_data[name] for name in ("since", "until")}
        matrix = CourseMatrix(people, reader=user, **period)
        shown, before, after = people_page(
            partial(in_order.once, people),
            request.GET,
            Sorting({}, SORTED_BY, default="name"),
        )
        days = matrix.days_of([person.pk for person in shown])
        context |= {
            "courses": matrix.courses,
            "rows": [(person, days[person.pk]) for person in shown],
            "before": before,
            "after": after,
        }
    status = 200 if form.is_valid() else 400
    return render(request, "profiles/matrix.html", context, status=status)
