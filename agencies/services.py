import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from accounts.services.invitations import open_account, resend_link_if_unclaimed
from accounts.services.roles import grant_role
from agencies.choices import SuccessionKind
from agencies.errors import AgencyError, AgencyInputError
from agencies.limits import PARENTS_LOCK
from agencies.models import Agency, Coordinator, Succession, SuccessionLink
from agencies.sheets import SuccessionRow
from audit.services import Actor, audit_details, audited
from common import record_time
from common.advisory_locks import lock_until_commit
from common.constraints import violation_as
from common.dates import format_date
from common.own_addresses import require_own_address

_DAY = dt.timedelta(days=1)


def agency_by_slug(slug: str) -> Agency:
    """Raises AgencyError ``unknown_agency``."""
    agency = Agency.objects.filter(slug=slug).first()
    if agency is None:
        raise AgencyInputError(
            "unknown_agency", _("There is no agency with the short code %(slug)s.") % {"slug": slug}
        )
    return agency


@audited("agency_entered")
def enter_agency(*, by: Actor, slug: str, name_vi: str, kind: str, **details: Any) -> Agency:
    """Raises AgencyError ``slug_taken``, ``reserved_word``."""
    require_own_address(AgencyInputError, slug, "agency", "correct_agency")
    taken = _("An agency with the short code %(slug)s already exists.") % {"slug": slug}
    with violation_as(AgencyError, "slug_taken", taken), transaction.atomic():
        agency = Agency.objects.create(slug=slug, name_vi=name_vi, kind=kind, **details)
    audit_details(agency=slug)
    return agency


@audited("agency_corrected")
def correct_agency(*, by: Actor, agency: Agency, **changes: Any) -> Agency:
    """Correct an agency's data; fields that are not given stay.

    A new name from some day on is not a correction but a succession (a renaming).
    """
    lock_until_commit(PARENTS_LOCK)
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    for name, value in changes.items():
        setattr(agency, name, value)
    _require_no_loop(agency)
    agency.full_clean(validate_unique=False)
    agency.save()
    audit_details(agency=agency.slug, changed=sorted(changes))
    return agency


def _require_no_loop(agency: Agency) -> None:
    # As stored now: the parent handed in may have been read before the lock.
    parents = dict(Agency.objects.exclude(parent=None).values_list("id", "parent_id"))
    above, seen = agency.parent_id, set[int]()
    while above is not None and above not in seen:
        if above == agency.pk:
            raise AgencyError(
                "above_itself", _("%(agency)s cannot be its own parent.") % {"agency": agency.name}
            )
        seen.add(above)
        above = parents.get(above)


# Successions ------------------------------------------------------------------------------


@audited("succession_recorded")
def record_succession(
    *,
    by: Actor,
    kind: str,
    on: dt.date,
    predecessors: Sequence[Agency],
    successors: Sequence[Agency],
    legal_basis: str = "",
) -> Succession:
    """Record a merger (many to one), a renaming (one to one) or a split (one to many).

    ``on`` is the successors' first day; the predecessors end the day before. Enrollments,
    completions and reports keep the agency that they name.
    """
    _require_day_before(on)
    before, after = _locked(predecessors), _locked(successors)
    _require_shape(kind, before, after)
    for agency in before:
        _require_ends(agency, on)
    for agency in after:
        _require_stands(agency, on)
    _require_no_circle(before, after)
    succession = Succession.objects.create(
        kind=kind, on=on, legal_basis=legal_basis, recorded_by=by.label
    )
    ending = {agency.pk for agency in before if agency.valid_to is None}
    SuccessionLink.objects.bulk_create(
        SuccessionLink(
            succession=succession,
            predecessor=predecessor,
            successor=successor,
            ended_predecessor=predecessor.pk in ending,
        )
        for predecessor in before
        for successor in after
    )
    Agency.objects.filter(pk__in=ending).update(valid_to=on - _DAY)
    audit_details(
        kind=kind,
        on=on,
        predecessors=[agency.slug for agency in before],
        successors=[agency.slug for agency in after],
    )
    return succession


