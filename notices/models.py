"""The outbox: every message and its state."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from common.one_line import OneLineField
from notices.kinds import SECURITY
from notices.querysets import (
    MessageTextQuerySet,
    MutedKindQuerySet,
    NoticeQuerySet,
    OutboxPauseQuerySet,
    UndeliverableAddressQuerySet,
)


class NoticeState(models.TextChoices):
    PENDING = "pending", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be sent")
    DROPPED = "dropped", _("no longer needed")
    # A worker died while it sent a reminder: better none than two.
    UNCERTAIN = "uncertain", _("may have been sent")
    UNMAILED = "unmailed", _("not sent by e-mail")
    DIGEST = "digest", _("waiting for the daily digest")
    DIGESTED = "digested", _("sent in the daily digest")


class Notice(models.Model):
    """One message to one recipient, who reads it in the product too if they have an account.

    Links that let their reader in are never stored: the text has a placeholder, and ``link_kind``
    and ``link_params`` say which link is made at each delivery (``common.mail_links``).
    """

    kind = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Of notices.kinds, where it has one.",
    )
    recipient = models.EmailField()
    language = models.CharField(max_length=2, default="vi")
    subject = models.CharField(max_length=250)
    body = models.TextField()
    html_body = models.TextField(blank=True)
    calendar = models.TextField(
        blank=True, default="", db_default="", help_text="Invitations: common.calendars."
    )
    thread = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="The conversation to which it belongs, such as that of a class.",
    )
    reply_to = models.EmailField(blank=True, default="", db_default="")
    # Stored once for all recipients: names of the default storage's files, by the name to show.
    attachments = models.JSONField(null=True)
    link_kind = models.CharField(max_length=40, blank=True)
    link_params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=clock.now)
    last_error = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    # Set while a worker sends it. Still set at the next try, it says that the worker died.
    claimed_at = models.DateTimeField(null=True)
    may_be_double = models.BooleanField(default=False, db_default=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="notices",
        db_index=False,  # notice_of_account
        help_text="Among whose notifications it stands.",
    )
    rights = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Those that its text was written for: accounts.invalidation. Blank: any.",
    )
    path = models.CharField(
        max_length=250, blank=True, default="", db_default="", help_text="The page it is about."
    )
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("not_before",),
                condition=models.Q(state="pending"),
                name="notice_pending",
            ),
            models.Index(
                fields=("account", "-created_at"),
                condition=models.Q(account__isnull=False),
                name="notice_of_account",
            ),
            models.Index(
                fields=("account",),
                condition=models.Q(account__isnull=False, read_at=None),
                name="notice_unread",
            ),
            models.Index(
                fields=("account",), condition=models.Q(state="digest"), name="notice_digest"
            ),
            models.Index(
                fields=("created_at",),
                condition=models.Q(state="failed"),
                name="notice_failed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def is_for_mailbox_alone(self) -> bool:
        """Its text may hold what lets its reader in, or a secret."""
        return bool(self.link_kind) or self.kind == SECURITY


class MessageText(models.Model):
    """A text of the office in place of a kind's own. The latest version is in force.

    A version without subject and body goes back to the kind's own text.
    """

    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), max_length=5000, blank=True)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.CharField(max_length=200)

    objects = MessageTextQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("kind", "language"), name="message_text_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"

    @property
    def is_default(self) -> bool:
        return not self.body


class OutboxPause(models.Model):
    """While the latest has not ended, nothing is sent."""

    paused_at = models.DateTimeField(default=clock.now)
    paused_by = models.CharField(max_length=200)
    reason = OneLineField(_("reason"), max_length=250)
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.CharField(max_length=200, blank=True)

    objects = OutboxPauseQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            # All pauses under way have the same (no) end, so there can be only one.
            models.UniqueConstraint(
                fields=("resumed_by",),
                condition=models.Q(resumed_at=None),
                name="one_pause_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return self.reason


class UndeliverableAddress(models.Model):
    """An address that sent our mail back. Nothing is sent to it until somebody says *try again*."""

    address = models.EmailField(help_text="In lower case.")
    since = models.DateTimeField(default=clock.now)
    reason = models.CharField(max_length=250)
    reported_at = models.DateTimeField(null=True, help_text="To those who look after its owner.")
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.CharField(max_length=200, blank=True)

    objects = UndeliverableAddressQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("address",),
                condition=models.Q(cleared_at=None),
                name="an_address_is_marked_once",
            ),
        )

    def __str__(self) -> str:
        return self.address


class ReminderDays(models.Model):
    """How many days before or after its occasion a reminder is sent. The latest is in force."""

    kind = models.CharField(max_length=40)
    days = models.PositiveSmallIntegerField(null=True, help_text="None: never.")
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind}: {self.days}"


class SentReminder(models.Model):
    """That an occasion was reminded of; written together with the messages, and once."""

    kind = models.CharField(max_length=40)
    occasion = models.CharField(max_length=80)
    claim = models.UUIDField(help_text="Of the round that wrote it.", db_index=True)
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "occasion"), name="one_reminder_per_occasion"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.occasion}"


class MutedKind(models.Model):
    """Mail of this kind is not wanted: by an account, or by an address without one."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="muted_kinds",
    )
    address = models.EmailField(blank=True)
    kind = models.CharField(max_length=40)
    muted_at = models.DateTimeField(default=clock.now)

    objects = MutedKindQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "kind"),
                condition=models.Q(account__isnull=False),
                name="muted_once_by_account",
            ),
            models.UniqueConstraint(
                fields=("address", "kind"),
                condition=models.Q(account=None),
                name="muted_once_by_address",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id or self.address} {self.kind}"


class DigestReader(models.Model):
    """Whoever reads the day's messages about their work in one mail each morning."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_reader"
    )

    def __str__(self) -> str:
        return str(self.account_id)
