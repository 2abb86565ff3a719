"""Letters to whoever cannot be mailed, printed by their coordinator."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from accounts.mail import mail_each
from accounts.models import is_mailbox
from audit.services import Actor, audit_details, audited
from common import clock
from notices.kinds import message_kinds
from notices.models import Notice
from people.models import Letter, Trainee
from people.querysets import LetterQuerySet
from people.services.recipients import recipients_of

# What a mail server refused so long ago is no news any more.
_LATEST_FAILURE = dt.timedelta(days=30)


def letter_to(person: Trainee, message: EmailMessage, text: str = "") -> Letter:
    """With the words of a message, or others."""
    return Letter(
        trainee=person,
        kind=getattr(message, "kind", ""),
        language=getattr(message, "language", "vi"),
        subject=str(message.subject)[:250],
        body=text or str(message.body),
    )


def tell_people(
    people: Sequence[Trainee],
    words: Callable[[], tuple[str, str]],
    *,
    kind: str = "",
    thread: str = "",
) -> None:
    """As ``mail_each``; whoever has no address gets a letter."""
    recipients = recipients_of(people)
    mail_each(recipients, words, kind=kind, thread=thread)
    letters = []
    for person, recipient in zip(people, recipients, strict=True):
        if not (is_mailbox(recipient.address) or person.erased_at):
            with translation.override(recipient.language):
                subject, body = words()
            message = EmailMessage(subject, body)
            message.__dict__.update(language=recipient.language, kind=kind)
            letters.append(letter_to(person, message))
    Letter.objects.bulk_create(letters)


def write_letters_for_failed_mail() -> int:
    """A timed task: what a mailbox did not take becomes a letter to its owner."""
    kinds = [name for name, kind in message_kinds if kind.is_of_person]
    # Changes of a class have no kind, but belong to its thread.
    of_people = Q(kind__in=kinds) | Q(kind="") & ~Q(thread="")
    failed = Notice.objects.failed().filter(
        of_people, created_at__gte=clock.now() - _LATEST_FAILURE, letters=None
    )
    return sum(_letters_for(notice) for notice in failed.order_by("pk"))


@transaction.atomic
def _letters_for(notice: Notice) -> int:
    letters = [
        Letter(
            trainee=person,
            kind=notice.kind,
            language=notice.language,
            subject=notice.subject,
            body=notice.body,
            notice=notice,
        )
        for person in _owners(notice)
    ]
    # Two workers may find the same mail.
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    return len(letters)


def _owners(notice: Notice) -> Iterable[Trainee]:
    """Those of the address; where several share it, the one whom the text names."""
    people = list(Trainee.objects.named().unmerged().of_address(notice.recipient))
    named = [person for person in people if person.full_name in notice.body]
    return named or people


@audited("unmailed_letters_printed")
def print_letters(*, by: Actor, letters: LetterQuerySet) -> list[Letter]:
    """Mark letters as printed, those printed before as they were; return them in roster order."""
    ids = list(letters.select_for_update(of=("self",)).values_list("pk", flat=True))
    Letter.objects.filter(pk__in=ids, printed_at=None).update(
        printed_at=clock.now(), printed_by=by.label
    )
    audit_details(letters=len(ids))
    printed = Letter.objects.filter(pk__in=ids).select_related("trainee__agency")
    return list(printed.order_by("trainee__sort_key", "trainee", "pk"))
