"""Kinds of messages, declared by the apps that send them.

A kind's text has placeholders in braces (``{full_name}``). The office may change subject and body
of every kind and language; these are the texts to begin with.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.registries import Registry

Text = str | Promise


class Importance(models.TextChoices):
    """Decides who may do without a message, and what becomes of one that may have been sent."""

    DECISION = "decision", _("decision")
    REMINDER = "reminder", _("reminder")
    INFORMATION = "information", _("information")


@dataclass(frozen=True, slots=True)
class Days:
    """How long before or after its occasion a reminder is sent, unless the office changes it."""

    label: Text
    default: int
    least: int = 0
    most: int = 60


@dataclass(frozen=True, slots=True)
class MessageKind:
    name: str
    importance: Importance
    label: Text
    recipients: Text
    subject: Text
    body: Text
    # What a placeholder stands for, and an example of it for the preview.
    values: dict[str, tuple[Text, Text]]
    days: Days | None = None  # of reminders
    # Its reader is the person it is about: whoever cannot be mailed gets a letter.
    is_of_person: bool = False
    # Placeholders without which a text would say nothing.
    required: tuple[str, ...] = ()
    # The roles to which the preferences offer it; empty: all.
    readers: tuple[str, ...] = ()

    @property
    def is_optional(self) -> bool:
        return self.importance != Importance.DECISION


message_kinds: Registry[MessageKind] = Registry("kinds of messages")

DAILY_DIGEST = "daily_digest"
# Mail about accounts, whose words stand in templates. Its text may hold secrets.
SECURITY = "security"


def kinds_of(importance: Importance) -> list[str]:
    return [name for name, kind in message_kinds if kind.importance == importance]


def is_optional(name: str) -> bool:
    """Whether a reader may do without mail of this kind; messages of no kind are decisions."""
    return name in message_kinds and message_kinds[name].is_optional
