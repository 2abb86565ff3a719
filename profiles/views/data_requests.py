from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, PEOPLE_MANAGERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from common.downloads import PDF, attachment
from common.errors import DomainError
from common.form_errors import domain_errors_on, render_form
from enrollment.models import Enrollment
from people.choices import RequestKind
from people.models import DataRequest, Trainee
from people.services.data_requests import answer, ask
from people.services.own_data import copy_own_data
from profiles.forms import AnswerForm, CorrectionRequestForm, LetterRequestForm
from profiles.pdf import own_data_pdf
from profiles.views.own_data import REQUEST_TONES
from profiles.views.shared import settled_tabs

PAGE = 50


@allow(*OVERSEERS)
@never_cache
def request_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    settled = "settled" in request.GET
    asked = DataRequest.objects.visible_to(request.user)
    found = asked.exclude(state__in=("open", "replied")) if settled else asked.open()
    found = found.order_by("-settled_at", "-id") if settled else found
    page = Paginator(found.select_related("trainee"), PAGE).get_page(request.GET.get("page"))
    overdue = formats.number(asked.overdue().count())
    context = {"page": page, "tones": REQUEST_TONES, "overdue": overdue} | settled_tabs(settled)
    return render(request, "profiles/requests.html", context)


@allow(*OVERSEERS)
@never_cache
def request_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    rows = DataRequest.objects.visible_to(request.user).select_related("trainee__agency")
    asked = get_object_or_404(rows, pk=pk)
    form = AnswerForm(request.POST or None)
    is_office = request.user.has_role(Role.PROGRAMME_OFFICE)
    if request.method == "POST" and not is_office:
        raise PermissionDenied
    if form.is_valid():
        data = form.cleaned_data
        with domain_errors_on(form):
            by, state, text = request.user.as_actor(), data["state"], data["answer"]
            answer(by=by, request=asked, state=state, text=text, owner=request.user)
            messages.success(request, _("Answered; the person will be notified."))
            return redirect("data_requests")
    context = {
        "asked": asked,
        "tones": REQUEST_TONES,
        "form": form,
        "effect": _effects()[asked.kind],
        "may_answer": is_office and not asked.settled_at,
        "wants_copy": asked.kind == RequestKind.ACCESS,
    }
    return render_form(request, "profiles/request.html", context)


@allow(*PEOPLE_MANAGERS)
@never_cache
def record_request(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = get_object_or_404(Trainee.objects.manageable_by(request.user), code=code)
    is_office = request.user.has_role(Role.PROGRAMME_OFFICE)
    kind = LetterRequestForm if is_office else CorrectionRequestForm
    known = Enrollment.objects.visible_to(request.user).filter(trainee=person)
    form = kind(request.POST or None, initial=kind.asked_for(known, request.GET))
    if form.is_valid():
        with domain_errors_on(form):
            asked = ask(by=request.user.as_actor(), trainee=person, **form.cleaned_data)
            text = _("Recorded. A reply is due by %(day)s.")
            messages.success(request, text % {"day": formats.day(asked.reply_by)})
            return redirect("data_request", asked.pk) if is_office else redirect("explain", code)
    context = {
        "form": form,
        "person": person,
        "heading": _("Record a request about personal data"),
        "note": _("What the person requested on paper or by telephone about their own data."),
        "label": _("Record request"),
    }
    if not is_office:
        context |= {
            "heading": _("Request a correction"),
            "note": _("The programme office replies within two working days, to the person too."),
            "label": _("Send the request"),
        }
    return render_form(request, "profiles/form.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
@never_cache
def request_copy(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """The copy to hand over on paper, with numbers in clear."""
    rows = DataRequest.objects.visible_to(request.user).select_related("trainee")
    asked = get_object_or_404(rows, pk=pk)
    try:
        tables = copy_own_data(by=request.user.as_actor(), request=asked)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("data_request", pk)
    code = asked.trainee.code
    content, headers = own_data_pdf(code, tables), attachment(f"{code}.pdf")
    return HttpResponse(content, content_type=PDF, headers=headers)


def _effects() -> dict[str, str]:
    return {
        RequestKind.ACCESS: _(
            "The person finds the copy under My data. Give a printed copy to anyone "
            "without an account."
        ),
        RequestKind.CORRECT: _("Correct the person's data first, then state here what was done."),
        RequestKind.WITHDRAW: _(
            "If you grant this, e-mail address and phone number are deleted immediately."
        ),
        RequestKind.ERASE: _(
            "If you grant this, name, birth date, personal number and contact details are erased "
            "everywhere, the account is closed and certificate files are replaced by their "
            "register entries. Results, register numbers and totals remain, under the trainee "
            "code. This cannot be undone."
        ),
    }
