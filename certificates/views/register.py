"""The register, one certificate with all that may be done to it, the holder's own."""

import datetime as dt
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS
from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.choices import STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from certificates.choices import CertificateState, DuplicateState
from certificates.forms import RegisterFilter
from certificates.models import Certificate, Duplicate, NameConfirmation, ShareLink
from certificates.models.register import ShownCertificate
from certificates.pdf import CertificateFields
from certificates.querysets import CertificateQuerySet
from certificates.services import corrections, holders, share_links
from certificates.services.duplicates import issue_duplicate, may_repeat
from certificates.services.owed import awaiting_certificates
from certificates.services.register_export import REGISTER_TYPES, export_register
from certificates.services.seen import seen_by
from certificates.views.credentials import shared_elsewhere
from certificates.views.verdicts import printed
from certificates.views.verification import handed_out
from common import clock, formats
from common.access import SIGNED_IN, allow, recorded_download
from common.lists import Column, address_of, badge, linked
from common.numbers import whole_number
from common.prepared import Given, Prepared
from common.public_text import searched_by
from common.refusals import refusal_as_message
from common.unasked_filters import Unasked, is_unasked
from people.models import Trainee
from people.querysets import Reader, reader_of, trainee_of

PAGE, MOST_OWING = 50, 12
COLUMNS = (
    Column(gettext_lazy("Register number")),
    Column(gettext_lazy("Full name")),
    Column(gettext_lazy("Course"), kind="wide-only"),
    Column(gettext_lazy("Class"), kind="wide-only"),
    Column(gettext_lazy("Issued"), kind="date"),
    Column(gettext_lazy("State")),
)
_FILE = ("id", "register", "year", "register_number", "file")  # in the order of the model
TONES = {"issued": "good", "superseded": "wait", "revoked": "bad"}


