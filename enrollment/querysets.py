"""Questions about enrollments, shared by pages, API, rosters and counter."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from agencies.models import Agency
from common import clock
from common.access import restricted
from common.relations import rows_behind
from courses.models import RunTrainer
from enrollment.choices import HOLDING_A_SEAT, IN_PROGRESS, NOT_LIVE, PersonVisibility
from people.querysets import rows_of_person, rows_of_user, trainee_of

if TYPE_CHECKING:
    from enrollment.models import (
        Attendance,
        ClassMessage,
        Completion,
        Enrollment,
        NominationLetter,
        SeatShare,
    )


TAKE_BACK_WITHIN = dt.timedelta(minutes=15)


def _own_taught_or_sent(user: Any) -> Q:
    """Rows of one's own, of runs one teaches, and those that one's agencies sent.

    Asks only columns of the row itself: an OR across joins makes SQLite scan the whole table.
    """
    visible = _own_or_taught(user)
    if user.has_role("coordinator"):
        visible |= Q(sending_agency__in=Agency.objects.visible_to_coordinator(user))
    return visible


def _own_or_taught(user: Any) -> Q:
    visible = Q(pk__in=[])
    if trainee_of(user):
        visible |= Q(trainee__in=rows_of_user(user.pk))
    if user.has_role("trainer"):
        visible |= Q(run__in=RunTrainer.objects.filter(user=user.pk).values("run"))
    return visible


def _works_or_worked_for(rows: models.QuerySet[Any], user: Any) -> tuple[Exists, Exists]:
    """Whether the row's person works for the user's agencies, and whether they once did."""
    people, moves = rows_behind(rows, "trainee"), rows_behind(rows, "trainee", "transfers")
    agencies = Agency.objects.visibility_of(user).visible
    works_here = people.filter(pk=OuterRef("trainee_id"), agency__in=agencies)
    worked_here = moves.filter(trainee=OuterRef("trainee_id"), from_agency__in=agencies)
    return Exists(works_here), Exists(worked_here)


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        return self.filter(_own_taught_or_sent(user))

    def unannounced(self) -> Self:
        """Whose state nobody was told of yet."""
        return self.filter(~Q(state=F("announced_state")))

    def with_person_for(self, user: Any) -> Self:
        """Annotate ``person_visibility`` (``PersonVisibility``) and ``name_as_sent`` for a reader.

        Ask this before showing anything of a person through an enrollment: an agency that sent
        somebody who works elsewhere may see the enrollment without the person.
        """
        if user.reads_everything or not user.has_role("coordinator"):
            # Whoever sends nobody sees only those whom they teach, or themselves.
            return self.annotate(
                person_visibility=Value(PersonVisibility.FULL), name_as_sent=Value("")
            )
        sent = (
            rows_behind(self, "trainee", "transfer_requests")
            .filter(
                trainee=OuterRef("trainee_id"),
                to_agency__in=Agency.objects.visibility_of(user).visible,
            )
            .order_by("-id")
        )
        works_here, worked_here = _works_or_worked_for(self, user)
        return self.annotate(
            person_visibility=Case(
                When(_own_or_taught(user), then=PersonVisibility.FULL),
                When(works_here, then=PersonVisibility.FULL),
                When(worked_here, then=PersonVisibility.IDENTITY),
                default=PersonVisibility.HIDDEN,
                output_field=models.IntegerField(),
            ),
            name_as_sent=Coalesce(Subquery(sent.values("name_as_sent")[:1]), Value("")),
        )

    def of_identifiable_people(self, user: Any) -> Self:
        if user.reads_everything:
            return self
        return self.with_person_for(user).filter(person_visibility__gt=PersonVisibility.HIDDEN)

    def manageable_by(self, user: Any) -> Self:
        if user.has_role("programme_office"):
            return self
        return self.filter(sending_agency__in=Agency.objects.manageable_by(user))

    def of_user(self, user_id: int | None) -> Self:
        return self.filter(trainee__in=rows_of_user(user_id))

    def of_person(self, trainee_id: int) -> Self:
        """By any row of the person, merges resolved."""
        return self.filter(trainee__in=rows_of_person(trainee_id))

    def own_or_taught(self, user: Any) -> Self:
        return self.filter(_own_or_taught(user))

    def taught_by(self, user: Any) -> Self:
        if not user.has_role("trainer"):
            return self.none()
        return self.filter(run__trainers__user=user.pk)

    def markable_by(self, user: Any) -> Self:
        if user.has_role("programme_office"):
            return self
        return self.taught_by(user)

    def messageable_by(self, user: Any) -> Self:
        """Whom the user may write to: of a coordinator's agencies only who also works there."""
        may = Q(pk__in=[])
        if user.has_role("programme_office"):
            may = Q()
        elif user.has_role("trainer"):
            may |= Q(run__in=RunTrainer.objects.filter(user=user).values("run"))
        if user.has_role("coordinator"):
            own = Agency.objects.manageable_by(user)
            may |= Q(sending_agency__in=own, trainee__agency__in=own)
        return self.filter(may, trainee__erased_at=None)

    def live(self) -> Self:
        return self.exclude(state__in=NOT_LIVE)

    def named(self) -> Self:
        """Live enrollments of people whose data were not erased: those that a list names."""
        erased = rows_behind(self, "trainee").filter(erased_at__isnull=False)
        return self.live().exclude(trainee__in=erased)

    def given_up_lately(self) -> Self:
        """Withdrawn with a seat, so lately that it may still be taken back."""
        since = clock.now() - TAKE_BACK_WITHIN
        moves = rows_behind(self, "seat_moves").filter(
            enrollment=OuterRef("pk"), reason="withdrawn", seats=-1, at__gte=since
        )
        return self.filter(
            Exists(moves), state="withdrawn", state_since__gte=since, trainee__erased_at=None
        )

    def holding_a_seat(self) -> Self:
        return self.filter(state__in=HOLDING_A_SEAT)

    def waiting(self) -> Self:
        # Numbers are given in order of arrival and never change.
        return self.filter(state="waitlisted").order_by("waiting_number", "id")

    def pending_approval(self) -> Self:
        return self.filter(state__in=("nominated", "requested"))

    def in_progress(self) -> Self:
        """From nomination to the last session: neither ended nor completed."""
        return self.filter(state__in=IN_PROGRESS)

    def in_roster_order(self) -> Self:
        return self.order_by("trainee__sort_key", "id")


