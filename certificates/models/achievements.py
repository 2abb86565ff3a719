"""What credentials certify: a version of a course."""

from django.db import models

from common import clock
from courses.models import Course


class Achievement(models.Model):
    """A version of a course as the credentials issued under it describe it.

    ``content`` holds the fields of ``CourseVersion``. Rows are never changed (a trigger refuses
    it): a course that changes gets another version with the next certificate.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="achievements")
    version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("course", "version"), name="one_achievement_per_course_version"
            ),
            models.UniqueConstraint(
                fields=("course", "digest"), name="one_achievement_per_course_content"
            ),
        )

    def __str__(self) -> str:
        return f"{self.course_id} {self.version}"
