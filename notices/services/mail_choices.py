"""Which mail a reader does without: on the page of their account, or by the link in a message."""

from collections.abc import Collection

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.choices import PEOPLE_MANAGERS
from accounts.models import User
from audit.services import Actor, audit_details, audited
from notices.kinds import DAILY_DIGEST, Importance, MessageKind, message_kinds
from notices.models import DigestReader, MutedKind, Notice

# Whoever follows the link in a message; nobody has signed in.
BY_LINK = Actor(None, "link in a message")
_signer = Signer(salt="notices.unsubscribe")


def offered_kinds(reader: User) -> list[MessageKind]:
    return [
        kind
        for name, kind in message_kinds
        if kind.is_optional
        and name != DAILY_DIGEST
        and (not kind.readers or reader.has_role(*kind.readers))
    ]


@audited("mail_choices_changed")
def change_mail_choices(
    *, by: Actor, reader: User, mailed: Collection[str], daily_digest: bool
) -> None:
    """``mailed`` are the names of the offered kinds that come by e-mail."""
    offered = {kind.name for kind in offered_kinds(reader)}
    muted = sorted(offered - set(mailed))
    MutedKind.objects.filter(account=reader, kind__in=offered & set(mailed)).delete()
    MutedKind.objects.bulk_create(
        [MutedKind(account=reader, kind=kind) for kind in muted], ignore_conflicts=True
    )
    if daily_digest and reader.has_role(*PEOPLE_MANAGERS):
        DigestReader.objects.get_or_create(account=reader)
    else:
        # What waits for a digest already comes with the next one.
        DigestReader.objects.filter(account=reader).delete()
    audit_details(user=reader.pk, muted=muted, daily_digest=daily_digest)


# By the link in a message ---------------------------------------------------------------


def can_be_stopped(notice: Notice) -> bool:
    """Whether its mail has a link that stops its kind."""
    is_known = notice.kind in message_kinds
    return is_known and message_kinds[notice.kind].importance == Importance.REMINDER


def link_to_stop(notice: Notice) -> str:
    """Blank where its mail is not to be stopped."""
    if not can_be_stopped(notice):
        return ""
    return f"{settings.SITE_URL}{reverse('unsubscribe', args=[_signer.sign(str(notice.pk))])}"


def notice_of_link(token: str) -> Notice | None:
    """None where the link was guessed, or its message is no longer stored."""
    try:
        key = _signer.unsign(token)
    except BadSignature:
        return None
    notice = Notice.objects.filter(pk=key).first()
    return notice if notice and can_be_stopped(notice) else None


def is_muted(notice: Notice) -> bool:
    return (
        MutedKind.objects.of(notice.account_id, notice.recipient).filter(kind=notice.kind).exists()
    )


@audited("mail_kind_muted")
def mute(*, by: Actor, notice: Notice) -> None:
    """No more mail of this kind to the reader of this message."""
    address = "" if notice.account_id else notice.recipient.lower()
    row = MutedKind(account_id=notice.account_id, address=address, kind=notice.kind)
    MutedKind.objects.bulk_create([row], ignore_conflicts=True)
    audit_details(kind=notice.kind, user=notice.account_id)


@audited("mail_kind_unmuted")
def unmute(*, by: Actor, notice: Notice) -> None:
    MutedKind.objects.of(notice.account_id, notice.recipient).filter(kind=notice.kind).delete()
    audit_details(kind=notice.kind, user=notice.account_id)
