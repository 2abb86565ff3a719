"""What a user sees of long work."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from common.deferred_messages import message_from_json
from common.encryption import EncryptedJSONField
from jobs.querysets import JobQuerySet


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Job(models.Model):
    """Long work with progress, a result, an error and a cancel button.

    A worker owns it by a lease. When the worker dies the lease expires, and ``reap`` queues the
    job again until its attempts are used up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    owner_state = models.CharField(
        max_length=64,
        blank=True,
        help_text="The owner's rights that it is done with: accounts.invalidation. Blank: any.",
    )
    actor_label = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    payload = models.JSONField(default=dict)
    language = models.CharField(max_length=2, default="vi")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = EncryptedJSONField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.JSONField(null=True, help_text="Why it failed: a DeferredMessage as JSON.")
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    stoppable = models.BooleanField(
        default=True, help_text="Whether whoever does the work hears of a wish to cancel."
    )
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(
                fields=("lease_until",),
                condition=models.Q(state="running"),
                name="job_running_lease",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def percent(self) -> int:
        return 0 if not self.total else min(100, 100 * self.done // self.total)

    @property
    def error_message(self) -> str:
        return str(message_from_json(self.error)) if self.error else ""

    @property
    def is_unstoppable(self) -> bool:
        return self.state == JobState.RUNNING and not self.stoppable

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class WorkerHeartbeat(models.Model):
    name = models.CharField(max_length=100, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class TimedTaskRun(models.Model):
    """When a timed task was last begun and last succeeded, whichever worker did it."""

    name = models.CharField(max_length=60, unique=True)
    first_begun_at = models.DateTimeField(default=clock.now)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class StoredResult(models.Model):
    """What long work last found, shown at once until it is computed anew.

    ``key`` says what it was asked for. ``part`` 0 is the result itself; longer lists follow in
    parts of their own. ``computed_at`` None: a job was asked for the first time.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, blank=True)
    part = models.PositiveIntegerField(default=0)
    content = EncryptedJSONField(null=True)
    computed_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "key", "part"), name="one_result_per_question"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.part}"

    @property
    def is_under_way(self) -> bool:
        return self.job is not None and not self.job.is_over
