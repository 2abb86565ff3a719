"""The number as it is kept, so that nobody need count it anew (``progress/folding``)."""

import datetime as dt

from django.db import models

from agencies.models import Agency
from enrollment.models import Completion
from people.models import Trainee
from targets.choices import Span
from targets.models.promises import CountingRule


class KeptState(models.Model):
    """What the kept figures hold: one row, locked by whoever moves them.

    ``latest`` is the last instant on record that went into them: they speak of any belief from
    then on. ``version`` is drawn anew with every change, never to come back.
    """

    rule = models.ForeignKey(CountingRule, null=True, on_delete=models.CASCADE, related_name="+")
    latest = models.DateTimeField(null=True)
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.version}"

    def speaks_of(self, known_as_of: dt.datetime) -> bool:
        """Whether nothing that went in is later than what is believed at an instant."""
        return self.latest is None or self.latest <= known_as_of


class KeptCompletion(models.Model):
    """A completion that qualifies, and whose it is; ``person`` is the surviving row."""

    completion = models.OneToOneField(
        Completion, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="+")
    completed_on = models.DateField()
    is_first = models.BooleanField()

    class Meta:
        constraints = (
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


class KeptPart(models.Model):
    """People and completions of a day, month or year, by what is frozen in the completions.

    Each stands twice: by agency, and, with ``agency`` empty, over all agencies.
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
            models.UniqueConstraint(
                fields=("span", "starts_on", "kind", "sector"),
                condition=models.Q(agency=None),
                name="one_part_over_all_agencies",
            ),
        )
        indexes = (  # holds all that a sum by agency reads
            models.Index(
                fields=("span", "starts_on", "agency", "persons", "completions"),
                name="part_of_agency",
            ),
        )

    def __str__(self) -> str:
        return f"{self.span} {self.starts_on}: {self.persons}"
