"""A reader's own notifications, and which of them come by e-mail."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock, formats
from common.access import ANYBODY, SIGNED_IN, allow
from notices.forms import MailChoicesForm, ReadForm
from notices.kinds import message_kinds
from notices.models import DigestReader, MutedKind, Notice
from notices.services import mail_choices as choices
from notices.services import notifications

PAGE = 30
LEAD = 200


@allow(SIGNED_IN)
def notification_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    own = Notice.objects.visible_to(request.user)
    unread = own.unread().count()
    only_unread = request.GET.get("show") == "unread"
    listed = own.unread() if only_unread else own
    page = Paginator(listed.defer("html_body").order_by("-created_at", "-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "query": "show=unread&" if only_unread else "",
        "days": _by_day(request.user, page),
        "unread": unread,
        "tabs": [
            {"label": _("All"), "href": "?", "is_current": not only_unread},
            {
                "label": _("Unread (%(count)s)") % {"count": formats.number(unread)},
                "href": "?show=unread",
                "is_current": only_unread,
            },
        ],
    }
    return render(request, "notices/notifications.html", context)


def _by_day(reader: User, listed: Iterable[Notice]) -> list[tuple[str, list[dict[str, Any]]]]:
    texts = notifications.TextReader(reader)
    rows = [
        _row(notice, texts.text_of(notice)) | {"subject": texts.subject_of(notice)}
        for notice in listed
    ]
    days = groupby(rows, key=lambda row: formats.local_day(row["notice"].created_at))
    today = clock.today()
    return [
        (
            _("Today, %(day)s") % {"day": formats.day(day)} if day == today else formats.day(day),
            [*of],
        )
        for day, of in days
    ]


def _row(notice: Notice, text: str) -> dict[str, Any]:
    """``lead`` is the first paragraph that says something; a greeting ends with a comma."""
    paragraphs = [part for part in text.split("\n\n") if not part.endswith(",")]
    lead = paragraphs[0] if paragraphs else ""
    is_whole = len(paragraphs) <= 1 and len(lead) <= LEAD
    return {"notice": notice, "lead": lead[:LEAD], "text": "" if is_whole else text}


@allow(SIGNED_IN)
@require_POST
def read_notifications(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Mark one as read, and open the page that it is about if asked to; without one, mark all."""
    form = ReadForm(request.user, request.POST)
    if not form.is_valid():
        raise Http404
    chosen = list(form.cleaned_data["notice"])
    read = notifications.mark_read(
        reader=request.user, notices=[notice.pk for notice in chosen] if chosen else None
    )
    if chosen and "open" in request.POST and url_has_allowed_host_and_scheme(chosen[0].path, None):
        return redirect(chosen[0].path)
    if not chosen:
        sentence = ngettext(
            "%(count)s notification marked as read.",
            "%(count)s notifications marked as read.",
            read,
        )
        messages.success(request, sentence % {"count": formats.number(read)})
    return redirect("notifications")


@allow(SIGNED_IN)
def mail_choices(request: AuthenticatedHttpRequest) -> HttpResponse:
    reader = request.user
    muted = set(MutedKind.objects.filter(account=reader).values_list("kind", flat=True))
    offered = {kind.name for kind in choices.offered_kinds(reader)}
    initial = {
        "mailed": sorted(offered - muted),
        "daily_digest": DigestReader.objects.filter(account=reader).exists(),
    }
    typed = request.POST if request.method == "POST" else None
    form = MailChoicesForm(reader, typed, initial=initial)
    if request.method == "POST" and form.is_valid():
        choices.change_mail_choices(
            by=reader.as_actor(),
            reader=reader,
            mailed=form.cleaned_data.get("mailed", ()),
            daily_digest=form.cleaned_data.get("daily_digest", False),
        )
        messages.success(request, _("Settings saved."))
        return redirect("mail_choices")
    status = 400 if form.errors else 200
    return render(request, "notices/mail_choices.html", {"form": form}, status=status)


@allow(ANYBODY)
@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mail of one kind, by the link in one of its messages: RFC 8058 knows no session.

    Opening the page changes nothing: programs that check mail for viruses open every link.
    """
    notice = choices.notice_of_link(token)
    if notice is None:
        return render(request, "notices/unsubscribe_over.html", status=404)
    if request.method == "POST":
        act = choices.unmute if "again" in request.POST else choices.mute
        act(by=choices.BY_LINK, notice=notice)
    context = {"kind": message_kinds[notice.kind], "is_muted": choices.is_muted(notice)}
    return render(request, "notices/unsubscribe.html", context)