@audited("succession_voided")
def void_succession(*, by: Actor, succession: Succession, reason: str) -> Succession:
    """The succession stays, with the reason, and is not believed from now on."""
    if not reason.strip():
        raise AgencyInputError("reason_missing", _("Give the reason for voiding the succession."))
    links = list(succession.links.select_related("predecessor"))
    _locked([link.predecessor for link in links])
    not_voided = Succession.objects.not_voided().filter(pk=succession.pk)
    values = {"voided_by": by.label, "void_reason": reason.strip()[:250]}
    if not not_voided.update(voided_at=record_time.now(), **values):
        raise AgencyError("already_voided", _("This succession has already been voided."))
    ended = [link.predecessor_id for link in links if link.ended_predecessor]
    Agency.objects.filter(pk__in=ended, valid_to=succession.on - _DAY).update(valid_to=None)
    succession.refresh_from_db()
    audit_details(succession=succession.pk, kind=succession.kind, on=succession.on)
    return succession


def _locked(agencies: Iterable[Agency]) -> list[Agency]:
    # The rows in the order given, locked: two successions cannot end one agency twice.
    ids = [agency.pk for agency in agencies]
    rows = {row.pk: row for row in Agency.objects.select_for_update().filter(pk__in=ids)}
    return [rows[pk] for pk in dict.fromkeys(ids)]


_SHAPES = {
    SuccessionKind.MERGER: lambda before, after: before >= 1 and after == 1,
    SuccessionKind.RENAMING: lambda before, after: before == after == 1,
    SuccessionKind.SPLIT: lambda before, after: before == 1 and after >= 2,
}


def _require_day_before(on: dt.date) -> None:
    if on == dt.date.min:
        text = _("This date does not exist; write day/month/year, as in 05/03/1980.")
        raise AgencyInputError("date_impossible", text)


def _require_shape(kind: str, before: list[Agency], after: list[Agency]) -> None:
    if kind not in SuccessionKind.values:
        raise AgencyInputError("unknown_kind", _("Choose a merger, a renaming or a split."))
    if both := {a.pk for a in before} & {a.pk for a in after}:
        name = next(agency.name for agency in before if agency.pk in both)
        raise AgencyError(
            "succeeds_itself", _("%(agency)s cannot succeed itself.") % {"agency": name}
        )
    if not _SHAPES[SuccessionKind(kind)](len(before), len(after)):
        sentences = {
            SuccessionKind.MERGER: _("A merger must have exactly one successor."),
            SuccessionKind.RENAMING: _("A renaming must have one predecessor and one successor."),
            SuccessionKind.SPLIT: _(
                "A split must have one predecessor and at least two successors."
            ),
        }
        raise AgencyError("wrong_shape", sentences[SuccessionKind(kind)])


def _require_ends(agency: Agency, on: dt.date) -> None:
    believed = SuccessionLink.objects.filter(predecessor=agency, succession__voided_at=None)
    if earlier := believed.select_related("succession").first():
        raise AgencyError(
            "already_ended",
            _("%(agency)s was already merged into another agency on %(day)s.")
            % {"agency": agency.name, "day": format_date(earlier.succession.on)},
        )
    if agency.valid_from and agency.valid_from >= on:
        raise AgencyError(
            "outside_validity",
            _("%(agency)s exists only from %(day)s: it cannot end before that.")
            % {"agency": agency.name, "day": format_date(agency.valid_from)},
        )
    if agency.valid_to and agency.valid_to != on - _DAY:
        raise AgencyError(
            "outside_validity",
            _(
                "The last day of %(agency)s is %(day)s: its succession must take effect "
                "the following day."
            )
            % {"agency": agency.name, "day": format_date(agency.valid_to)},
        )


def _require_stands(agency: Agency, on: dt.date) -> None:
    too_late = agency.valid_from is not None and agency.valid_from > on
    if too_late or (agency.valid_to is not None and agency.valid_to < on):
        raise AgencyError(
            "outside_validity",
            _("%(agency)s does not exist on %(day)s and cannot be a successor on that day.")
            % {"agency": agency.name, "day": format_date(on)},
        )


def _require_no_circle(before: list[Agency], after: list[Agency]) -> None:
    links = SuccessionLink.objects.filter(succession__voided_at=None)
    steps: dict[int, set[int]] = {}
    for predecessor, successor in links.values_list("predecessor_id", "successor_id"):
        steps.setdefault(predecessor, set()).add(successor)
    ahead, seen = {agency.pk for agency in after}, set[int]()
    while ahead:
        seen |= ahead
        ahead = {after for one in ahead for after in steps.get(one, ())} - seen
    for agency in before:
        if agency.pk in seen:
            raise AgencyError(
                "circle",
                _("%(agency)s would become its own successor.") % {"agency": agency.name},
            )


