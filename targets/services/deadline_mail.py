"""Mail about deadlines: one message for each reader, of all that is due."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from accounts.mail import Recipient
from accounts.models import User
from notices.services.messages import Messages
from targets.message_kinds import AGENCY_DEADLINES, UNREACHABLE_DEADLINES
from targets.services.recipients import coordinators_of, office

Text = Callable[[], str]
Claim = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due and was not sent yet.

    ``claim`` marks it as sent: of concurrent runs, it answers True to one alone. ``lines`` word it
    for each agency, by its id, in the active language.
    """

    claim: Claim
    lines: Mapping[int, Text]


@dataclass(frozen=True, slots=True)
class Reader:
    """A recipient; those who do not act for the agencies belong to the programme office."""

    user: User
    acts_for_them: bool


def readers_of(due: Sequence[Due]) -> dict[int, list[Reader]]:
    """Agency id → recipients of its deadlines."""
    if not due:
        return {}
    found = coordinators_of({agency for one in due for agency in one.lines})
    instead = [Reader(user, acts_for_them=False) for user in office()]
    return {
        agency: [Reader(user, acts_for_them=True) for user in users] or instead
        for agency, users in found.items()
    }


def send(due: Sequence[Due]) -> tuple[int, int]:
    """How many messages were sent, about how many agencies.

    The programme office gets what is due of agencies that have no coordinator with a mailbox. What
    reaches nobody is not marked as sent, so it goes out once somebody can be reached.
    """
    readers = readers_of(due)
    lines: dict[Reader, list[Text]] = defaultdict(list)
    for one in due:
        found = [(reader, line) for pk, line in one.lines.items() for reader in readers[pk]]
        if found and one.claim():
            for reader, line in found:
                lines[reader].append(line)
    messages = Messages()
    for reader, own in lines.items():
        kind = AGENCY_DEADLINES if reader.acts_for_them else UNREACHABLE_DEADLINES
        to = Recipient(reader.user.email, reader.user.language)
        messages.add(kind, to, partial(_values, own))
    return messages.send(), len(readers)


def _values(lines: Sequence[Text]) -> dict[str, str]:
    return {"lines": "\n".join(f"- {line()}" for line in lines)}
