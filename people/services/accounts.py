from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.models import User
from accounts.services.invitations import address_of, make_code, open_account, send_link
from audit.services import Actor, audit_details, audited
from common.identity import IdentityError, parse_personal_number
from people.errors import PeopleError
from people.models import Merge, Trainee, number_digest
from people.querysets import rows_of, rows_of_user

# A batch of letters is laid out while somebody waits for it.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """What one letter prints. The code is stored nowhere in clear."""

    trainee: Trainee
    sign_in_name: str
    code: str


@audited("accounts_opened")
def open_accounts(*, by: Actor, trainees: Iterable[Trainee]) -> tuple[int, int]:
    """Mail each person a link that claims an account; returns (mailed, skipped).

    Skipped are people without an address, and those whose address belongs to another account:
    nobody gets into it by being entered with its address. The latter get an account under their
    code, for a letter, so that the caller does not learn that the address is taken.
    """
    sent, passed_over = [], 0
    for trainee in _few(trainees):
        try:
            user = trainee.user or _opened(by, trainee, trainee.email)
            _require_own_alone(user)
            send_link(by=by, user=user)
            sent.append(trainee.code)
        except AccountError:
            passed_over += 1
    audit_details(trainees=sent, passed_over=passed_over)
    return len(sent), passed_over


@audited("letters_printed")
def letters_for(*, by: Actor, trainees: Iterable[Trainee]) -> list[Letter]:
    """A code for a letter to each person; earlier codes and links stop working.

    Whoever has the letter gets in, so it never opens an account that its owner uses with a mailbox:
    that one gets a link. Raises PeopleError ``in_use`` for it, ``other_roles`` where an account
    opens more than its owner's data, and AccountError ``inactive``.
    """
    letters = []
    for trainee in _few(trainees):
        user = trainee.user or _opened(by, trainee, address_of(trainee.code))
        _require_own_alone(user)
        _require_no_other_way(user)
        letters.append(Letter(trainee, user.sign_in_name, make_code(by=by, user=user)))
    audit_details(trainees=[letter.trainee.code for letter in letters])
    return letters


def account_with_personal_number(text: str) -> int | None:
    try:
        digits = parse_personal_number(text).digits
    except IdentityError:
        return None
    row = Trainee.objects.filter(personal_number_digest=number_digest(digits)).first()
    if row is None:
        return None
    rows = rows_of(row.pk, Merge.objects.not_undone().survivor_by_absorbed())
    users = dict(
        Trainee.objects.filter(pk__in=rows).exclude(user=None).values_list("pk", "user_id")
    )
    return next((users[pk] for pk in rows if pk in users), None)


def _few(trainees: Iterable[Trainee]) -> list[Trainee]:
    chosen = list(trainees)
    if not chosen:
        raise PeopleError("nobody_chosen", _("Select at least one person."))
    if len(chosen) > MOST_AT_ONCE:
        message = _("Select at most %(most)s people at once.")
        raise PeopleError("too_many", message % {"most": MOST_AT_ONCE})
    return chosen


def _opened(by: Actor, trainee: Trainee, email: str) -> User:
    if not email:
        raise AccountError(
            "no_mailbox", _("This person has no e-mail address: print a letter instead.")
        )
    try:
        user = _account(by, trainee, email)
    except AccountError as error:
        if error.code != "already_has_account":
            raise
        user = _account(by, trainee, address_of(trainee.code))
    trainee.user = user
    trainee.save(update_fields=["user"])
    return user


def agency_ids_of_account(user_id: int) -> list[int]:
    return list(Trainee.objects.filter(user=user_id).values_list("agency_id", flat=True))


def trainee_ids_of_account(user_id: int) -> list[int]:
    own = Trainee.objects.filter(pk__in=rows_of_user(user_id))
    return sorted(own.values_list("pk", flat=True))


def _account(by: Actor, trainee: Trainee, email: str) -> User:
    name = trainee.full_name
    return open_account(by=by, email=email, full_name=name, roles={Role.TRAINEE: None})


def _require_no_other_way(user: User) -> None:
    if user.has_mailbox and user.is_in_use:
        raise PeopleError(
            "in_use",
            _("%(name)s uses this account with an e-mail address: send a link instead.")
            % {"name": user},
        )


def _require_own_alone(user: User) -> None:
    """Whoever invites could claim it first, so it must open nothing but its owner's data."""
    if user.is_superuser or user.is_staff or not user.roles <= {Role.TRAINEE}:
        raise PeopleError(
            "other_roles",
            _(
                "%(name)s has other roles: only the programme office can send a link for "
                "this account."
            )
            % {"name": user},
        )
