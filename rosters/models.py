"""Uploaded rosters and their rows, headings, and exports."""

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
    """One uploaded roster. The file and what was read from it are encrypted, and expire."""

    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="roster_imports")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="roster_imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    content = models.BinaryField(help_text="The uploaded bytes, encrypted.", editable=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.STAGED)
    sheet = models.CharField(max_length=100, blank=True, help_text="Chosen; empty: the likeliest.")
    table = EncryptedJSONField(
        null=True, help_text="Where the table stands; its headings may be somebody's row."
    )
    report = EncryptedJSONField(null=True, help_text="What holds for the roster as a whole.")
    moves = models.BooleanField(
        default=False, help_text="The office moves other agencies' people to the sender at once."
    )
    letter_number = models.CharField(max_length=60, blank=True)
    letter_dated = models.DateField(null=True)
    letter_signer = models.CharField(max_length=150, blank=True)
    letter_file_name = models.CharField(max_length=100, blank=True)
    letter_file = models.BinaryField(
        default=b"", help_text="The scan, encrypted, until the roster is entered."
    )
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    rest_of = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="rests",
        help_text="The partial import whose rejected rows these are.",
    )
    uploaded_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-id")

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class StagedPart(models.Model):
    """Some thousand rows of an upload with their findings, encrypted.

    ``entered`` is what was written for them, for an undo.
    """

    roster = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    entered = EncryptedJSONField(null=True)

    class Meta:
        ordering = ("roster", "number")
        constraints = (
            models.UniqueConstraint(fields=("roster", "number"), name="one_staged_part_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.roster_id}/{self.number}"


class HeadingMapping(models.Model):
    """What a heading means in an agency's rosters; an empty field: nothing."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="heading_mappings")
    heading_key = models.CharField(max_length=120)
    field = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agency", "heading_key"), name="one_meaning_per_heading_and_agency"
            ),
        )

    def __str__(self) -> str:
        return f"{self.heading_key} = {self.field}"


class RosterView(models.Model):
    """Columns that a user saved, in their order."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roster_views"
    )
    name = models.CharField(max_length=80)
    fields = models.JSONField()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="one_roster_view_per_name"),
        )

    def __str__(self) -> str:
        return self.name


class RosterExport(models.Model):
    """A roster written by a job; the file is encrypted, and expires.

    The row outlives the file, so that an old link can say what happened to it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roster_exports"
    )
    wanted = EncryptedJSONField(null=True, help_text="Nothing once its time is over.")
    file_name = models.CharField(max_length=120)
    content = models.BinaryField(help_text="The file, encrypted; empty until it is written.")
    row_ids = EncryptedJSONField(
        null=True, help_text="Ids of the places, or people, in the file, known once it is written."
    )
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-asked_at", "-id")

    def __str__(self) -> str:
        return self.file_name


class ListSchedule(models.Model):
    """A list made ready for its owner every month, with the rights that they have then.

    ``wanted`` is the choice of rows and columns, as exports take it; it never has whole numbers.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_schedules"
    )
    name = models.CharField(max_length=80)
    wanted = EncryptedJSONField()
    day = models.PositiveSmallIntegerField(default=1, help_text="Of the month, 1 to 28.")
    month_before = models.BooleanField(
        default=False, help_text="The period of the list is always the month before."
    )
    last_month = models.CharField(
        max_length=7, blank=True, help_text="YYYY-MM, the last month in which it was made."
    )
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(day__gte=1, day__lte=28), name="every_month_has_the_day"
            ),
        )

    def __str__(self) -> str:
        return self.name
