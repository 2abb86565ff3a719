"""Rosters on their way in: the upload, what was found in it, what became of it."""

from django.conf import settings
from django.db import models

from agencies.models import Agency
from common import clock
from common.encryption import EncryptedJSONField
from courses.models import CourseRun
from jobs.models import Job
from rosters.choices import ImportState
from rosters.querysets import RosterImportQuerySet


class RosterImport(models.Model):
    """One uploaded roster. The file and what was read from it rest encrypted and expire."""

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="roster_imports")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="roster_imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    content = models.BinaryField(help_text="The uploaded bytes, encrypted.", editable=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.STAGED)
    report = EncryptedJSONField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-id")

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
