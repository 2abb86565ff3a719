"""Which secrets a change of an account invalidates: one table, checked when a secret is used.

A secret (a token, a link, a session) is stored with a digest of the account's state, and works only
while that state is the same. So no code that changes a password or an address has to remember what
it should end; a change made by a library or in a shell counts too.

``tests/accounts/test_invalidation.py`` uses every secret over HTTP after every change.
"""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from django.utils.crypto import constant_time_compare

from common.encryption import keyed_digest
from common.registries import account_facts


class Change(StrEnum):
    PASSWORD = "password"  # noqa: S105 - a name
    SECOND_FACTOR = "second_factor"  # one was removed, replaced or reset; not: a further one
    ROLES = "roles"
    AGENCY = "agency"  # the person's own, or those that a coordinator acts for
    EMAIL = "email"
    MERGE = "merge"  # the person turned out to be another one, or that was undone
    ACCOUNT = "account"  # it was closed or erased


class Secret(StrEnum):
    """Anything that grants access, or acts for a user, without asking for the password again."""

    SESSION = "session"
    SIGN_IN = "sign_in"  # under way: the password was right, the second factor is still asked
    API_TOKEN = "api_token"  # noqa: S105 - a name
    API_ANSWER = "api_answer"  # what an Idempotency-Key gives back
    INVITATION = "invitation"  # a mailed link
    LETTER = "letter"  # a printed code
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name
    ADDRESS_CHANGE = "address_change"  # the link that proves a new address
    SIGN_ON = "sign_on"  # the subject that is remembered of a single sign-on
    SHARE_LINK = "share_link"  # to one's own certificate
    CALENDAR = "calendar"  # the address at which a calendar program reads one's sessions
    JOB = "job"  # waits to be done with its owner's rights
    EXPORT_FILE = "export_file"
    NOTIFICATION = "notification"  # the text of one about others, written for an officer


_SIGN_IN = frozenset({Change.PASSWORD, Change.SECOND_FACTOR, Change.EMAIL, Change.ACCOUNT})
_RIGHTS = frozenset({Change.ROLES, Change.AGENCY, Change.ACCOUNT})

# No browser is remembered beyond its session (allauth's MFA_TRUST_ENABLED is off).
# What is missing in a row stays: rights are asked at every page and call, so a session or token
# outlives a role and is worth less from then on. A link to a certificate was given away on purpose,
# stands on the page of the certificate and is withdrawn there.
ENDED_BY: Mapping[Secret, frozenset[Change]] = {
    Secret.SESSION: _SIGN_IN,
    Secret.SIGN_IN: _SIGN_IN,
    Secret.API_TOKEN: _SIGN_IN,
    Secret.API_ANSWER: _RIGHTS,
    Secret.INVITATION: frozenset(Change) - {Change.SECOND_FACTOR},
    Secret.LETTER: frozenset(Change) - {Change.SECOND_FACTOR},
    Secret.PASSWORD_RESET: frozenset({Change.PASSWORD, Change.EMAIL, Change.ACCOUNT}),
    Secret.ADDRESS_CHANGE: _SIGN_IN,
    # Whoever was recognised by an address that has been corrected must be recognised again.
    Secret.SIGN_ON: frozenset({Change.EMAIL, Change.ACCOUNT}),
    Secret.SHARE_LINK: frozenset({Change.ACCOUNT}),
    # Whose classes it shows is asked anew each time, so it need not end with a role or an agency.
    Secret.CALENDAR: frozenset({Change.MERGE, Change.ACCOUNT}),
    Secret.JOB: _RIGHTS,
    Secret.EXPORT_FILE: _RIGHTS,
    Secret.NOTIFICATION: _RIGHTS,
}

# What only higher apps know comes from ``common.registries.account_facts``.
_OWN_FACTS: Mapping[Change, Callable[[Any], Any]] = {
    Change.PASSWORD: lambda user: user.password,
    Change.SECOND_FACTOR: lambda user: user.second_factors_lost,
    Change.ROLES: lambda user: sorted(user.roles),
    Change.EMAIL: lambda user: user.email.lower(),
    Change.ACCOUNT: lambda user: [user.is_active, user.closed_times],
}


def facts_of(user: Any, secret: Secret) -> list[Any]:
    """The facts about the account that must not change while the secret is valid."""
    return [_fact(user, change) for change in sorted(ENDED_BY[secret])]


def _fact(user: Any, change: Change) -> Any:
    if change in _OWN_FACTS:
        return _OWN_FACTS[change](user)
    # By names like "agency:people": several apps may know something about one kind of change.
    known = (fact for name, fact in account_facts if name.partition(":")[0] == change)
    return [fact(user.pk) for fact in known]


def state_of(user: Any, secret: Secret) -> str:
    """Keyed digest (64 hex digits) of everything that a secret created now depends on."""
    return keyed_digest(f"account.{secret}", json.dumps([user.pk, *facts_of(user, secret)]))


def is_state_current(user: Any, secret: Secret, state: str) -> bool:
    """An empty state is never current."""
    return bool(state) and constant_time_compare(state, state_of(user, secret))
