from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from notices.models import MessageText, Notice


class NoticeQuerySet(models.QuerySet["Notice"]):
    def failed(self) -> Self:
        return self.filter(state="failed")


class MessageTextQuerySet(models.QuerySet["MessageText"]):
    def latest_versions(self) -> Self:
        latest = self.order_by().values("kind", "language").annotate(latest=models.Max("pk"))
        return self.filter(pk__in=latest.values("latest"))

    def in_force(self, kind: str, language: str) -> "MessageText | None":
        """None where the kind's own text is in force."""
        latest = self.filter(kind=kind, language=language).order_by("-id").first()
        return None if latest is None or latest.is_default else latest
