import datetime as dt
from collections.abc import Sequence

from django.db import models
from django.utils.translation import get_language

from agencies.models import Agency
from common import record_time
from counting.choices import Span, Unit
from counting.querysets import CountingRuleQuerySet
from courses.models import Course
from enrollment.choices import OWN_EVIDENCE
from enrollment.models import Completion
from people.models import Trainee


class Indicator(models.Model):
    slug = models.CharField(max_length=60, unique=True)
    unit = models.CharField(max_length=10, choices=Unit)
    title_vi = models.CharField(max_length=250)
    title_en = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug

    @property
    def title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title_vi


class CountingRule(models.Model):
    """Which completions count, as versioned data; an empty list means all.

    An empty list of evidence means all kinds but results from elsewhere.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveSmallIntegerField()
    adopted_on = models.DateField()
    recorded_at = models.DateTimeField(default=record_time.now)
    sectors = models.JSONField(default=list)
    kinds = models.JSONField(default=list, blank=True)
    evidence_kinds = models.JSONField(default=list)
    minimum_periods = models.PositiveSmallIntegerField(default=0)
    agencies_left_out = models.ManyToManyField(Agency, blank=True, related_name="+")
    sentence_vi = models.TextField()
    sentence_en = models.TextField()
    reason = models.CharField(max_length=250, blank=True)

    objects = CountingRuleQuerySet.as_manager()

    class Meta:
        ordering = ("indicator", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "version"), name="one_rule_per_indicator_and_version"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} v{self.version}"

    @property
    def accepted_evidence(self) -> Sequence[str]:
        """Results from elsewhere count only where a rule names them."""
        return self.evidence_kinds or OWN_EVIDENCE

    @property
    def sentence(self) -> str:
        return self.sentence_en if get_language() == "en" else self.sentence_vi


class RuleCourse(models.Model):
    """A course that counts under a rule, for completions between two days."""

    rule = models.ForeignKey(CountingRule, on_delete=models.CASCADE, related_name="courses")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    counts_from = models.DateField(null=True, blank=True)
    counts_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("rule", "course"), name="one_row_per_rule_and_course"),
        )

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.course_id}"


class CacheState(models.Model):
    """The version of the cached totals: one row, locked by whoever updates them.

    Completions and merges reach the cache by one way alone: database triggers write
    ``people.PendingChange``, and the next ``counting.counter.counted`` applies it
    (``counting.cache.update_cache``). ``latest`` is the last instant on record that went into the
    totals, which hold for every belief from then on. ``version`` is drawn at random with each
    change and never used again.
    """

    rule = models.ForeignKey(CountingRule, null=True, on_delete=models.CASCADE, related_name="+")
    latest = models.DateTimeField(null=True)
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.version}"

    def covers(self, known_as_of: dt.datetime) -> bool:
        return self.latest is None or self.latest <= known_as_of


class CachedCompletion(models.Model):
    """A qualifying completion and its person after merges, see ``CacheState``."""

    completion = models.OneToOneField(
        Completion, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="+")
    completed_on = models.DateField()
    is_first = models.BooleanField()

    class Meta:
        constraints = (
            # Whatever the code does, the database counts nobody twice.
            models.UniqueConstraint(
                fields=("person",), condition=models.Q(is_first=True), name="a_person_counts_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("completed_on",), condition=models.Q(is_first=True), name="first_completed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id}: {self.completion_id}"


class CachedTotal(models.Model):
    """People and completions of a day, month or year, see ``CacheState``.

    Each is stored twice: by sending agency, and over all agencies with ``agency`` empty.
    """

    span = models.CharField(max_length=1, choices=Span)
    starts_on = models.DateField()
    agency = models.ForeignKey(
        Agency, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20)
    sector = models.CharField(max_length=20)
    persons = models.IntegerField()
    completions = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("span", "starts_on", "agency", "kind", "sector"), name="one_part_per_cell"
            ),
            # NULL agencies are distinct to the constraint above.
            models.UniqueConstraint(
                fields=("span", "starts_on", "kind", "sector"),
                condition=models.Q(agency=None),
                name="one_part_over_all_agencies",
            ),
        )
        indexes = (  # covering: a sum by agency reads the index alone
            models.Index(
                fields=("span", "starts_on", "agency", "persons", "completions"),
                name="part_of_agency",
            ),
        )

    def __str__(self) -> str:
        return f"{self.span} {self.starts_on}: {self.persons}"
