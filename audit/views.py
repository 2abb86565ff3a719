"""The audit log for the office and auditors: search, one entry, export, the chain."""

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.forms import AuditFilter
from audit.limits import CHAINS
from audit.models import AuditEntry, AuditHead, AuditSeal
from audit.querysets import AuditEntryQuerySet
from audit.readable import readable
from audit.services.exports import export_audit_log
from audit.services.seals import chain_length, is_as_sealed
from audit.services.verification import verify
from audit.signing import public_keys
from common import clock, formats
from common.access import allow, recorded_download
from common.numbers import whole_number
from common.public_text import searched_by
from common.refusals import refusal_as_message
from common.spreadsheets import FileForm

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest

# ``accounts`` is above this app: its type may be named, its roles cannot be imported.
READERS = ("programme_office", "auditor")
PAGE = 50
# A longer chain is walked by verify_audit alone: a page should not take half a minute.
MOST_WALKED = 200_000


@allow(*READERS)
@require_safe
@never_cache
@searched_by("about", "actor")
def record(request: HttpRequest) -> HttpResponse:
    form = AuditFilter(request.GET or None, auto_id="filter_%s")
    entries = _asked_for(request, form).with_links(AuditSeal.objects.all())
    shown = list(entries.newest_first(before=whole_number(request.GET.get("before")))[: PAGE + 1])
    asked = form.asked()
    older = urlencode(asked | {"before": shown[PAGE - 1].pk}) if len(shown) > PAGE else ""
    context = {
        "form": form,
        "days": _by_day(shown[:PAGE], request.user),
        "older": older,
        "is_later_page": "before" in request.GET,
        "asked": urlencode(asked),
        "narrowed": bool(asked),
    }
    context["sealed"], context["unsealed"] = chain_length()
    return render(request, "audit/list.html", context)


def _asked_for(request: HttpRequest, form: AuditFilter) -> AuditEntryQuerySet:
    return form.narrow(AuditEntry.objects.visible_to(request.user))


def _by_day(entries: list[AuditEntry], reader: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    rows: list[dict[str, Any]] = [
        {"readable": one, "entry": one.entry, "time": formats.time_of_day(one.entry.at)}
        | _seal(one.entry)
        for one in readable(entries, reader=reader)
    ]
    by_day = groupby(rows, key=lambda row: formats.local_day(row["entry"].at))
    return [(formats.weekday(day), list(of_day)) for day, of_day in by_day]


def _seal(entry: AuditEntry) -> dict[str, str]:
    tones = {
        True: (_("Sealed"), "good"),
        False: (_("Changed"), "bad"),
        None: (_("Waiting"), "wait"),
    }
    seal, tone = tones[is_as_sealed(entry)]
    return {"seal": seal, "tone": tone}


@allow(*READERS)
@require_safe
def entry_page(request: HttpRequest, pk: int) -> HttpResponse:
    entries = AuditEntry.objects.visible_to(request.user).with_links(AuditSeal.objects.all())
    entry = get_object_or_404(entries, pk=pk)
    context = {
        "entry": entry,
        "readable": readable([entry], reader=request.user)[0],
        "state": _seal(entry),
        "raw": json.dumps(entry.sealed_content(), ensure_ascii=False, indent=2, sort_keys=True),
        "seal": getattr(entry, "seal", None),
    }
    return render(request, "audit/entry.html", context)


@allow(*READERS)
@recorded_download
@require_safe
def audit_log_file(request: "AuthenticatedHttpRequest", form: str) -> HttpResponseBase:
    """The download is itself an audited action."""
    if form not in FileForm.values:
        raise Http404
    question = AuditFilter(request.GET or None)
    entries = _asked_for(request, question)
    with refusal_as_message(request):
        pieces = export_audit_log(
            by=request.user.as_actor(), entries=entries, asked=question.asked(), form=form
        )
        name = f"record-{clock.today():%Y%m%d}.{FileForm(form).suffix}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        kind = FileForm(form).content_type
        return StreamingHttpResponse(pieces, content_type=kind, headers=headers)
    return redirect("audit")


@allow(*READERS)
@require_safe
@never_cache
def chain(request: HttpRequest) -> HttpResponse:
    if not CHAINS.allows(request, request.user.pk):
        return render(request, "429.html", status=429)
    is_walked = AuditSeal.objects.count() <= MOST_WALKED
    found = verify(every_signature=False) if is_walked else None
    heads = AuditHead.objects.order_by("-number")
    context = {
        "is_walked": is_walked,
        "found": found,
        "most": MOST_WALKED,
        "now": clock.now(),
        "end": heads.first(),
        "stamped": heads.exclude(stamped_at=None).first(),
        "has_authority": bool(settings.TSA_URL),
        "last_message": AuditEntry.objects.of_action("audit_head_sent").order_by("-pk").first(),
        "keys": public_keys(),
    }
    return render(request, "audit/chain.html", context)