# Many at once, from a file ----------------------------------------------------------------


@audited("successions_imported")
def import_successions(*, by: Actor, rows: Sequence[SuccessionRow]) -> dict[str, int]:
    """Record all rows, or none if one is refused; rows that exist already are skipped.

    Raises AgencyError naming the first wrong row.
    """
    recorded = 0
    for row in rows:
        try:
            if not _stands(row):
                record_succession(
                    by=by,
                    kind=row.kind,
                    on=row.on,
                    predecessors=[agency_by_slug(slug) for slug in row.predecessors],
                    successors=[agency_by_slug(slug) for slug in row.successors],
                    legal_basis=row.legal_basis,
                )
                recorded += 1
        except AgencyError as error:
            message = _("Row %(row)s: %(reason)s") % {"row": row.number, "reason": error.message}
            raise AgencyError(error.code, message) from error
    audit_details(rows=len(rows), recorded=recorded)
    return {"rows": len(rows), "recorded": recorded, "already": len(rows) - recorded}


def _stands(row: SuccessionRow) -> bool:
    wanted = {(old, new) for old in row.predecessors for new in row.successors}
    found = SuccessionLink.objects.filter(
        succession__on=row.on,
        succession__voided_at=None,
        predecessor__slug__in=row.predecessors,
        successor__slug__in=row.successors,
    ).values_list("predecessor__slug", "successor__slug")
    return bool(wanted) and wanted <= set(found)


# Who acts for an agency -------------------------------------------------------------------


@audited("coordinator_appointed")
def appoint_coordinator(
    *,
    by: Actor,
    agency: Agency,
    email: str,
    full_name: str = "",
    is_deputy: bool = False,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Coordinator:
    """Let a user act for an agency and its departments from ``since`` to ``until``.

    Somebody without an account is invited to one. A term that the user already has there is
    replaced. Raises AgencyError ``term_ends_early`` or ``name_missing``.
    """
    if since and until and until < since:
        raise AgencyError("term_ends_early", _("The term ends before it begins."))
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        if not full_name.strip():
            raise AgencyInputError(
                "name_missing", _("This account does not exist yet: enter the person's name.")
            )
        roles: dict[str, dt.date | None] = {Role.COORDINATOR: None}
        user = open_account(by=by, email=email, full_name=full_name, roles=roles)
    elif not user.has_role(Role.COORDINATOR):
        grant_role(by=by, user=user, role=Role.COORDINATOR)
    term, _new = Coordinator.objects.update_or_create(
        user=user,
        agency=agency,
        defaults={"is_deputy": is_deputy, "since": since, "until": until},
    )
    # Last: an invitation is good for the role and the term that its reader has then.
    resend_link_if_unclaimed(by=by, user=user)
    audit_details(agency=agency.slug, user=user.pk, deputy=is_deputy, since=since, until=until)
    return term


@audited("coordinator_term_ended")
def end_term(*, by: Actor, term: Coordinator, on: dt.date) -> Coordinator:
    """``on`` is the last day of the term. Raises AgencyError ``term_ends_early``."""
    if term.since and on < term.since - _DAY:
        raise AgencyError("term_ends_early", _("The term ends before it begins."))
    term.until = on
    term.save(update_fields=["until"])
    audit_details(agency=term.agency.slug, user=term.user_id, since=term.since, until=on)
    return term


@audited("coordinator_handed_over")
def hand_over(
    *, by: Actor, term: Coordinator, on: dt.date, email: str, full_name: str = ""
) -> Coordinator:
    """The new coordinator acts from ``on``; the day before is the predecessor's last."""
    if term.user.email == email.strip().lower():
        raise AgencyError("same_person", _("This person already holds the term."))
    end_term(by=by, term=term, on=on - _DAY)
    successor = appoint_coordinator(
        by=by,
        agency=term.agency,
        email=email,
        full_name=full_name,
        is_deputy=term.is_deputy,
        since=on,
    )
    audit_details(agency=term.agency.slug, before=term.user_id, after=successor.user_id, on=on)
    return successor


def agency_ids_of_terms(user_id: int) -> list[int]:
    """Also of terms that have not begun: secrets are void when a term ends, not when it begins."""
    terms = Coordinator.objects.not_over().filter(user=user_id)
    return sorted(terms.values_list("agency_id", flat=True))
