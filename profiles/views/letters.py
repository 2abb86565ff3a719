"""Letters to people who cannot be mailed: listed for whoever looks after them, and printed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from common import clock, formats
from common.access import allow
from common.downloads import PDF, attachment
from people.models import Letter
from people.services.letters import print_letters
from profiles.forms import LettersForm
from profiles.pdf import letters_pdf

PAGE = 50
# In one file, which a request has to wait for.
MOST_PRINTED = 100


@allow(*PEOPLE_READERS)
@never_cache
def unmailed_letters(request: AuthenticatedHttpRequest) -> HttpResponse:
    printed, slug = "printed" in request.GET, request.GET.get("agency", "")
    agency = get_object_or_404(Agency, slug=slug) if slug else None
    found = Letter.objects.visible_to(request.user)
    if agency:
        found = found.filter(trainee__agency=agency)
    waiting = found.to_print()
    shown = found.exclude(printed_at=None).order_by("-printed_at", "-pk") if printed else waiting
    page = Paginator(shown.select_related("trainee__agency", "notice"), PAGE).get_page(
        request.GET.get("page")
    )
    of_agency = f"agency={agency.slug}&" if agency else ""
    context = {
        "page": page,
        "agency": agency,
        "printed": printed,
        "query": of_agency + ("printed&" if printed else ""),
        "tabs": [
            {"label": _("To print"), "href": f"?{of_agency}", "is_current": not printed},
            {"label": _("Printed"), "href": f"?{of_agency}printed", "is_current": printed},
        ],
        "print_all": _print_all(waiting.count()),
        "may_print": request.user.has_role(*PEOPLE_MANAGERS),
    }
    return render(request, "profiles/letters.html", context)


def _print_all(count: int) -> str:
    """The label of the button; empty where nothing waits."""
    if not count:
        return ""
    if count > MOST_PRINTED:
        text = _("Print the first %(most)s of %(count)s letters")
    else:
        text = ngettext("Print %(count)s letter", "Print all %(count)s letters", count)
    return text % {"most": formats.number(MOST_PRINTED), "count": formats.number(count)}


@allow(*PEOPLE_MANAGERS)
@require_POST
@never_cache
def print_unmailed_letters(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Those chosen, else all that wait. Marked only where the file could be made."""
    form = LettersForm(request.POST, letters=Letter.objects.manageable_by(request.user))
    if not form.is_valid():
        raise Http404
    letters = form.wanted().order_by("trainee__sort_key", "trainee", "pk")
    with transaction.atomic():
        printed = print_letters(by=request.user.as_actor(), letters=letters[:MOST_PRINTED])
        if not printed:
            messages.error(request, _("No letters are waiting to be printed."))
            return redirect("unmailed_letters")
        content = letters_pdf(printed)
    headers = attachment(f"letters-{clock.today():%Y%m%d}.pdf")
    return HttpResponse(content, content_type=PDF, headers=headers)


def letters_of_agency(user: User, agency: Agency) -> tuple[str, dict[str, Any]] | None:
    """How many letters wait for an agency's coordinator, for its page."""
    waiting = Letter.objects.manageable_by(user).filter(trainee__agency=agency).to_print().count()
    if not waiting:
        return None
    text = ngettext("%(count)s letter to print", "%(count)s letters to print", waiting)
    label = text % {"count": formats.number(waiting)}
    return "profiles/agency_letters.html", {"label": label, "slug": agency.slug}
