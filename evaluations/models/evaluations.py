"""The evaluation of a class, and who may still answer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from courses.models import CourseRun
from enrollment.models import Enrollment
from evaluations.models.forms import EvaluationForm
from evaluations.querysets import EvaluationQuerySet


class Evaluation(models.Model):
    """The forms handed in are counted here; nothing is stored per form or per person."""

    run = models.OneToOneField(CourseRun, on_delete=models.PROTECT, related_name="evaluation")
    form = models.ForeignKey(EvaluationForm, on_delete=models.PROTECT, related_name="evaluations")
    opens_on = models.DateField(_("open from"))
    closes_on = models.DateField(_("open until"))
    # The trainers to answer for, and the counters: laid out when the first form is shown.
    is_laid_out = models.BooleanField(default=False)
    # Enrollments up to this one were invited.
    last_invited = models.BigIntegerField(default=0)
    valid_online = models.PositiveIntegerField(default=0)
    invalid_online = models.PositiveIntegerField(default=0)
    valid_paper = models.PositiveIntegerField(default=0)
    invalid_paper = models.PositiveIntegerField(default=0)
    seats_at_closing = models.PositiveIntegerField(null=True)
    index = models.DecimalField(
        max_digits=4, decimal_places=2, null=True, help_text="None: hidden, or not closed yet."
    )
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=200, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ("-closes_on", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="evaluation_closes_after_it_opens",
                violation_error_message=_("An evaluation cannot close before it opens."),
            ),
        )

    def __str__(self) -> str:
        return str(self.run_id)

    @property
    def valid(self) -> int:
        return self.valid_online + self.valid_paper

    @property
    def invalid(self) -> int:
        return self.invalid_online + self.invalid_paper

    @property
    def forms(self) -> int:
        return self.valid + self.invalid

    @property
    def is_hidden(self) -> bool:
        """Too few valid forms to show what they say."""
        return self.valid < self.form.least_forms

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.opens_on <= clock.today() <= self.closes_on


class EvaluatedTrainer(models.Model):
    """A trainer of the class as the forms name them."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="trainers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    guest_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("evaluation", "id")

    def __str__(self) -> str:
        return self.guest_name or str(self.user)


class OpenInvitation(models.Model):
    """Somebody of the class who has not answered yet.

    The row goes when they answer, and all go when the evaluation is closed: nothing records who
    answered, when, or in which order.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="invitations")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("evaluation", "enrollment"), name="invited_to_an_evaluation_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.enrollment_id}"
