"""What a course teaches, in order, and who has worked through it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.one_line import OneLineField
from courses.models import Course, CourseRun, in_reader_language
from enrollment.models import Enrollment
from learning.choices import UnitKind
from learning.querysets import UnitDoneQuerySet, UnitQuerySet


class Unit(models.Model):
    """A unit of a course, or with ``run`` one that a class has added for itself."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="units")
    run = models.ForeignKey(
        CourseRun, null=True, on_delete=models.PROTECT, related_name="own_units"
    )
    position = models.PositiveIntegerField()
    is_required = models.BooleanField(
        _("needed for completion"),
        default=True,
        help_text=_("A self-paced class is completed only with this unit done."),
    )
    opens_after_days = models.PositiveSmallIntegerField(
        _("visible after (days)"),
        null=True,
        blank=True,
        help_text=_("Counted from the first day of the class; blank: at once."),
    )
    withdrawn_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(default=clock.now)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.course_id}/{self.position}"


class UnitVersion(models.Model):
    """What a unit says from one moment on; rows are only added."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=5, choices=UnitKind, default=UnitKind.TEXT)
    title_vi = OneLineField(_("title in Vietnamese"), max_length=200)
    title_en = OneLineField(_("title in English"), max_length=200, blank=True)
    text_vi = models.TextField(_("text in Vietnamese"), blank=True, max_length=100_000)
    text_en = models.TextField(_("text in English"), blank=True, max_length=100_000)
    file = models.FileField(_("file"), upload_to="units/%Y/", blank=True)
    link = models.URLField(_("link"), blank=True, max_length=500)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("unit", "number")
        constraints = (
            models.UniqueConstraint(fields=("unit", "number"), name="one_unit_version_per_number"),
            models.CheckConstraint(
                condition=Q(kind="text") & (Q(text_vi__gt="") | Q(text_en__gt=""))
                | Q(kind="file", file__gt="")
                | Q(kind="link", link__gt="")
                | Q(kind="video") & (Q(file__gt="") | Q(link__gt="")),
                name="a_unit_has_what_its_kind_says",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi or self.text_en, self.text_en)

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in CONTENT}


# What a new version may change.
CONTENT = ("kind", "title_vi", "title_en", "text_vi", "text_en", "file", "link")


class ClassUnit(models.Model):
    """How one class sees a unit, where it differs: another version, another day, not at all."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="unit_settings")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="class_settings")
    version = models.ForeignKey(
        UnitVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    visible_from = models.DateField(_("visible from"), null=True, blank=True)
    is_hidden = models.BooleanField(_("not in this class"), default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "unit"), name="one_unit_setting_per_class"),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.unit_id}"


class UnitDone(models.Model):
    """A trainee has worked through a unit, in the version read then."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="units_done")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="done")
    version = models.ForeignKey(UnitVersion, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(default=clock.now)

    objects = UnitDoneQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("enrollment", "unit"), name="one_done_mark_per_unit"),
        )

    def __str__(self) -> str:
        return f"{self.enrollment_id}/{self.unit_id}"
