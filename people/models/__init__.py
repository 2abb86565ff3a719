import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Succession
from common import clock, formats, record_time
from common.encryption import (
    EncryptedJSONField,
    EncryptedTextField,
    keyed_digest,
    keyed_digests,
)
from common.person_names import PersonNameField
from common.vietnamese import folded_words, match_key, name_sort_key, search_key
from people.choices import CandidateState, RequestKind, RequestState, Sex
from people.models.letters import Letter as Letter
from people.models.transfers import RefusedMatch as RefusedMatch
from people.models.transfers import TransferRequest as TransferRequest
from people.querysets import (
    CandidatePairQuerySet,
    DataRequestQuerySet,
    MergeQuerySet,
    TraineeQuerySet,
)

# No vowels and no look-alikes: a code is read over the telephone and never spells a word.
_CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
_NUMBER_INDEX = "trainee.personal_number"
_CODE_PAIRS = [one + other for one in _CODE_LETTERS for other in _CODE_LETTERS]
# For 2.8 × 10¹¹ codes: that they do not divide evenly shows in no number of draws.
_CODE_BYTES = 16


# What a human may correct in a person's row, besides the number.
CORRECTABLE = (
    "full_name", "birth_date", "birth_year", "sex", "unit", "position", "email", "phone",
)  # fmt: skip


def new_trainee_code() -> str:
    return new_trainee_codes(1)[0]


def new_trainee_codes(count: int) -> list[str]:
    chance = secrets.token_bytes(_CODE_BYTES * count)
    return [
        _trainee_code(chance[at : at + _CODE_BYTES]) for at in range(0, len(chance), _CODE_BYTES)
    ]


def _trainee_code(drawn: bytes) -> str:
    size = len(_CODE_PAIRS)
    rest, first = divmod(int.from_bytes(drawn) % size**4, size)
    rest, second = divmod(rest, size)
    fourth, third = divmod(rest, size)
    pairs = _CODE_PAIRS
    return f"HV-{pairs[first]}{pairs[second]}{pairs[third]}{pairs[fourth]}"


def number_digest(personal_number: str) -> str:
    return keyed_digest(_NUMBER_INDEX, personal_number)


def digests_of(personal_numbers: Sequence[str | None]) -> list[str]:
    """``number_digest`` of many numbers in their order, empty where there is none."""
    found = iter(keyed_digests(_NUMBER_INDEX, [number for number in personal_numbers if number]))
    return [next(found) if number else "" for number in personal_numbers]


@lru_cache(maxsize=4096)  # every long roster has the same few names
def name_keys(full_name: str) -> tuple[str, str, str, str]:
    """(sort key, search key, match key, sorted plain words) of a name."""
    search = search_key(full_name)
    return name_sort_key(full_name), search, match_key(full_name), folded_words(search)


def likeness_key(full_name: str, year: int | None) -> str:
    """Equal for people who may be one: the plain words of the name and the year of birth.

    In any order and without accents, because rosters lose đ and tones and swap name columns. Empty
    without a year: a name alone proves nothing.
    """
    return f"{name_keys(full_name)[3]} {year}" if year else ""


class ShownPerson:
    """What lists write of a person, of a row of the table or of some of its columns."""

    birth_date: Any
    birth_year: Any
    personal_number_tail: Any

    @property
    def birth(self) -> str:
        return formats.day(self.birth_date) or str(self.birth_year or "")

    @property
    def masked_number(self) -> str:
        """``*********234``: the other nine digits follow from birth date, place and sex."""
        return f"{'*' * 9}{self.personal_number_tail}" if self.personal_number_tail else ""


