from typing import Any

from django.db.models import QuerySet
from django_filters import BooleanFilter, FilterSet

from common.api.filters import exact, from_day, to_day


def _unread(rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
    return rows.filter(read_at__isnull=wanted)


class NotificationFilter(FilterSet):
    unread = BooleanFilter(method=_unread)
    kind = exact("kind", longest=40)
    created_from = from_day("created_at__date")
    created_to = to_day("created_at__date")
