"""Messages that a trainer, a coordinator or the office writes to people of a class."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Language, Role
from accounts.mail import Recipient
from accounts.models import User, is_mailbox
from audit.services import Actor, audit_details, audited
from common import formats
from courses.models import CourseRun, Material
from courses.querysets import CourseRunQuerySet
from courses.services.timetables import lock_run
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.message_kinds import CLASS_MESSAGE, WRITER_MAY_NAME
from enrollment.models import (
    ClassMessage,
    ClassMessageFile,
    ClassMessageRecipient,
    Enrollment,
)
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.announcements import values_of
from notices.backends import store_messages
from notices.services.texts import Wording, compose, fill, placeholders, wording_of
from people.models import Letter, Merge
from people.querysets import resolved
from people.services.letters import letter_to
from people.services.recipients import recipients_of

# Many mail servers take 20 MB, of which encoding uses a third.
MOST_ATTACHED = 10 * 1024 * 1024
LONGEST_SUBJECT, LONGEST_TEXT = 200, 5_000
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote. Errors: ``text_missing``, ``no_single_line``, ``unknown_placeholder``,
    ``attachments_too_large``, ``file_missing``.
    """

    subject: str
    body: str
    materials: Sequence[Material] = ()

    def __post_init__(self) -> None:
        if not (self.subject.strip() and self.body.strip()):
            raise EnrollmentInputError("text_missing", _("Enter a subject and a text."))
        if any(not char.isprintable() for char in self.subject):
            raise EnrollmentInputError(
                "no_single_line",
                _("The subject must be a single line without control characters."),
            )
        if unknown := placeholders(self.subject, self.body) - set(WRITER_MAY_NAME):
            raise EnrollmentInputError(
                "unknown_placeholder",
                _("There is no value for %(names)s. Available values: %(known)s.")
                % {"names": _in_braces(unknown), "known": _in_braces(WRITER_MAY_NAME)},
            )
        if self.size > MOST_ATTACHED:
            raise EnrollmentInputError(
                "attachments_too_large",
                _(
                    "The attachments total %(size)s; a message can have at most %(most)s. Leave "
                    "some out: trainees find all materials on the page of the class."
                )
                % {"size": filesizeformat(self.size), "most": filesizeformat(MOST_ATTACHED)},
            )

    @property
    def size(self) -> int:
        try:
            return sum(material.file.size for material in self.materials)
        except FileNotFoundError as error:
            raise EnrollmentError(
                "file_missing", _("A file of this class is missing; upload it again.")
            ) from error


