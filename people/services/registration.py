"""Entering one person by hand or through the API.

That somebody whom the sender may not see has the same number must change nothing of what the sender
is answered: the row is entered as sent, keeps the number as a claim, and is listed for the
programme office to compare with the other one.
"""

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited, digest
from people.errors import PeopleError
from people.matching import Match, Verdict, compatible, match_all
from people.models import Trainee, number_digest
from people.querysets import TraineeQuerySet
from people.services.bulk import PersonData, enter_people
from people.services.merges import list_candidates


@audited("person_entered")
def enter_person(
    *, by: Actor, agency: Agency, person: PersonData, seen: TraineeQuerySet
) -> Trainee:
    """Enter a new person of an agency; ``seen`` are the people whom the sender may see.

    Raises PeopleError ``already_known`` or ``number_conflict`` about one of these.
    """
    try:
        return _enter(by, agency, person, seen)
    except PeopleError as error:
        if error.code != "entered_meanwhile":
            raise
        return _enter(by, agency, person, seen)


def _enter(by: Actor, agency: Agency, person: PersonData, seen: TraineeQuerySet) -> Trainee:
    _refuse_claimed_before(person, seen)
    (match,) = match_all([person])
    bearer = _unseen_bearer(match, seen)
    (trainee,) = enter_people(
        by=by, agency=agency, people=[person], numbers_are_claimed=bearer is not None
    )
    candidates = [bearer.pk] if bearer else match.candidates
    if candidates:
        list_candidates(by=by, pairs=[(trainee.pk, other) for other in candidates])
    audit_details(agency=agency.slug, trainee=trainee.code)
    if bearer:
        note_claim(person.personal_number or "")
    return trainee


def _refuse_claimed_before(row: PersonData, seen: TraineeQuerySet) -> None:
    if row.personal_number:
        claims = seen.filter(claimed_number_digest=number_digest(row.personal_number))
        if known := claims.first():
            _refuse(compatible(row, known))


def _unseen_bearer(match: Match, seen: TraineeQuerySet) -> Trainee | None:
    """Who has the number without being visible to the sender; visible bearers are refused."""
    if match.verdict not in (Verdict.KNOWN, Verdict.CONFLICT) or match.trainee is None:
        return None
    if seen.filter(pk=match.trainee.pk).exists():
        _refuse(match.verdict == Verdict.KNOWN)
    return match.trainee


def _refuse(is_known: bool) -> None:
    if is_known:
        raise PeopleError("already_known", _("This person already exists."))
    raise PeopleError(
        "number_conflict",
        _(
            "This number belongs to a person with another name or birth date: contact the "
            "programme office."
        ),
    )


def note_claim(number: str) -> None:
    audit_details(number_borne_elsewhere=digest(number))
