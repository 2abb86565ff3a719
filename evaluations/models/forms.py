"""Forms as data: what is asked, how averages are called, and the rules of counting."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.one_line import OneLineField
from courses.models import in_reader_language
from evaluations.choices import ItemKind, Subject
from evaluations.querysets import EvaluationFormQuerySet

LOWEST, HIGHEST = 1, 10


class EvaluationForm(models.Model):
    """One version of a form. It never changes: a change is the next version."""

    slug = models.SlugField(_("short name"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    title_vi = OneLineField(_("title in Vietnamese"), max_length=200)
    title_en = OneLineField(_("title in English"), max_length=200, blank=True)
    legal_basis = OneLineField(_("legal basis"), max_length=200, blank=True)
    most_unanswered = models.PositiveSmallIntegerField(
        _("unanswered indicators at most (%)"),
        default=5,
        help_text=_("A form with a larger share is invalid: it is counted, its answers are not."),
    )
    least_forms = models.PositiveSmallIntegerField(
        _("results from this number of valid forms"),
        default=5,
        help_text=_("Results of fewer are hidden, so that nobody is recognised."),
    )
    days_open = models.PositiveSmallIntegerField(
        _("days to answer, from the last day of the class"), default=14
    )
    yearly_share = models.PositiveSmallIntegerField(
        _("classes evaluated in a year at least (%)"), default=20
    )
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    objects = EvaluationFormQuerySet.as_manager()

    class Meta:
        ordering = ("slug", "-version")
        constraints = (
            models.UniqueConstraint(fields=("slug", "version"), name="one_form_per_version"),
            models.CheckConstraint(
                condition=Q(most_unanswered__lte=100, yearly_share__lte=100),
                name="shares_of_a_form_are_percentages",
            ),
            models.CheckConstraint(
                condition=Q(least_forms__gte=5),
                name="results_of_fewer_than_five_are_hidden",
                violation_error_message=_("Results of fewer than five forms stay hidden."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class FormItem(models.Model):
    """A group, one of its criteria, an indicator answered 1 to 10, or a question in free text.

    Groups and questions name their subject; the weight of a group counts in the index.
    """

    form = models.ForeignKey(EvaluationForm, on_delete=models.PROTECT, related_name="items")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=10, choices=ItemKind)
    position = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=12)
    subject = models.CharField(max_length=12, choices=Subject, blank=True)
    weight = models.PositiveSmallIntegerField(default=1)
    text_vi = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("form", "position")
        constraints = (
            models.UniqueConstraint(fields=("form", "position"), name="one_item_per_position"),
            models.UniqueConstraint(fields=("form", "number"), name="one_item_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.text}"

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi, self.text_en)


class FormLevel(models.Model):
    """What an average is called: the first level whose bound is above it."""

    form = models.ForeignKey(EvaluationForm, on_delete=models.PROTECT, related_name="levels")
    below = models.DecimalField(max_digits=4, decimal_places=2, null=True, help_text="None: rest.")
    word_vi = models.CharField(max_length=40)
    word_en = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("form", models.F("below").asc(nulls_last=True))
        constraints = (
            models.UniqueConstraint(fields=("form", "below"), name="one_level_per_bound"),
            models.UniqueConstraint(
                fields=("form",), condition=Q(below=None), name="one_highest_level"
            ),
        )

    def __str__(self) -> str:
        return self.word

    @property
    def word(self) -> str:
        return in_reader_language(self.word_vi, self.word_en)
