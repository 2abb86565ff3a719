"""What happened to a person, in one line of time: as much as the reader may see."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from certificates.models import Certificate
from certificates.views.register import TONES as CERTIFICATE_TONES
from certificates.views.register import state_label
from common import formats
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from enrollment.views.roster import TONES
from people.models import Merge, Transfer


@dataclass(frozen=True, slots=True)
class Event:
    day: dt.date
    kind: str
    title: str
    href: str = ""
    badge: str = ""
    tone: str = ""
    code: str = ""
    facts: list[str] = field(default_factory=list)


def time_line(
    user: User, rows: list[int], moves: Iterable[Transfer], merges: Iterable[Merge]
) -> list[Event]:
    """The latest first; ``rows`` are the keys of the person and of records merged into them."""
    events = [
        *_enrollments(user, rows),
        *_results(user, rows),
        *_certificates(user, rows),
        *map(_move, moves),
        *map(_merge, merges),
    ]
    return sorted(events, key=lambda event: event.day, reverse=True)


def _enrollments(user: User, rows: list[int]) -> Iterator[Event]:
    found = Enrollment.objects.visible_to(user).filter(trainee__in=rows)
    for one in found.select_related("run__course", "sending_agency").order_by("-id"):
        run = one.run
        yield Event(
            run.starts_on,
            _("Class"),
            run.course.title,
            reverse("run", args=[run.code]),
            one.get_state_display(),
            TONES.get(EnrollmentState(one.state), ""),
            run.code,
            _known(
                formats.days(run.starts_on, run.ends_on),
                _("sent by %(agency)s") % {"agency": one.sending_agency.name},
                one.get_trainee_kind_display() if one.trainee_kind else "",
                one.withdrawal_reason and f"{_('Reason')}: {one.withdrawal_reason}",
                one.remarks and f"{_('Remarks')}: {one.remarks}",
            ),
        )


def _results(user: User, rows: list[int]) -> Iterator[Event]:
    found = Completion.objects.visible_to(user).filter(trainee__in=rows)
    related = found.select_related("run__course", "sending_agency", "paper")
    for one in related.order_by("-id"):
        yield Event(
            one.completed_on,
            _("Result"),
            one.run.course.title,
            reverse("run", args=[one.run.code]),
            _("voided") if one.voided_at else _("completed"),
            "bad" if one.voided_at else "good",
            one.run.code,
            _known(
                one.get_grade_display(),
                _("Periods: %(periods)s") % {"periods": formats.number(one.periods)},
                one.sending_agency.name,
                *_outside_days(one),
                one.voided_at and one.void_reason,
            ),
        )


def _outside_days(one: Completion) -> list[Any]:
    if not one.is_outside_class_days:
        return []
    reason = one.day_reason or _("no reason on record")
    outside = _("outside the class's days")
    return [f"{outside}: {reason}", one.paper]


def _certificates(user: User, rows: list[int]) -> Iterator[Event]:
    found = Certificate.objects.visible_to(user).filter(completion__trainee__in=rows)
    for one in found.select_related("completion").order_by("-id"):
        yield Event(
            formats.local_day(one.issued_at),
            _("Certificate"),
            one.register_label,
            reverse("certificate", args=[one.verification_code]),
            state_label(one),
            CERTIFICATE_TONES[str(one.public_state)],
            one.serial_number,
            _known(one.printed_value("course_title")),
        )


def _move(move: Transfer) -> Event:
    was = _("from %(agency)s") % {"agency": move.from_agency.name}
    return Event(move.moved_on, _("Transfer"), move.to_agency.name, facts=[was])


def _merge(merge: Merge) -> Event:
    absorbed = merge.absorbed
    return Event(
        formats.local_day(merge.recorded_at),
        _("Record merged into this one"),
        absorbed.full_name,
        reverse("person", args=[absorbed.code]),
        code=absorbed.code,
    )


def _known(*facts: Any) -> list[str]:
    return [str(fact) for fact in facts if fact]
