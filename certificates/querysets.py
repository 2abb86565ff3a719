"""Questions about certificates, their keys, batches and links."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

from common import clock
from common.access import restricted
from common.bulk import in_list
from common.vietnamese import search_key
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from people.models import Trainee
from people.querysets import rows_of_user

if TYPE_CHECKING:
    import datetime as dt

    from certificates.models import (
        AttendanceConfirmation,
        Batch,
        Certificate,
        Key,
        NameConfirmation,
        ShareLink,
        SignerCertificate,
    )


Row = TypeVar("Row", bound=models.Model)


class PaperQuerySet(models.QuerySet[Row]):
    def live(self) -> Self:
        return self.filter(state="issued")

    def in_register_order(self) -> Self:
        return self.order_by("register", "year", "register_number")

    def newest_first(self, before: int | None = None) -> Self:
        """``before``: the key of the last row of the page before."""
        rows = self.order_by("-pk")
        return rows.filter(pk__lt=before) if before else rows


class ConfirmationQuerySet(PaperQuerySet["AttendanceConfirmation"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """As with certificates: where the enrollment is seen with its person."""
        enrollments = Enrollment.objects.visible_to(user).of_identifiable_people(user)
        return self.filter(enrollment__in=enrollments.values("pk"))

    def issued_to(self, user: Any) -> Self:
        return self.filter(enrollment__trainee__in=rows_of_user(user.pk))

    def without_file(self) -> Self:
        return self.live().filter(sha256="", erased_at=None)


class CertificateQuerySet(PaperQuerySet["Certificate"]):
    @restricted
    def visible_to(self, user: Any) -> Self:
        """Own, of classes one teaches, of people one's agency sent; or all."""
        return self.filter(completion__in=Completion.objects.visible_to(user))

    @restricted
    def visible_one_by_one(self, user: Any) -> Self:
        """``visible_to`` for a page of somebody who sees many: SQLite asks row after row, instead
        of finding them all first.
        """
        return self.filter(
            Exists(Completion.objects.visible_to(user).filter(pk=OuterRef("completion_id")))
        )

    def issued_to(self, user: Any) -> Self:
        """Certificates of the person who owns the account, merged records included."""
        return self.filter(completion__trainee__in=rows_of_user(user.pk))

    def not_in_force(self) -> Self:
        """What the list of revocations marks: superseded, revoked, or with a void completion."""
        return self.exclude(state="issued", completion__voided_at=None)

    def superseded(self) -> Self:
        return self.filter(state="superseded")

    def without_file(self) -> Self:
        return self.live().filter(unsigned_sha256="", erased_at=None)

    def by_way(self) -> dict[str, int]:
        """How many files were ``compiled``, and how many ``rendered:<reason>`` instead."""
        rendered = self.filter(made_with__startswith="rendered").order_by()
        found = dict(rendered.values_list("made_with").annotate(Count("pk")))
        made = self.exclude(made_with="").count()
        return {"compiled": made - sum(found.values())} | found

    def awaiting_signature(self) -> Self:
        return self.live().filter(signed_by="outside", signed_at=None, erased_at=None)

    def labels_by_completion(self, ids: Collection[int]) -> dict[int, str]:
        """Completion id → register number as printed, of certificates that are issued."""
        if not ids:
            return {}
        rows = self.live().filter(completion__in=in_list(ids))
        rows = rows.only("completion_id", "register", "year", "register_number")
        return {one.completion_id: one.register_label for one in rows}

    def shown_as(self, state: str) -> Self:
        fallen = Q(state="issued", completion__voided_at__isnull=False)
        if state == "revoked":
            return self.filter(Q(state=state) | fallen)
        return self.filter(state=state).exclude(fallen)

    def matching(self, text: str) -> Self:
        """By name (without accents), class, serial number or register number."""
        number = text.split("/", maxsplit=1)[0]
        # Named one after another: joined, a million rows of each table would be read.
        people = Trainee.objects.filter(search_key__contains=search_key(text))
        runs = CourseRun.objects.filter(code__iexact=text)
        wanted = Q(completion__in=Completion.objects.filter(trainee__in=people))
        wanted |= Q(completion__in=Completion.objects.filter(run__in=runs))
        wanted |= Q(serial_number__iexact=text)
        if number.isascii() and number.isdigit():
            wanted |= Q(register_number=int(number[:9]))
        return self.filter(wanted)


class InForceQuerySet(models.QuerySet[Row]):
    def in_force_on(self, day: "dt.date") -> Self:
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )

    def in_force(self) -> Self:
        return self.in_force_on(clock.today())

    def latest_first(self) -> Self:
        # Where no first day is known the term is the oldest; PostgreSQL would put it first.
        return self.order_by(F("valid_from").desc(nulls_last=True), "-id")


class KeyQuerySet(models.QuerySet["Key"]):
    def signing(self, use: str, at: "dt.datetime") -> Self:
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=at),
            Q(valid_to=None) | Q(valid_to__gte=at),
            use=use,
            retired_at=None,
        ).order_by("-id")


class NameConfirmationQuerySet(models.QuerySet["NameConfirmation"]):
    def of_present_name(self) -> Self:
        return self.filter(full_name=F("trainee__full_name"))


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.reads_everything else self.none()


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self) -> Self:
        return self.filter(withdrawn_at=None, expires_at__gt=clock.now())


class SignerCertificateQuerySet(models.QuerySet["SignerCertificate"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)
