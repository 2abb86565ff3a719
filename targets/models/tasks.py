from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock
from counting.models import Indicator
from targets.choices import Reminder, UnitAnswer
from targets.models.history import Versioned
from targets.models.submissions import Submission
from targets.querysets import AgencyTaskQuerySet, CooperatingUnitQuerySet, TaskReportQuerySet


class AgencyTask(Versioned):
    """What an agency must do by a day, with the units that cooperate."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="tasks")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(_("task"), max_length=250)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    starts_on = models.DateField(_("to be started on"), null=True, blank=True)
    due_on = models.DateField(_("to be completed by"))
    responsible_unit = models.CharField(_("responsible unit"), max_length=200)
    done_on = models.DateField(_("completed on"), null=True, blank=True)
    done_by = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    last_reminder = models.CharField(
        max_length=7, choices=Reminder, default=Reminder.NONE, blank=True, editable=False
    )

    objects = AgencyTaskQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")

    def __str__(self) -> str:
        return self.title


class CooperatingUnit(Versioned):
    """A unit that cooperates in a task: an agency of the system, or any other by name.

    Each answer is a version; ``change_reason`` is the reason for it, ``believed_from`` when it was
    given. The ``task`` is always the current row of the task.
    """

    task = models.ForeignKey(AgencyTask, on_delete=models.CASCADE, related_name="units")
    agency = models.ForeignKey(
        Agency, null=True, on_delete=models.PROTECT, related_name="cooperations"
    )
    other = models.CharField(_("other unit"), max_length=400, blank=True)
    answer = models.CharField(max_length=8, choices=UnitAnswer, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)

    objects = CooperatingUnitQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(agency=None, other__gt="") | Q(agency__isnull=False, other=""),
                name="a_cooperating_unit_is_an_agency_or_another",
            ),
            models.UniqueConstraint(
                fields=("task", "agency"),
                condition=Q(believed_until=None),
                name="an_agency_cooperates_once_in_a_task",
            ),
            models.CheckConstraint(
                condition=~Q(answer=UnitAnswer.REFUSED) | Q(change_reason__gt=""),
                name="a_refusal_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.agency.name if self.agency else self.other


class TaskReport(Submission):
    """Progress of a task as its agency reports it; the office accepts or returns it."""

    task = models.ForeignKey(AgencyTask, on_delete=models.CASCADE, related_name="reports")
    day = models.DateField(_("as of"))
    text = models.CharField(_("progress"), max_length=1000)
    is_final = models.BooleanField(_("the task is completed"), default=False)
    proof = models.FileField(_("proof"), upload_to="tasks/%Y/", blank=True)
    proof_sha256 = models.CharField(max_length=64, blank=True)

    objects = TaskReportQuerySet.as_manager()

    class Meta:
        ordering = ("-day", "-id")

    def __str__(self) -> str:
        return f"{self.task_id} {self.day}"