@allow(SIGNED_IN)
@never_cache
@searched_by("q")
def register(request: AuthenticatedHttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _confirm_name(request)
    form = _filter(request.GET)
    before = request.GET.get("before", "")
    asked = form.asked()
    found = None
    if asked and isinstance(form, RegisterFilter):
        found = form.narrow(Certificate.objects.visible_to(request.user))
    shown, number = _page(request.user, found, whole_number(before))
    own = trainee_of(request.user) if _rows_of_account(user=request.user.pk) else None
    confirmed = (
        NameConfirmation.objects.of_present_name().filter(trainee=own).first() if own else None
    )
    context = {
        "form": form,
        "columns": COLUMNS,
        "rows": _rows(shown[:PAGE]),
        "count": formats.number(number),
        "older": urlencode(asked | {"before": shown[PAGE - 1].pk}) if len(shown) > PAGE else "",
        "is_later_page": bool(before),
        "asked": urlencode(asked),
        "own": own,
        "confirmed": formats.instant(confirmed.confirmed_at) if confirmed else "",
        "owing": [] if asked or before or not request.user.reads_everything else _owing(),
        "gets_bundles": request.user.has_role(*STAFF),
    }
    return render(request, "certificates/register.html", context)


@Prepared
def _rows_of_account() -> Any:
    return Trainee.objects.filter(user=Given("user")).order_by().values_list("pk")


def _owing() -> list[dict[str, Any]]:
    return [
        {"code": code, "owed": formats.number(owed)}
        for code, owed in awaiting_certificates(MOST_OWING)
    ]


def _page(
    user: User, narrowed: CertificateQuerySet | None, before: int | None
) -> tuple[list["CertificateRow"], int]:
    """One row more than a page, and how many there are; before a key, where it is given."""
    at = bool(before)
    if narrowed is not None:
        return _rows_of(_newest.once(narrowed, at, before=before)), narrowed.count()
    reader = reader_of(user)
    number, are_many = seen_by(reader, PAGE)
    return _rows_of(_newest_of_reader(reader, at, are_many, before=before)), number


def _rows_of(found: list[Any]) -> list["CertificateRow"]:
    return [CertificateRow._make(row) for row in found]


class _Columns(NamedTuple):
    pk: int
    verification_code: str
    register: str
    year: int
    register_number: int
    stored: str
    issued_at: dt.datetime
    state: str
    completion__voided_at: dt.datetime | None


class CertificateRow(ShownCertificate, _Columns):
    @cached_property
    def printed(self) -> dict[str, Any]:
        # Of fifty, json takes a ninth of the page.
        found: dict[str, Any] = orjson.loads(self.stored)
        return found

    @property
    def completion_voided_at(self) -> dt.datetime | None:
        return self.completion__voided_at


@Prepared
def _newest(found: CertificateQuerySet, is_later_page: bool) -> Any:
    if is_later_page:
        found = found.filter(pk__lt=Given("before"))
    # One row more than a page. Keys first, then the rows: else the database sorts whole rows.
    keys = found.newest_first().values("pk")[: PAGE + 1]
    rows = Certificate.objects.filter(pk__in=keys).newest_first()
    with_text = rows.annotate(stored=Cast("printed", TextField()))
    return with_text.values_list(*CertificateRow._fields)


@Prepared
def _newest_of_reader(reader: Reader, is_later_page: bool, are_many: bool) -> Any:
    all_ = Certificate.objects
    found = all_.visible_one_by_one(reader) if are_many else all_.visible_to(reader)
    return _newest.build(found, is_later_page)


def _confirm_name(request: AuthenticatedHttpRequest) -> HttpResponse:
    own = get_object_or_404(Trainee, user=request.user)
    holders.confirm_name(by=request.user.as_actor(), trainee=own)
    messages.success(request, _("Thank you: you have confirmed your name as it will be printed."))
    return redirect("certificates")


def _filter(asked: QueryDict) -> RegisterFilter | Unasked:
    if is_unasked(RegisterFilter, asked):
        return Unasked(_form, RegisterFilter.base_fields)
    return _form(asked)


def _form(asked: QueryDict | None = None) -> RegisterFilter:
    return RegisterFilter(asked or None, auto_id="filter_%s")


def _rows(certificates: list[CertificateRow]) -> list[tuple[str, ...]]:
    address = address_of("certificate")
    by_state = {(one.state, one.public_state): one for one in certificates}
    badges = {
        states: badge(state_label(one), TONES[str(one.public_state)])
        for states, one in by_state.items()
    }
    return [
        (
            linked(address(one.verification_code), one.register_label),
            one.printed_value("full_name"),
            one.printed_value("course_title"),
            one.printed_value("run_code"),
            formats.day(one.issued_at),
            badges[one.state, one.public_state],
        )
        for one in certificates
    ]


def state_label(certificate: ShownCertificate) -> str:
    if certificate.public_state != certificate.state:
        return _("revoked")
    return str(CertificateState(certificate.state).label)


@allow(SIGNED_IN)
@recorded_download
@require_safe
def register_file(request: AuthenticatedHttpRequest, form: str) -> HttpResponseBase:
    if form not in REGISTER_TYPES:
        raise Http404
    asked = _form(request.GET)
    found = asked.narrow(Certificate.objects.visible_to(request.user))
    with refusal_as_message(request):
        pieces = export_register(
            by=request.user.as_actor(), certificates=found, asked=asked.asked(), form=form
        )
        name = f"so-cap-chung-nhan-{clock.today():%Y%m%d}.{form}"
        return StreamingHttpResponse(
            pieces,
            content_type=REGISTER_TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    return redirect(f"{reverse('certificates')}?{urlencode(asked.asked())}")


# One certificate ------------------------------------------------------------------------


@allow(SIGNED_IN)
@never_cache
def certificate_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    certificate = _visible(request.user, code)
    if request.method == "POST":
        return _act(request, certificate)
    is_own = Certificate.objects.issued_to(request.user).filter(pk=certificate.pk).exists()
    fields = CertificateFields.from_json(certificate.printed)
    duplicates = list(certificate.duplicates.select_related("job"))
    context = {
        "certificate": certificate,
        "duplicates": duplicates,
        "last_duplicate": duplicates[-1].state if duplicates else DuplicateState.MADE,
        "printed": printed(fields, with_birth=True),
        "tone": TONES[str(certificate.public_state)],
        "state": state_label(certificate),
        "predecessor": getattr(certificate, "supersedes", None),
        "revoked_on": formats.instant(certificate.revoked_at),
        "signed": certificate.get_signed_by_display(),
        "signed_at": formats.instant(certificate.signed_at),
        "is_own": is_own,
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
        "days": share_links.DAYS,
        "links": _links(certificate) if is_own else [],
        "new_link": request.session.pop("new_link", ""),
        "may_duplicate": request.user.has_role(Role.PROGRAMME_OFFICE) and may_repeat(certificate),
        "elsewhere": shared_elsewhere(certificate) if is_own else None,
    }
    return render(request, "certificates/certificate.html", context)


def _visible(user: User, code: str) -> Certificate:
    rows = Certificate.objects.visible_to(user).select_related(
        "completion__trainee", "superseded_by", "supersedes"
    )
    return get_object_or_404(rows, verification_code=code)


def _links(certificate: Certificate) -> list[dict[str, Any]]:
    return [
        {"id": link.pk, "until": formats.instant(link.expires_at)}
        for link in ShareLink.objects.open().filter(certificate=certificate)
    ]


_HOLDER_ACTIONS = ("share", "withdraw")


def _act(request: AuthenticatedHttpRequest, certificate: Certificate) -> HttpResponse:
    wanted = request.POST.get("action", "")
    if wanted in _HOLDER_ACTIONS:
        allowed = Certificate.objects.issued_to(request.user).filter(pk=certificate.pk).exists()
    else:
        allowed = request.user.has_role(Role.PROGRAMME_OFFICE)
    if not allowed:
        raise PermissionDenied
    with refusal_as_message(request):
        certificate = _do(request, wanted, certificate)
    return redirect("certificate", code=certificate.verification_code)


def _do(request: AuthenticatedHttpRequest, wanted: str, certificate: Certificate) -> Certificate:
    by, asked = request.user.as_actor(), request.POST
    if wanted == "revoke":
        corrections.revoke(by=by, certificate=certificate, reason=asked.get("reason", ""))
    elif wanted == "reissue":
        return corrections.reissue(by=by, certificate=certificate, reason=asked.get("reason", ""))
    elif wanted == "duplicate":
        reason = asked.get("reason", "")
        issue_duplicate(by=by, certificate=certificate, reason=reason, owner=request.user)
    elif wanted == "blank":
        corrections.record_blank(by=by, certificate=certificate, number=asked.get("number", ""))
    elif wanted == "share":
        days = whole_number(asked.get("days")) or 0
        _link, token = share_links.share(by=by, certificate=certificate, days=days)
        address = reverse("shared_certificate", args=[token])
        request.session["new_link"] = request.build_absolute_uri(address)
    elif wanted == "withdraw":
        links = ShareLink.objects.filter(certificate=certificate).select_related("certificate")
        link = get_object_or_404(links, pk=whole_number(asked.get("link")))
        share_links.withdraw_link(by=by, link=link)
    return certificate


@allow(SIGNED_IN)
@never_cache
def certificate_file(request: AuthenticatedHttpRequest, code: str) -> HttpResponseBase:
    found = _with_file(reader_of(request.user), code=code)
    if not found:
        raise Http404
    certificate = Certificate.from_db(DEFAULT_DB_ALIAS, _FILE, found[0])
    with refusal_as_message(request):
        return handed_out(certificate)
    return redirect("certificate", code=code)


@Prepared
def _with_file(reader: Reader) -> Any:
    rows = Certificate.objects.visible_to(reader).exclude(file="").order_by()
    return rows.filter(verification_code=Given("code")).values_list(*_FILE)


@allow(SIGNED_IN)
@never_cache
@require_safe
def duplicate_file(request: AuthenticatedHttpRequest, code: str, number: int) -> HttpResponseBase:
    rows = Duplicate.objects.exclude(file="").select_related("certificate")
    visible = Certificate.objects.visible_to(request.user).filter(verification_code=code)
    duplicate = get_object_or_404(rows, certificate__in=visible, number=number)
    with refusal_as_message(request):
        return handed_out(duplicate)
    return redirect("certificate", code=code)
