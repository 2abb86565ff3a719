from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import AuthenticatedHttpRequest
from common.access import SIGNED_IN, allow
from common.public_text import SearchField, searched_by
from lms.search import KINDS, search
from lms.shortcuts import COOKIE, OFF, uses_shortcuts

A_YEAR = 365 * 24 * 3600


class SearchForm(forms.Form):
    q = SearchField(label=_("Name, trainee code, class, course, certificate number or agency"))


@allow(SIGNED_IN)
@never_cache
@searched_by("q")
def search_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = SearchForm(request.GET if "q" in request.GET else None)
    text = form.cleaned_data["q"].strip() if form.is_bound and form.is_valid() else ""
    only = request.GET.get("kind", "")
    if only not in [kind.key for kind in KINDS]:
        only = ""
    groups = search(request.user, text, only)
    context = {
        "form": form,
        "text": text,
        "chosen": only,
        "groups": groups,
        "shown": [group for group in groups if group.hits],
        "count": sum(group.count for group in groups),
        "uses_shortcuts": uses_shortcuts(request),
    }
    return render(request, "lms/search.html", context, status=400 if form.errors else 200)


@allow(SIGNED_IN)
@require_POST
def switch_shortcuts(request: HttpRequest) -> HttpResponse:
    """Whether the key ``/`` leads to the search box, in this browser (WCAG 2.1.4)."""
    to = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure()):
        to = "search"
    response = redirect(to)
    if request.POST.get("shortcuts") == OFF:
        secure = request.is_secure()
        response.set_cookie(COOKIE, OFF, A_YEAR, httponly=True, secure=secure, samesite="Lax")
    else:
        response.delete_cookie(COOKIE)
    return response
