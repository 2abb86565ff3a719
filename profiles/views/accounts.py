"""Accounts for an agency's people: invitations by mail or letters to print."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock
from common.access import allow
from common.downloads import PDF, attachment
from common.errors import DomainError
from common.form_errors import error_as_message
from common.public_text import searched_by
from common.vietnamese import search_key
from people.forms import PeopleSearch
from people.models import Trainee
from people.querysets import TraineeQuerySet
from people.services.accounts import MOST_AT_ONCE, letters_for, open_accounts
from profiles.pdf import code_letters

# An unusable password begins with this sign: nobody has claimed the account yet.
_UNCLAIMED = Q(user=None) | Q(("user__password__startswith", "!"))


@allow(*PEOPLE_MANAGERS)
@never_cache
@searched_by("q")
def people_accounts(request: AuthenticatedHttpRequest) -> HttpResponse:
    """People without an account; a search also finds those who lost its password."""
    search = PeopleSearch(request.GET or None, auto_id="filter_%s")
    text = search.cleaned_data["q"] if search.is_valid() else ""
    people = _manageable_by(request.user)
    people = people.matching(text) if search_key(text) else people.filter(_UNCLAIMED)
    shown = people.select_related("agency", "user").in_roster_order()[:MOST_AT_ONCE]
    context = {
        "people": shown,
        "search": search,
        "narrowed": bool(text),
        "most": MOST_AT_ONCE,
    }
    return render(request, "profiles/accounts.html", context)


def _manageable_by(user: User) -> TraineeQuerySet:
    people: TraineeQuerySet = Trainee.objects.of_people_manageable_by(user).filter(erased_at=None)
    return people


@allow(*PEOPLE_MANAGERS)
@require_POST
def invite_people(request: AuthenticatedHttpRequest) -> HttpResponse:
    people = list(_chosen(request))
    # Not what the service counts: that an address is another account's is nobody's business.
    passed_over = sum(not _has_address(person) for person in people)
    with error_as_message(request):
        open_accounts(by=request.user.as_actor(), trainees=people)
        _message_sent(request, len(people) - passed_over, passed_over)
    return redirect("people_accounts")


def _message_sent(request: HttpRequest, count: int, passed_over: int) -> None:
    text = ngettext(
        "A link is being sent to %(count)s address; anyone who does not receive it needs a letter.",
        "Links are being sent to %(count)s addresses; anyone who does not receive one "
        "needs a letter.",
        count,
    )
    messages.success(request, text % {"count": count})
    if passed_over:
        text = ngettext(
            "%(count)s person has no e-mail address of their own: print a letter.",
            "%(count)s people have no e-mail address of their own: print letters.",
            passed_over,
        )
        messages.warning(request, text % {"count": passed_over})


def _has_address(person: Trainee) -> bool:
    return bool(person.email or (person.user and person.user.has_mailbox))


@allow(*PEOPLE_MANAGERS)
@require_POST
@never_cache
def print_letters(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The PDF is not stored: it contains the codes in clear."""
    try:
        letters = letters_for(by=request.user.as_actor(), trainees=_chosen(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("people_accounts")
    headers = attachment(f"letters-{clock.today():%Y%m%d}.pdf")
    return HttpResponse(code_letters(letters), content_type=PDF, headers=headers)


def _chosen(request: AuthenticatedHttpRequest) -> TraineeQuerySet:
    codes = request.POST.getlist("code")[: MOST_AT_ONCE + 1]
    people = _manageable_by(request.user).filter(code__in=codes)
    return people.select_related("agency", "user").in_roster_order()
