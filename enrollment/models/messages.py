"""Messages that somebody wrote to a class, on record with their recipients."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from common import clock
from courses.models import CourseRun
from enrollment.querysets import ClassMessageQuerySet
from notices.models import Notice
from people.models import Letter


class ClassMessage(models.Model):
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="messages")
    # Of the page or request that sent it: the same one again sends nothing.
    key = models.UUIDField()
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=5000)
    sent_at = models.DateTimeField(default=clock.now)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_by = models.CharField(max_length=200)
    sent_as = models.CharField(max_length=20, choices=Role)
    people = models.PositiveIntegerField(help_text="How many were written to, letters included.")

    objects = ClassMessageQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("run", "key"), name="one_message_per_run_and_key"),
        )

    def __str__(self) -> str:
        return self.subject


class ClassMessageFile(models.Model):
    """A copy of a class's material as it was sent: the material may change or go."""

    message = models.ForeignKey(ClassMessage, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=220)
    file = models.FileField(upload_to="class-messages/%Y/")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class ClassMessageRecipient(models.Model):
    """Whom a message went to: by mail, or as a letter where there is no address.

    Both are null once the person's data were erased.
    """

    message = models.ForeignKey(ClassMessage, on_delete=models.CASCADE, related_name="recipients")
    enrollment = models.ForeignKey(
        "Enrollment", on_delete=models.PROTECT, related_name="messages_received"
    )
    notice = models.ForeignKey(Notice, null=True, on_delete=models.SET_NULL, related_name="+")
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("message", "enrollment"), name="one_row_per_message_and_recipient"
            ),
        )

    def __str__(self) -> str:
        return f"{self.message_id}/{self.enrollment_id}"
