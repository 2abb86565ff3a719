"""How many certificates somebody sees: of a large agency, too many to be counted at each page."""

import time
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Subquery

from accounts.choices import Role
from certificates.models import Certificate
from common.prepared import Number, Prepared
from people.models import Transfer
from people.querysets import Reader

_MOST_KEPT = 256
_SECONDS_KEPT = 10


class Seen(NamedTuple):
    number: int
    # A page of theirs is sooner found row after row, from the newest, than among all of theirs.
    are_many: bool


def seen_by(reader: Reader, page: int) -> Seen:
    """A coordinator's number changes with a certificate, a transfer or their agencies: with as many
    of each as when it was counted, and the same last ones, it is kept.

    For seconds only: records found to be the same person change it too.
    """
    if reader.roles != {Role.COORDINATOR} or reader.trainee:
        return Seen(_number.number(reader), are_many=False)
    present = tuple(_present())
    if not present:
        return Seen(0, are_many=False)
    period = int(time.monotonic() // _SECONDS_KEPT)
    number, all_of_them = _kept_number(reader, present, period), present[0][0]
    return Seen(number, are_many=number * number > page * all_of_them)


@lru_cache(_MOST_KEPT)
def _kept_number(reader: Reader, _present: tuple[Any, ...], _period: int) -> int:
    return _number.number(reader)


@Prepared
def _number(reader: Reader) -> Any:
    return Certificate.objects.visible_to(reader).order_by().values_list(Number())


@Prepared
def _present() -> Any:
    """No row before the first certificate."""
    certificates, transfers = Certificate.objects.order_by(), Transfer.objects.order_by()
    moved = transfers.order_by("-pk")
    return certificates.order_by("-pk").values_list(
        *(Subquery(rows.values(number=Number())) for rows in (certificates, transfers)),
        # The code is drawn at random: the same key in another database has another one.
        *("pk", "verification_code"),
        *(Subquery(moved.values(name)[:1]) for name in ("pk", "recorded_at")),
    )[:1]
