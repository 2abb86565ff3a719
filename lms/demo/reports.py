"""The signed reports of 2024 and 2025, and what was corrected between them."""

import datetime as dt
from collections import Counter

from agencies.choices import AgencyKind
from agencies.models import Agency
from audit.services import Actor
from certificates.models import Signer
from common import clock
from enrollment.models import Completion
from enrollment.services.completion import void_completion
from enrollment.services.results import correct_completion
from targets.services.report_files import has_signing_key, sign_file
from targets.services.reports import letter_of, sign_off

SIGNED_ON = dt.date(2025, 1, 10)
_SIGNED = {
    2024: (SIGNED_ON, "02/BC-BTTTT"),
    2025: (dt.date(2026, 1, 12), "05/BC-BKHCN"),
}
_CORRECTED_ON = dt.date(2025, 4, 15)
_RECIPIENTS = "Lãnh đạo Bộ (để báo cáo)\nVăn phòng Chính phủ\nLưu: VT, TCCB"


def sign_reports(office: Actor) -> None:
    for year, (day, number) in _SIGNED.items():
        if day < clock.today():
            _sign(office, year, day, number)
            if year == SIGNED_ON.year - 1:
                _correct(office)


def _sign(office: Actor, year: int, day: dt.date, number: str) -> None:
    signer = Signer.objects.in_force_on(day).select_related("body").order_by("pk").first()
    if signer is None:
        return
    with clock.set_to(day):
        report = sign_off(
            by=office,
            starts_on=dt.date(year, 1, 1),
            ends_on=dt.date(year, 12, 31),
            letter=letter_of(signer, number=number, dated=day, recipients=_RECIPIENTS),
        )
    if has_signing_key():
        sign_file(by=office, report=report)


def _correct(office: Actor) -> None:
    """After signing: one result was nobody's, another had been sent by a state group."""
    if clock.today() <= _CORRECTED_ON:
        return
    found = _counted_again_later()[:2]
    with clock.set_to(_CORRECTED_ON):
        if found:
            reason = "Ghi nhầm: người này vắng cả hai buổi"
            void_completion(by=office, completion=found[0], reason=reason)
        groups = Agency.objects.valid_on(dt.date(2024, 12, 31)).filter(kind=AgencyKind.STATE_GROUP)
        group = groups.order_by("sort_key").first()
        if group and len(found) > 1:
            correct_completion(
                by=office,
                completion=found[1],
                sending_agency=group,
                reason="Sai cơ quan cử theo quyết định cử",
            )


def _counted_again_later() -> list[Completion]:
    """Results in the report of 2024 of people with no other of that year and one later.

    So everybody still counts today.
    """
    counting = Completion.objects.filter(course_code__startswith="AI-")
    later = counting.not_voided().filter(completed_on__gte=dt.date(2025, 6, 1))
    voided = counting.exclude(voided_at=None)
    once = counting.filter(completed_on__year=2024).exclude(trainee__in=voided.values("trainee"))
    number_by_trainee = Counter(once.values_list("trainee", flat=True))
    signed = once.filter(
        trainee__in=later.values("trainee"),
        completed_on__gte=dt.date(2024, 7, 1),
        recorded_at__lt=clock.start_of_day(SIGNED_ON),
    )
    rows = signed.order_by("completed_on", "id")
    return [row for row in rows if number_by_trainee[row.trainee_id] == 1]
