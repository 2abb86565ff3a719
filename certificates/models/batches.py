"""Batches under way, and links that share a certificate for a while."""

import uuid

from django.conf import settings
from django.db import models

from certificates.choices import BatchState
from certificates.models.register import Certificate
from certificates.querysets import BatchQuerySet, ShareLinkQuerySet
from common import clock
from courses.models import CourseRun
from jobs.models import Job


class Batch(models.Model):
    """The issuing of a run's certificates as long work that may be paused and resumed.

    Numbers are given once, then the files are made by one or several jobs (``parts``), each of
    which makes its share. The merged file for printing and the ZIP belong to the batch.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="batches")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.RUNNING)
    parts = models.PositiveSmallIntegerField(default=1)
    held_back = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    # Files owed when dead jobs were last replaced: a batch that makes no headway is left alone.
    owed_when_revived = models.PositiveIntegerField(null=True)
    merged = models.FileField(upload_to="batches/", blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(default=clock.now)
    jobs = models.ManyToManyField(Job, related_name="+")

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"{self.run_id} {self.state}"


class Bundle(models.Model):
    """Certificates of several classes, or of a period, in one ZIP and in one PDF to print.

    The files expire; the row outlives them, so that an old link can say what happened to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="certificate_bundles"
    )
    wanted = models.JSONField(help_text="What was chosen: runs, agency, since, until.")
    certificate_ids = models.JSONField(default=list, help_text="Known once it is made.")
    archive = models.FileField(upload_to="bundles/", blank=True)
    merged = models.FileField(upload_to="bundles/", blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return str(self.pk)


class ShareLink(models.Model):
    """A link that shows one certificate to whoever has it, until a day or until withdrawn.

    Only the token's hash is stored: a copied database opens nothing. It ends with the account of
    whoever gave it (``accounts.invalidation``), and with the certificate's being theirs.
    """

    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=64, blank=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.certificate_id} until {self.expires_at:%Y-%m-%d}"