class NominationLetterQuerySet(models.QuerySet["NominationLetter"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        visible = Q(agency__in=Agency.objects.visible_to_coordinator(user))
        if user.has_role("trainer"):
            visible |= Q(run__trainers__user=user)
        return self.filter(visible).distinct()


class ClassMessageQuerySet(models.QuerySet["ClassMessage"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """What a coordinator wrote is for its writer, the rest for the trainers of the class."""
        seen = Q(pk__in=[])
        if user.has_role("coordinator"):
            seen |= Q(sender=user, sent_as="coordinator")
        if user.has_role("trainer"):
            taught = RunTrainer.objects.filter(user=user).values("run")
            seen |= Q(run__in=taught) & ~Q(sent_as="coordinator")
        return self.filter(seen)


class SeatShareQuerySet(models.QuerySet["SeatShare"]):
    def in_force(self, day: dt.date) -> Self:
        return self.filter(released_at=None).exclude(lapsed_by(day))

    def due(self, day: dt.date) -> Self:
        return self.filter(lapsed_by(day), released_at=None)


def lapsed_by(day: dt.date) -> Q:
    """Without a release day of its own, a share lapses when the run starts."""
    return Q(release_on__lte=day) | Q(release_on=None, run__starts_on__lte=day)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        return self.filter(enrollment__in=rows_behind(self, "enrollment").visible_to(user))


class CompletionQuerySet(models.QuerySet["Completion"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """Like enrollments, without results of people who never worked for the user's agencies."""
        visible = _own_or_taught(user)
        if user.has_role("coordinator"):
            works_here, worked_here = _works_or_worked_for(self, user)
            senders = Q(sending_agency__in=Agency.objects.visible_to_coordinator(user))
            visible |= senders & (Q(works_here) | Q(worked_here))
        return self.filter(visible)

    def not_voided(self) -> Self:
        return self.filter(voided_at=None)

    def believed(self, known_as_of: dt.datetime) -> Self:
        """Recorded by an instant and not voided by then."""
        return self.filter(recorded_at__lte=known_as_of).filter(
            Q(voided_at=None) | Q(voided_at__gt=known_as_of)
        )

    def outside_class_days(self) -> Self:
        """A course held elsewhere has no days of its own."""
        return self.filter(
            Q(completed_on__lt=F("run__starts_on")) | Q(completed_on__gt=F("run__ends_on")),
            run__outside_key="",
        )

    def earliest_first(self) -> Self:
        """The order that decides which completion of a person counts first."""
        return self.order_by("completed_on", "recorded_at", "id")
