"""Competency frameworks as data: their competencies, and the levels at which one may have them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.one_line import OneLineField
from competencies.querysets import CompetencyQuerySet, FrameworkQuerySet, LevelQuerySet
from courses.models import in_reader_language


class Framework(models.Model):
    """One version of a framework. It never changes: a change is the next version.

    Courses and audiences name what an adopted version holds. A code keeps its meaning from version
    to version, so that what was taught under one counts under the next.
    """

    slug = models.SlugField(_("short name"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    title_vi = OneLineField(_("title in Vietnamese"), max_length=200)
    title_en = OneLineField(_("title in English"), max_length=200, blank=True)
    source = OneLineField(_("source or legal basis"), max_length=250, blank=True)
    url = models.URLField(_("published at"))
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.CharField(max_length=200, blank=True)
    adopted_because = OneLineField(_("decision or reason"), max_length=250, blank=True)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ("slug", "-version")
        constraints = (
            models.UniqueConstraint(fields=("slug", "version"), name="one_framework_per_version"),
            models.CheckConstraint(
                condition=Q(adopted_at=None) | ~Q(adopted_because=""),
                name="an_adoption_has_its_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class Level(models.Model):
    """How well: 1 is the lowest. A higher level includes those below it."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="levels")
    number = models.PositiveSmallIntegerField()
    name_vi = OneLineField(max_length=100)
    name_en = OneLineField(max_length=100, blank=True)
    text_vi = models.CharField(max_length=1000, blank=True)
    text_en = models.CharField(max_length=1000, blank=True)

    objects = LevelQuerySet.as_manager()

    class Meta:
        ordering = ("framework", "number")
        constraints = (
            models.UniqueConstraint(fields=("framework", "number"), name="one_level_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="levels_begin_with_one"),
        )

    def __str__(self) -> str:
        return f"{self.number} – {self.name}"

    @property
    def name(self) -> str:
        return in_reader_language(self.name_vi, self.name_en)

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi, self.text_en)


class Competency(models.Model):
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="competencies")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    area_vi = OneLineField(max_length=200, blank=True)
    area_en = OneLineField(max_length=200, blank=True)
    name_vi = OneLineField(max_length=200)
    name_en = OneLineField(max_length=200, blank=True)
    text_vi = models.CharField(max_length=1000, blank=True)
    text_en = models.CharField(max_length=1000, blank=True)
    url = models.URLField(blank=True)

    objects = CompetencyQuerySet.as_manager()

    class Meta:
        ordering = ("framework", "position")
        constraints = (
            models.UniqueConstraint(fields=("framework", "code"), name="one_competency_per_code"),
            models.UniqueConstraint(
                fields=("framework", "position"), name="one_competency_per_position"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return in_reader_language(self.name_vi, self.name_en)

    @property
    def area(self) -> str:
        return in_reader_language(self.area_vi, self.area_en)

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi, self.text_en)

    @property
    def key(self) -> tuple[str, str]:
        """The same in every version of its framework."""
        return self.framework.slug, self.code
