"""Groups of people by what their records say, and what they should have learnt."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.choices import AgencyKind
from common import clock
from common.one_line import OneLineField
from competencies.models.frameworks import Competency, Level
from competencies.querysets import AudienceQuerySet, AudienceRuleQuerySet
from courses.models import Course, in_reader_language
from enrollment.choices import TraineeKind


class Audience(models.Model):
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    title_vi = OneLineField(_("title in Vietnamese"), max_length=200)
    title_en = OneLineField(_("title in English"), max_length=200, blank=True)
    is_in_use = models.BooleanField(_("in use"), default=True)

    objects = AudienceQuerySet.as_manager()

    class Meta:
        ordering = ("title_vi", "slug")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class AudienceRule(models.Model):
    """Who belongs to an audience from a day on, and what they should have learnt.

    A person belongs to it where every list that is not empty fits: one phrase of ``positions`` is
    among the words of the position and none of ``positions_not``, one of ``units`` among those of
    the unit, the kind of agency and the kind of trainee are among those named. Accents and capitals
    make no difference. Rules never change: a change is the next rule, from a day on.
    """

    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="rules")
    first_day = models.DateField(_("in force from"))
    positions = models.JSONField(_("position contains"), default=list, blank=True)
    positions_not = models.JSONField(_("position does not contain"), default=list, blank=True)
    units = models.JSONField(_("unit contains"), default=list, blank=True)
    agency_kinds = models.JSONField(_("kind of agency"), default=list, blank=True)
    trainee_kinds = models.JSONField(_("official or expert"), default=list, blank=True)
    courses = models.ManyToManyField(
        Course, blank=True, related_name="+", verbose_name=_("courses to complete")
    )
    reason = OneLineField(_("reason"), max_length=250, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    objects = AudienceRuleQuerySet.as_manager()

    class Meta:
        ordering = ("audience", "-first_day", "-pk")

    def __str__(self) -> str:
        return f"{self.audience_id} {self.first_day}"

    def agency_kind_labels(self) -> list[str]:
        return [str(AgencyKind(kind).label) for kind in self.agency_kinds]

    def trainee_kind_labels(self) -> list[str]:
        return [str(TraineeKind(kind).label) for kind in self.trainee_kinds]


class RequiredCompetency(models.Model):
    """A competency that an audience should have, at a level or a higher one."""

    rule = models.ForeignKey(AudienceRule, on_delete=models.PROTECT, related_name="competencies")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("rule", "competency__framework", "competency__position")
        constraints = (
            models.UniqueConstraint(
                fields=("rule", "competency"), name="one_level_per_required_competency"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.competency_id}"
