from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models
from django.db.models import Q

from common.bulk import in_list

if TYPE_CHECKING:
    from notices.models import MessageText, MutedKind, Notice, OutboxPause, UndeliverableAddress


class NoticeQuerySet(models.QuerySet["Notice"]):
    def failed(self) -> Self:
        return self.filter(state="failed")

    def not_sent(self) -> Self:
        """Failed, or a reminder that may have left: given up, until somebody sends it again."""
        return self.filter(state__in=("failed", "uncertain"))

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def visible_to(self, user: Any) -> Self:
        """A reader's notifications: nobody reads those of others, whatever their role."""
        return self.filter(account=user) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(account__isnull=False, read_at=None)

    def count_unread_of(self, user_id: int, most: int) -> int:
        """Without the time to build a query: every page asks it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM (SELECT 1 FROM notices_notice"
                " WHERE account_id = %s AND read_at IS NULL LIMIT %s) AS unread",
                [user_id, most],
            )
            return int(cursor.fetchone()[0])


class MessageTextQuerySet(models.QuerySet["MessageText"]):
    def latest_versions(self) -> Self:
        latest = self.order_by().values("kind", "language").annotate(latest=models.Max("pk"))
        return self.filter(pk__in=latest.values("latest"))

    def in_force(self, kind: str, language: str) -> "MessageText | None":
        """None where the kind's own text is in force."""
        latest = self.filter(kind=kind, language=language).order_by("-id").first()
        return None if latest is None or latest.is_default else latest


class OutboxPauseQuerySet(models.QuerySet["OutboxPause"]):
    def under_way(self) -> Self:
        return self.filter(resumed_at=None)


class UndeliverableAddressQuerySet(models.QuerySet["UndeliverableAddress"]):
    def in_force(self) -> Self:
        return self.filter(cleared_at=None)

    def of(self, address: str) -> "UndeliverableAddress | None":
        return self.in_force().filter(address=address.lower()).first()


class MutedKindQuerySet(models.QuerySet["MutedKind"]):
    def of(self, account_id: int | None, address: str) -> Self:
        """What an account has muted; where there is none, what this address has."""
        if account_id:
            return self.filter(account=account_id)
        return self.filter(account=None, address=address.lower())

    def of_any(self, account_ids: Collection[int], addresses: Collection[str]) -> Self:
        return self.filter(
            Q(account__in=in_list(account_ids))
            | Q(account=None, address__in=in_list([*addresses, ""]))
        )
