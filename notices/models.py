"""The outbox: every message and its state."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock


class NoticeState(models.TextChoices):
    PENDING = "pending", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be sent")
    DROPPED = "dropped", _("no longer needed")


class Notice(models.Model):
    """One message to one recipient.

    Links that let their reader in are never stored: the text has a placeholder, and ``link_kind``
    and ``link_params`` say which link is made at each delivery (``common.mail_links``).
    """

    recipient = models.EmailField()
    language = models.CharField(max_length=2, default="vi")
    subject = models.CharField(max_length=250)
    body = models.TextField()
    html_body = models.TextField(blank=True)
    link_kind = models.CharField(max_length=40, blank=True)
    link_params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=clock.now)
    last_error = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("not_before",),
                condition=models.Q(state="pending"),
                name="notice_pending",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
