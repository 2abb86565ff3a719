from django.db import models

from common import clock
from notices.models import Notice
from people.querysets import LetterQuerySet


class Letter(models.Model):
    """What somebody could not be mailed: their coordinator prints it and hands it over."""

    trainee = models.ForeignKey("people.Trainee", on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=250)
    body = models.TextField()
    # The mail that could not be delivered; null where there was no address.
    notice = models.ForeignKey(Notice, null=True, on_delete=models.SET_NULL, related_name="letters")
    created_at = models.DateTimeField(default=clock.now)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.CharField(max_length=200, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("trainee", "notice"), name="one_letter_per_person_and_mail"
            ),
        )
        indexes = (
            models.Index(
                fields=("trainee",), condition=models.Q(printed_at=None), name="letter_to_print"
            ),
        )

    def __str__(self) -> str:
        return self.subject
