"""Duplicates of certificates that were lost."""

from django.db import models

from certificates.models.register import Certificate
from common import clock


class Duplicate(models.Model):
    """The same certificate once more, marked on the paper: same number, same words, same code."""

    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="duplicates"
    )
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=250)
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.CharField(max_length=200)
    file = models.FileField(upload_to="certificates/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)

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
    def file_name(self) -> str:
        return self.certificate.file_name.replace(".pdf", f"-cap-lai-{self.number}.pdf")