class Trainee(ShownPerson, models.Model):
    code = models.CharField(_("trainee code"), max_length=11, unique=True, default=new_trainee_code)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="trainee",
    )
    full_name = PersonNameField(_("full name"), max_length=100)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("birth year"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex, blank=True)
    # Without an index of its own: the one by agency and name also finds an agency's people.
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="trainees", db_index=False
    )
    unit = models.CharField(_("unit"), max_length=200, blank=True)
    position = models.CharField(_("position"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=15, blank=True)
    personal_number = EncryptedTextField(null=True, editable=False)
    # Null, not empty, where there is no number: many may have none, no two the same.
    personal_number_digest = models.CharField(  # noqa: DJ001
        max_length=64, unique=True, null=True, editable=False
    )
    personal_number_tail = models.CharField(max_length=3, blank=True, editable=False)
    # Set instead of the digest where somebody whom the sender may not see bears the number: the
    # row keeps what was sent until the office has compared the two.
    claimed_number_digest = models.CharField(max_length=64, blank=True, editable=False)
    sort_key = models.CharField(max_length=250, editable=False)
    search_key = models.CharField(max_length=120, editable=False)
    match_key = models.CharField(max_length=120, editable=False)
    likeness_key = models.CharField(max_length=130, editable=False, default="")
    recorded_at = models.DateTimeField(default=clock.now, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects = TraineeQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "id")
        indexes = (
            models.Index(fields=("sort_key", "id"), name="trainee_roster_order"),
            models.Index(fields=("agency", "sort_key", "id"), name="trainee_of_agency"),
            models.Index(fields=("likeness_key",), name="trainee_likeness"),
            models.Index(
                fields=("claimed_number_digest",),
                condition=~Q(claimed_number_digest=""),
                name="trainee_claimed_number",
            ),
            # A new person with a number is compared with people without: few among many.
            models.Index(
                fields=("likeness_key",),
                # Not by the digest: SQLite would sooner walk all whom its own index has without.
                condition=Q(personal_number_tail=""),
                name="trainee_likeness_unnumbered",
            ),
            models.Index(Upper("email"), condition=~Q(email=""), name="trainee_of_address"),
            # Lists leave them out: few, so that they are named sooner than everybody else.
            models.Index(
                fields=("id",), condition=Q(erased_at__isnull=False), name="trainee_erased"
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self, digest: str | None = None) -> None:
        """Derive the stored keys; ``digest`` is the number's blind index if the caller has it."""
        self.sort_key, self.search_key, self.match_key, _words = name_keys(self.full_name)
        number = self.personal_number
        found = (digest or number_digest(number)) if number else ""
        if found != self.claimed_number_digest:
            self.claimed_number_digest = ""
        self.personal_number_digest = None if self.claimed_number_digest else (found or None)
        self.personal_number_tail = number[-3:] if number else ""
        if self.birth_date:
            self.birth_year = self.birth_date.year
        self.set_likeness()

    def set_likeness(self) -> None:
        self.likeness_key = likeness_key(self.full_name, self.birth_year)

    def claim_number(self) -> None:
        self.claimed_number_digest = number_digest(self.personal_number or "")
        self.set_keys(self.claimed_number_digest)

    def anonymise(self) -> None:
        self.full_name = self.code
        self.birth_date = self.birth_year = self.personal_number = self.user = None
        self.sex = self.unit = self.position = self.email = self.phone = ""
        self.erased_at = clock.now()
        self.set_keys()

    @property
    def edition(self) -> str:
        """A digest of the row's state, which a form sends back to detect concurrent changes."""
        values = (getattr(self, field) for field in CORRECTABLE)
        tail = (self.agency_id, self.personal_number_digest or self.claimed_number_digest)
        return keyed_digest("trainee.edition", repr([*map(str, values), *tail]))[:32]


class Merge(models.Model):
    """Two rows are one human being. No other row is rewritten; readers resolve through it."""

    survivor = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="merges_in")
    absorbed = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="merges_out")
    reason = models.CharField(max_length=250, blank=True)
    recorded_at = models.DateTimeField(default=record_time.now)
    recorded_by = models.CharField(max_length=200)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)
    # The decision about the pair before the merge, which an undo restores.
    pair_before = models.JSONField(null=True, editable=False)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ("recorded_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("absorbed",),
                condition=Q(undone_at=None),
                name="absorbed_by_one_person_at_a_time",
                violation_error_message=_("This person has already been merged into another."),
            ),
            models.CheckConstraint(
                condition=~Q(survivor=F("absorbed")), name="nobody_absorbs_themselves"
            ),
        )

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"


class CandidatePair(models.Model):
    """Two rows that may be one person, and what a human decided about them."""

    first = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="pairs_as_first")
    second = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="pairs_as_second")
    state = models.CharField(max_length=10, choices=CandidateState, default=CandidateState.OPEN)
    found_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)

    objects = CandidatePairQuerySet.as_manager()

    class Meta:
        ordering = ("-found_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="one_row_per_pair_of_people"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="pair_of_people_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_id} ? {self.second_id}"


class SplitAssignment(models.Model):
    """To which successor of a split agency a person belongs."""

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="split_assignments")
    succession = models.ForeignKey(Succession, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("trainee", "succession"), name="one_successor_per_person_and_split"
            ),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} → {self.agency_id}"


class PendingChange(models.Model):
    """A trainee whose completions or merges changed since the cached totals were last updated.

    Database triggers on completions and merges write the rows (``common.pending_changes``); the
    counter applies and deletes them when a figure is next asked for
    (``counting.cache.update_cache``).
    """

    trainee = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.trainee_id)


class Transfer(models.Model):
    """A person moved to another agency; enrollments keep the former one as their sender."""

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="transfers")
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    moved_on = models.DateField(_("transfer date"))
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("moved_on", "id")

    def __str__(self) -> str:
        return f"{self.trainee_id}: {self.from_agency_id} → {self.to_agency_id}"


class Holiday(models.Model):
    """A public holiday that deadlines skip. Only those whose date changes every year."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"


class DataRequest(models.Model):
    """What a person asks of the programme office about their own data (Law 91/2025/QH15)."""

    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="data_requests")
    kind = models.CharField(_("request type"), max_length=10, choices=RequestKind)
    text = models.TextField(_("your explanation"), max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    asked_at = models.DateTimeField(default=clock.now)
    reply_by = models.DateField()
    replied_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)
    # Interim replies; ``answer`` is the final one.
    reply = models.TextField(_("first reply"), blank=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        ordering = ("reply_by", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("trainee", "kind"),
                condition=Q(state__in=("open", "replied")),
                name="one_open_request_per_person_and_kind",
                violation_error_message=_(
                    "You have already requested this; it is being processed."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "replied")) | Q(answer__gt=""),
                name="a_settled_request_has_an_answer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.trainee_id} {self.kind} {self.state}"

    @property
    def is_overdue(self) -> bool:
        return self.state == RequestState.OPEN and self.reply_by < clock.today()


class Erasure(models.Model):
    """The erasure of a person's data, app by app; ``done`` lists the apps that have finished.

    ``subject`` is how apps identify the person, stored encrypted until the last one is done.
    """

    trainee = models.OneToOneField(Trainee, on_delete=models.PROTECT, related_name="erasure")
    subject = EncryptedJSONField(null=True)
    done = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.CharField(max_length=200)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.trainee_id}: {len(self.done)}"
