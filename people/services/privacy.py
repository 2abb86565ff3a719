"""Everything on record about a person, from all apps: shown, and erased."""

from django.utils.translation import gettext as _

from accounts.models import AddressChange, User
from audit.services import Actor, audit_details, audited
from common import clock, formats
from common.personal_data import DataTable, Subject, personal_data_handlers
from common.personal_fields import erase_declared, show_declared
from jobs.services import start
from people.errors import PeopleError
from people.job_types import ERASE_PERSON, ErasurePayload
from people.models import (
    CandidatePair,
    DataRequest,
    Erasure,
    Merge,
    Trainee,
    Transfer,
    TransferRequest,
)
from people.querysets import TraineeQuerySet, resolved, rows_of
from people.services.transfer_lapses import lapse


def subject_of(trainee: Trainee) -> Subject:
    rows = rows_of(trainee.pk, Merge.objects.not_undone().survivor_by_absorbed())
    people = list(Trainee.objects.filter(pk__in=rows))
    code = next(person.code for person in people if person.pk == rows[0])
    user_ids = {person.user_id for person in people} - {None}
    users = User.objects.filter(pk__in=user_ids)
    addresses = {user.email for user in users if user.has_mailbox} | {p.email for p in people}
    # Mail also went to an address that its owner only asked for.
    addresses |= set(AddressChange.objects.filter(user__in=users).values_list("email", flat=True))
    names = {p.full_name for p in people} | {user.full_name for user in users}
    return Subject(
        code=code,
        trainee_ids=tuple(rows),
        user_ids=tuple(sorted(filter(None, user_ids))),
        names=tuple(sorted(names - {""})),
        numbers=tuple(sorted({p.personal_number for p in people if p.personal_number})),
        emails=tuple(sorted(addresses - {""})),
    )


def everything_about(trainee: Trainee, *, in_clear: bool) -> list[DataTable]:
    """Data of all apps; empty tables are left out.

    ``in_clear``: personal numbers unmasked, for nobody but their bearer.
    """
    subject = subject_of(trainee)
    shown = [handler.show for _name, handler in personal_data_handlers if handler.show]
    tables = [table for show in reversed(shown) for table in show(subject, in_clear)]
    return [table for table in (*tables, *show_declared(subject)) if table.rows]


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    people = Trainee.objects.filter(pk__in=subject.trainee_ids).select_related("agency")
    return [
        _rows(people, in_clear),
        _moves(subject),
        _transfer_requests(subject),
        _requests(subject),
    ]


def _rows(people: TraineeQuerySet, in_clear: bool) -> DataTable:
    return DataTable.of(
        "person",
        _("Your personal details"),
        people,
        code=(_("Trainee code"), "code"),
        name=(_("Full name"), "full_name"),
        birth=(_("Birth date"), lambda person: person.birth_date or person.birth_year or ""),
        sex=(_("Sex"), Trainee.get_sex_display),
        personal_number=(
            _("Personal number"),
            lambda person: (person.personal_number or "") if in_clear else person.masked_number,
        ),
        agency=(_("Agency"), "agency.name"),
        unit=(_("Unit"), "unit"),
        position=(_("Position"), "position"),
        email=(_("E-mail address"), "email"),
        phone=(_("Phone"), "phone"),
        entered=(_("Date added"), lambda person: formats.instant(person.recorded_at)),
    )


def _moves(subject: Subject) -> DataTable:
    moves = Transfer.objects.filter(trainee__in=subject.trainee_ids)
    return DataTable.of(
        "moves",
        _("Transfers between agencies"),
        moves.select_related("from_agency", "to_agency"),
        on=(_("Day"), "moved_on"),
        **{"from": (_("From"), "from_agency.name")},
        to=(_("To"), "to_agency.name"),
    )


def _transfer_requests(subject: Subject) -> DataTable:
    asked = TransferRequest.objects.filter(trainee__in=subject.trainee_ids).order_by("id")
    return DataTable.of(
        "transfer_requests",
        _("Transfer requests"),
        asked.select_related("to_agency"),
        asked=(_("Requested"), lambda one: formats.instant(one.asked_at)),
        by=(_("Agency requesting the transfer"), "to_agency.name"),
        name=(_("Name as submitted"), "name_as_sent"),
        state=(_("State"), TransferRequest.get_state_display),
        reason=(_("Reason"), "reason"),
    )


def _requests(subject: Subject) -> DataTable:
    return DataTable.of(
        "requests",
        _("Requests about your data"),
        DataRequest.objects.filter(trainee__in=subject.trainee_ids).order_by("id"),
        asked=(_("Requested"), lambda one: formats.instant(one.asked_at)),
        kind=(_("Request type"), DataRequest.get_kind_display),
        text=(_("Your explanation"), "text"),
        state=(_("State"), DataRequest.get_state_display),
        reply=(_("First reply"), "reply"),
        answer=(_("Answer"), "answer"),
    )


# Erasure --------------------------------------------------------------------------------


@audited("erasure_begun")
def begin_erasure(*, by: Actor, trainee: Trainee, owner: User | None = None) -> Erasure:
    """Start the job that erases a person in all apps. Raises PeopleError ``already_erased``."""
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    person = Trainee.objects.locked().get(pk=resolved(trainee.pk, survivors))
    if Erasure.objects.filter(trainee=person).exists():
        raise PeopleError(
            "already_erased", _("The erasure of this person's data is already in progress.")
        )
    erasure = Erasure(trainee=person, asked_by=by.label)
    erasure.subject = subject_of(person).to_json()
    erasure.save()
    payload = ErasurePayload(erasure=erasure.pk)
    start(ERASE_PERSON, payload=payload, owner=owner, by=by, ends_with_rights=False)
    audit_details(trainee=person.code)
    return erasure


def carry_on(erasure: Erasure, *, by: Actor) -> Erasure:
    for name, handler in personal_data_handlers:
        if handler.erase and name != "people":
            erase_in(by=by, erasure=erasure, app=name)
    return erase_in(by=by, erasure=erasure, app="people")


@audited("erased_in_app")
def erase_in(*, by: Actor, erasure: Erasure, app: str) -> Erasure:
    erasure = Erasure.objects.select_for_update().get(pk=erasure.pk)
    code = Trainee.objects.values_list("code", flat=True).get(pk=erasure.trainee_id)
    touched, erase_there = 0, personal_data_handlers[app].erase
    if erasure.subject is not None and app not in erasure.done and erase_there:
        subject = Subject.from_json(erasure.subject)
        touched = erase_there(subject) + erase_declared(app, subject)
        erasure.done = [*erasure.done, app]
        if app == "people":
            erasure.subject, erasure.finished_at = None, clock.now()
        erasure.save()
    audit_details(trainee=code, app=app, rows=touched)
    return erasure


def erase(subject: Subject) -> int:
    own = Trainee.objects.locked().filter(pk__in=subject.trainee_ids).order_by("pk")
    for person in own:
        person.anonymise()
        person.save()
    pairs = CandidatePair.objects.filter(state="open")
    (pairs.filter(first__in=own) | pairs.filter(second__in=own)).delete()
    lapse("", subject.trainee_ids)
    return len(own)
