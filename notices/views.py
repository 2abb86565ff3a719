"""The texts of messages, and the outbox, for the programme office."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Language, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import ANYBODY, allow
from common.errors import DomainError
from common.form_errors import error_as_message, valid_data
from notices.forms import (
    AddressForm,
    MessageTextForm,
    OutboxFilterForm,
    PauseForm,
    ReminderDaysForm,
    SendAgainForm,
)
from notices.kinds import MessageKind, Text, message_kinds
from notices.models import (
    MessageText,
    Notice,
    NoticeState,
    OutboxPause,
    ReminderDays,
    UndeliverableAddress,
)
from notices.services import bounce_calls, bounces, outbox, reminders, texts

PAGE = 50
VERSIONS = 20
TONES: dict[str, str] = {
    NoticeState.PENDING: "wait",
    NoticeState.SENT: "good",
    NoticeState.FAILED: "bad",
    NoticeState.UNCERTAIN: "bad",
}


@allow(*OVERSEERS)
def message_texts(request: AuthenticatedHttpRequest) -> HttpResponse:
    may_change = request.user.has_role(Role.PROGRAMME_OFFICE)
    context = {"rows": texts.all_wordings(), "may_change": may_change}
    return render(request, "notices/texts.html", context)


@allow(Role.PROGRAMME_OFFICE)
def message_text(request: AuthenticatedHttpRequest, kind: str, language: str) -> HttpResponse:
    """Change a text; ``preview`` shows it with example values, ``test`` mails it to the reader."""
    message_kind = _kind_or_404(kind, language)
    wording = texts.wording_of(message_kind, language)
    initial = {"subject": wording.subject, "body": wording.body}
    typed = request.POST if request.method == "POST" else None
    form = MessageTextForm(typed, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            done = _do(request, message_kind, language, form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            if done:
                messages.success(request, done)
                return redirect("message_text", kind, language)
    context = {
        "kind": message_kind,
        "language": language,
        "language_label": Language(language).label,
        "form": form,
        "wording": wording,
        "preview": _preview(message_kind, language, form, wording),
        "versions": MessageText.objects.filter(kind=kind, language=language)[:VERSIONS],
    }
    status = 400 if form.errors else 200
    return render(request, "notices/text.html", context, status=status)


def _do(
    request: AuthenticatedHttpRequest, kind: MessageKind, language: str, typed: dict[str, Any]
) -> str:
    """What the pressed button asks for; returns what to say, or nothing for a preview."""
    typed = {name: str(typed[name]) for name in ("subject", "body")}
    texts.require_known_placeholders(kind, **typed)
    if "preview" in request.POST:
        return ""
    if "test" in request.POST:
        texts.send_example(kind, language, texts.Wording(**typed), to=request.user.email)
        return _("A test message is on its way to %(address)s.") % {"address": request.user.email}
    texts.change_text(by=request.user.as_actor(), kind=kind, language=language, **typed)
    return _("Text saved.")


def _preview(
    kind: MessageKind, language: str, form: MessageTextForm, wording: texts.Wording
) -> texts.Wording:
    if form.is_bound and form.is_valid():
        wording = texts.Wording(form.cleaned_data["subject"], form.cleaned_data["body"])
    return texts.example(kind, language, wording)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def reset_message_text(request: AuthenticatedHttpRequest, kind: str, language: str) -> HttpResponse:
    texts.reset_text(
        by=request.user.as_actor(), kind=_kind_or_404(kind, language), language=language
    )
    messages.success(request, _("The original text is used again."))
    return redirect("message_text", kind, language)


def _kind_or_404(name: str, language: str) -> MessageKind:
    if name not in message_kinds or language not in Language.values:
        raise Http404
    return message_kinds[name]


@allow(*OVERSEERS)
def message_outbox(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Every message and its state; not its text, which may concern its reader alone."""
    form = OutboxFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    state, kind = (chosen.get(name, "") for name in ("state", "kind"))
    notices = Notice.objects.defer("body", "html_body")
    if state in NoticeState.values:
        notices = notices.filter(state=state)
    if kind:
        notices = notices.filter(kind=kind)
    page = Paginator(notices, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "query": urlencode({"state": state, "kind": kind}) + "&",
        "rows": [(notice, _kind_label(notice), TONES.get(notice.state, "")) for notice in page],
        "states": [
            {
                "label": label,
                "href": "?" + urlencode({"state": value, "kind": kind}),
                "is_current": value == state,
            }
            for value, label in [("", _("All")), *NoticeState.choices]
        ],
        "form": form,
        "failed": Notice.objects.failed().count(),
        "pause": OutboxPause.objects.under_way().first(),
        "pause_form": PauseForm(),
        "marked": UndeliverableAddress.objects.in_force().count(),
        "may_send_again": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "notices/outbox.html", context)