def _in_braces(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody to write to; without an address they get a letter."""

    enrollment: Enrollment
    recipient: Recipient

    @property
    def has_address(self) -> bool:
        return is_mailbox(self.recipient.address)


def runs_to_write_about(runs: CourseRunQuerySet, user: User) -> CourseRunQuerySet:
    """Classes that a user teaches, or in which they have somebody to write to; for the office all.

    For auditors none, although they read every message.
    """
    if user.has_role(Role.PROGRAMME_OFFICE):
        return runs
    taught = runs.none()
    if user.has_role(Role.TRAINER):
        taught = CourseRun.objects.taught_by(user)
    people = Enrollment.objects.messageable_by(user)
    return runs.filter(Q(pk__in=taught.values("pk")) | Q(pk__in=people.values("run")))


def reached(enrollments: EnrollmentQuerySet) -> list[Reached]:
    """Each person once, in roster order: by the latest enrollment that has an address, if any."""
    rows = enrollments.select_related("trainee__user", "sending_agency", "run__course")
    found = list(rows.order_by("pk"))
    survivors = Merge.objects.present_survivor_by_absorbed()
    by_person = dict[int, Reached]()
    for one, recipient in zip(found, recipients_of([row.trainee for row in found]), strict=True):
        person, new = resolved(one.trainee_id, survivors), Reached(one, recipient)
        if new.has_address or person not in by_person or not by_person[person].has_address:
            by_person[person] = new
    people = by_person.values()
    return sorted(people, key=lambda one: (one.enrollment.trainee.sort_key, one.enrollment.pk))


@audited("class_message_sent")
def send_class_message(
    *,
    by: Actor,
    sender: User,
    run: CourseRun,
    enrollments: EnrollmentQuerySet,
    draft: Draft,
    agreed_recipients: int | None,
    key: uuid.UUID,
) -> ClassMessage:
    """Write to those of ``enrollments`` whom the sender may write to, each in their own mail.

    The same ``key`` again returns the message that it sent. ``agreed_recipients`` is the number
    that somebody has seen. Errors: ``nobody_to_write_to``, ``confirm_recipients``.
    """
    run = lock_run(run)
    audit_details(run=run.code)
    if sent := run.messages.filter(key=key, sender=sender).first():
        audit_details(already=True)
        return sent
    people = reached(enrollments.filter(run=run).messageable_by(sender))
    _require_agreement(people, agreed_recipients)
    message = ClassMessage.objects.create(
        run=run,
        key=key,
        subject=draft.subject,
        body=draft.body,
        sender=sender,
        sent_by=by.label,
        sent_as=role_of_sender(sender, run),
        people=len(people),
    )
    _write(message, people, _store_files(message, draft.materials))
    audit_details(message=message.pk, people=len(people), files=len(draft.materials))
    return message


def nobody_chosen() -> EnrollmentInputError:
    return EnrollmentInputError("nobody_to_write_to", _("Choose at least one person."))


def _require_agreement(people: Sequence[Reached], agreed: int | None) -> None:
    if not people:
        raise nobody_chosen()
    if agreed != len(people):
        text = ngettext(
            "%(count)s person will be written to. Confirm this number.",
            "%(count)s people will be written to. Confirm this number.",
            len(people),
        )
        raise EnrollmentError("confirm_recipients", text % {"count": formats.number(len(people))})


def role_of_sender(sender: User, run: CourseRun) -> Role:
    """As whom somebody with several roles writes: what they send as trainer is the class's."""
    if sender.has_role(Role.PROGRAMME_OFFICE):
        return Role.PROGRAMME_OFFICE
    teaches = sender.has_role(Role.TRAINER) and run.trainers.filter(user=sender).exists()
    return Role.TRAINER if teaches else Role.COORDINATOR


def _store_files(message: ClassMessage, materials: Sequence[Material]) -> dict[str, str]:
    """Copy the files once for all recipients; return the stored names by those to show."""
    found = dict[str, str]()
    for name, material in named_files(materials):
        with material.file.open("rb") as file:
            copy = ClassMessageFile(message=message, name=name)
            copy.file.save(PurePath(str(material.file)).name, ContentFile(file.read()))
        found[name] = str(copy.file)
    return found


def named_files(materials: Sequence[Material]) -> Iterator[tuple[str, Material]]:
    """Titles as names of files, each once: ``Slides.pdf``, ``Slides (2).pdf``."""
    seen = set[str]()
    for material in materials:
        title = "".join(c if c.isprintable() and c not in '/\\"' else " " for c in material.title)
        title, suffix = " ".join(title.split()), PurePath(str(material.file)).suffix
        title, number = title.removesuffix(suffix), 1
        name = f"{title}{suffix}"
        while name in seen:
            number += 1
            name = f"{title} ({number}){suffix}"
        seen.add(name)
        yield name, material


def _write(message: ClassMessage, people: Sequence[Reached], files: Mapping[str, str]) -> None:
    frames = {one: wording_of(CLASS_MESSAGE, one) for one in Language.values}
    mails, notifications, letters = list[EmailMessage](), list[EmailMessage](), list[Letter]()
    for one in people:
        mail = worded(message, one, frames[one.recipient.language])
        mail.__dict__["stored_files"] = dict(files) or None
        if one.has_address:
            mails.append(mail)
            continue
        if one.recipient.address:  # an account without a mailbox
            notifications.append(mail)
        with translation.override(one.recipient.language):
            text = f"{mail.body}{_attached(files)}"
        letters.append(letter_to(one.enrollment.trainee, mail, text))
    store_messages(notifications)
    notices = store_messages(mails)
    written = Letter.objects.bulk_create(letters, batch_size=_BATCH)
    mailed = [one.enrollment for one in people if one.has_address]
    unmailed = [one.enrollment for one in people if not one.has_address]
    rows = [
        ClassMessageRecipient(message=message, enrollment=enrollment, notice=notice)
        for enrollment, notice in zip(mailed, notices, strict=True)
    ] + [
        ClassMessageRecipient(message=message, enrollment=enrollment, letter=letter)
        for enrollment, letter in zip(unmailed, written, strict=True)
    ]
    ClassMessageRecipient.objects.bulk_create(rows, batch_size=_BATCH)


def _attached(names: Collection[str]) -> str:
    """For a letter, which cannot carry files."""
    if not names:
        return ""
    text = _("Files for this message, on the page of the class: %(names)s")
    return "\n\n" + text % {"names": "; ".join(names)}


def worded(message: ClassMessage, to: Reached, frame: Wording) -> EmailMessage:
    """What one person reads; ``message`` need not be saved."""
    sender, language = message.sender, to.recipient.language
    with translation.override(language):
        values = values_of(to.enrollment)
        role = str(Role(message.sent_as).label).lower()
    values |= {
        "subject": fill(message.subject, values),
        "text": fill(message.body, values),
        "sender": f"{sender}, {role}",
    }
    mail = compose(
        CLASS_MESSAGE,
        values,
        to=to.recipient.address,
        wording=frame,
        thread=message.run.mail_thread,
        **to.recipient.marks(),
    )
    if settings.REPLY_TO_SENDER and sender and sender.has_mailbox:
        mail.reply_to = [sender.email]
    return mail


def preview(draft: Draft, *, sender: User, to: Reached) -> EmailMessage:
    run = to.enrollment.run
    message = ClassMessage(
        run=run,
        subject=draft.subject,
        body=draft.body,
        sender=sender,
        sent_as=role_of_sender(sender, run),
    )
    return worded(message, to, wording_of(CLASS_MESSAGE, to.recipient.language))
