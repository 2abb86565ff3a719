import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock, formats
from common.access import SIGNED_IN, allow, recorded_download
from common.downloads import PDF, attachment
from common.form_errors import domain_errors_on, render_form
from people.choices import RequestState
from people.models import DataRequest, Trainee
from people.services.data_requests import ask
from people.services.own_data import take_own_data
from people.services.privacy import everything_about
from profiles.forms import OwnRequestForm
from profiles.limits import OWN_DATA
from profiles.pdf import own_data_pdf, readable

REQUEST_TONES = {
    RequestState.OPEN: "wait",
    RequestState.REPLIED: "wait",
    RequestState.DONE: "good",
    RequestState.REFUSED: "bad",
}


@allow(SIGNED_IN)
@never_cache
def my_data(request: AuthenticatedHttpRequest) -> HttpResponse:
    own = _own(request.user)
    initial = OwnRequestForm.asked_for(own.enrollments.all(), request.GET)
    form = OwnRequestForm(request.POST or None, initial=initial)
    if form.is_valid():
        with domain_errors_on(form):
            asked = ask(by=request.user.as_actor(), trainee=own, **form.cleaned_data)
            text = _("Received. The programme office will reply by %(day)s.")
            messages.success(request, text % {"day": formats.day(asked.reply_by)})
            return redirect("my_data")
    kinds = readable(everything_about(own, in_clear=False))
    context = {
        "own": own,
        # What was asked has a table of its own, with the days by which it is answered.
        "kinds": [kind for kind in kinds if kind["name"] != "requests"],
        "form": form,
        "requests": DataRequest.objects.filter(trainee=own),
        "tones": REQUEST_TONES,
        "as_of": formats.instant(clock.now()),
    }
    return render_form(request, "profiles/my_data.html", context)


def _own(user: User) -> Trainee:
    return get_object_or_404(Trainee.objects.select_related("agency"), user=user)


@allow(SIGNED_IN)
@recorded_download
@never_cache
def my_data_file(request: AuthenticatedHttpRequest, form: str) -> HttpResponse:
    """The same as JSON or PDF, with numbers in clear."""
    own = _own(request.user)
    if not OWN_DATA.allows(request, request.user.pk):
        return render(request, "429.html", status=429)
    tables = take_own_data(by=request.user.as_actor(), trainee=own, form=form)
    if form == "pdf":
        content, kind = own_data_pdf(own.code, tables), PDF
    else:
        plain = {one.name: [dict(row) for row in one.rows] for one in tables}
        whole = {"trainee_code": own.code, "as_of": clock.now().isoformat(), **plain}
        content = json.dumps(whole, ensure_ascii=False, indent=2, default=str).encode()
        kind = "application/json"
    headers = attachment(f"{own.code}.{form}")
    return HttpResponse(content, content_type=kind, headers=headers)
