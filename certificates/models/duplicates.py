"""Duplicates of certificates that were lost."""

from django.db import models

from certificates.choices import DuplicateState
from certificates.models.register import Certificate
from common import clock
from jobs.models import Job


class Duplicate(models.Model):
    """The same certificate once more, marked on the paper: same number, same words, same code.

    It is on record, with its number and day, before its file is made.
    """

    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="duplicates"
    )
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=250)
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.CharField(max_length=200)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(null=True)
    file = models.FileField(upload_to="certificates/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        ordering = ("certificate", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("certificate", "number"), name="one_duplicate_per_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.certificate} / {self.number}"

    @property
    def state(self) -> DuplicateState:
        if self.made_at:
            return DuplicateState.MADE
        is_under_way = self.job is not None and not self.job.is_over
        return DuplicateState.BEING_MADE if is_under_way else DuplicateState.NOT_MADE

    @property
    def problem(self) -> str:
        """Why the file could not be made, while it is not."""
        return self.job.error_message if self.job and not self.made_at else ""

    @property
    def file_name(self) -> str:
        return self.certificate.file_name.replace(".pdf", f"-cap-lai-{self.number}.pdf")
