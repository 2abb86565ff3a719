"""The texts of messages, and the outbox, for the programme office."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Language, Role
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from common.errors import DomainError
from notices.forms import MessageTextForm, SendAgainForm
from notices.kinds import MessageKind, message_kinds
from notices.models import MessageText, Notice, NoticeState
from notices.services import outbox, texts

PAGE = 50
VERSIONS = 20
TONES = {
    NoticeState.PENDING: "wait",
    NoticeState.SENT: "good",
    NoticeState.FAILED: "bad",
}


@allow(*OVERSEERS)
def message_texts(request: HttpRequest) -> HttpResponse:
    return render(request, "notices/texts.html", {"rows": texts.all_wordings()})


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
    messages.success(request, _("The original text is in force again."))
    return redirect("message_text", kind, language)


def _kind_or_404(name: str, language: str) -> MessageKind:
    if name not in message_kinds or language not in Language.values:
        raise Http404
    return message_kinds[name]


@allow(*OVERSEERS)
def message_outbox(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Every message and its state; not its text, which may concern its reader alone."""
    state = request.GET.get("state", "")
    notices = Notice.objects.defer("body", "html_body")
    if state in NoticeState.values:
        notices = notices.filter(state=state)
    page = Paginator(notices, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(notice, TONES.get(NoticeState(notice.state), "")) for notice in page],
        "states": [
            {"label": label, "href": f"?state={value}", "is_current": value == state}
            for value, label in [("", _("All")), *NoticeState.choices]
        ],
        "failed": Notice.objects.failed().count(),
        "may_send_again": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "notices/outbox.html", context)


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
