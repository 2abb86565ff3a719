"""Which records are due, and the yearly list of them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.mail import Recipient
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock, formats
from notices.services.messages import send_each
from retention.message_kinds import RECORDS_DUE
from retention.models import DueList, RetentionRule
from retention.services.kinds import KINDS, Kind
from targets.services.recipients import office


@dataclass(frozen=True, slots=True)
class Due:
    """Records of a kind that were closed before ``until`` are due; None: none ever are."""

    kind: Kind
    rule: RetentionRule | None
    until: dt.date | None

    @property
    def records(self) -> int:
        return self.kind.closed_before(self.until).count() if self.until else 0

    @property
    def may_be_deleted(self) -> bool:
        """The office has confirmed the time, and nothing rests on the records."""
        is_confirmed = self.rule is not None and self.rule.is_confirmed
        return self.until is not None and is_confirmed and not self.kind.why_kept

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.name,
            "years": self.rule.years if self.rule else None,
            "legal_basis": self.rule.legal_basis if self.rule else "",
            "is_confirmed": bool(self.rule and self.rule.is_confirmed),
            "until": self.until.isoformat() if self.until else None,
            "records": self.records,
        }


def due_on(day: dt.date) -> Iterator[Due]:
    """Every kind with its rule. Years run from the end of the year in which a record was closed."""
    rules = RetentionRule.objects.in_force_on(day)
    for name, kind in KINDS.items():
        rule = rules.get(name)
        years = rule.years if rule and not kind.why_kept else None
        yield Due(kind, rule, dt.date(day.year - years, 1, 1) if years else None)


def list_due_records() -> int:
    """A timed task: once a year, write down what is due and tell the office; how many messages."""
    year = clock.today().year
    if DueList.objects.filter(year=year).exists():
        return 0
    return review(by=SYSTEM, year=year)


@transaction.atomic
def review(*, by: Actor, year: int) -> int:
    """Several workers at once make one list: of each year there is one row."""
    found = [(due, due.as_json()) for due in due_on(clock.today())]
    lines = [line for _due, line in found]
    made, is_new = DueList.objects.get_or_create(year=year, defaults={"lines": lines})
    if not is_new:
        return 0
    _record(by=by, made=made)
    waiting = [(due, line["records"]) for due, line in found if line["records"]]
    readers = [Recipient(user.email, user.language) for user in office()]
    return send_each(RECORDS_DUE, readers, lambda: _values(year, waiting)) if waiting else 0


@audited("due_records_listed")
def _record(*, by: Actor, made: DueList) -> None:
    audit_details(year=made.year, records=sum(line["records"] for line in made.lines))


def _values(year: int, waiting: list[tuple[Due, int]]) -> dict[str, str]:
    lines = [f"- {due.kind.label}: {formats.number(records)}" for due, records in waiting]
    link = settings.SITE_URL + reverse("retention")
    return {"year": str(year), "lines": "\n".join(lines), "link": link}