def _kind_label(notice: Notice) -> Text:
    return message_kinds[notice.kind].label if notice.kind in message_kinds else ""


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def pause_messages(request: AuthenticatedHttpRequest) -> HttpResponse:
    with error_as_message(
        request, _("Sending is paused. Messages are still prepared and wait to be sent.")
    ):
        reason = valid_data(PauseForm(request.POST), _("Enter a reason."))["reason"]
        outbox.pause(by=request.user.as_actor(), reason=reason)
    return redirect("message_outbox")


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def resume_messages(request: AuthenticatedHttpRequest) -> HttpResponse:
    with error_as_message(request, _("Sending has resumed.")):
        outbox.resume(by=request.user.as_actor())
    return redirect("message_outbox")


@allow(*OVERSEERS)
def undeliverable_addresses(request: AuthenticatedHttpRequest) -> HttpResponse:
    page = Paginator(UndeliverableAddress.objects.in_force(), PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "may_try_again": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "notices/addresses.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def try_address_again(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AddressForm(request.POST)
    if not form.is_valid():
        raise Http404
    for marked in form.cleaned_data["address"]:
        outbox.try_address_again(by=request.user.as_actor(), marked=marked)
    messages.success(request, _("Messages will be sent to this address again."))
    return redirect("undeliverable_addresses")


@allow(*OVERSEERS)
def reminder_days(request: AuthenticatedHttpRequest) -> HttpResponse:
    """How long before or after its occasion each reminder is sent."""
    context = {
        "rows": [
            (kind, days, _days_form(kind, initial={"days": days}))
            for kind, days in reminders.all_days()
        ],
        "changes": [
            (message_kinds[change.kind].label, change)
            for change in ReminderDays.objects.filter(kind__in=dict(message_kinds))[:VERSIONS]
        ],
        "may_change": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "notices/reminders.html", context)


def _days_form(kind: MessageKind, *args: Any, **kwargs: Any) -> ReminderDaysForm:
    if kind.days is None:
        raise Http404
    return ReminderDaysForm(*args, allowed=kind.days, auto_id=f"id_{kind.name}_%s", **kwargs)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def change_reminder_days(request: AuthenticatedHttpRequest, kind: str) -> HttpResponse:
    if kind not in message_kinds:
        raise Http404
    with error_as_message(request, _("Days saved.")):
        days = valid_data(_days_form(message_kinds[kind], request.POST))["days"]
        reminders.change_days(by=request.user.as_actor(), kind=message_kinds[kind], days=days)
    return redirect("reminder_days")


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def send_messages_again(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = SendAgainForm(request.POST)
    if not form.is_valid():
        raise Http404
    chosen = [notice.pk for notice in form.cleaned_data["notice"]]
    again = outbox.send_again(by=request.user.as_actor(), notices=chosen or None)
    sentence = ngettext(
        "%(count)d message will be sent again.", "%(count)d messages will be sent again.", again
    )
    messages.success(request, sentence % {"count": again})
    return redirect("message_outbox")


@allow(ANYBODY)
@csrf_exempt
@require_POST
def take_bounce(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Called by the mail provider, or by a script of the mail server, with BOUNCE_SECRET."""
    known = settings.BOUNCE_SECRET
    if not (known and constant_time_compare(secret, known)):
        raise Http404
    if bounces.provider():
        return bounce_calls.answer_provider(request)
    try:
        taken_in = bounce_calls.take_in_json(request.body)
    except ValueError:
        return HttpResponse(status=400)
    return HttpResponse(status=204 if taken_in else 202)
