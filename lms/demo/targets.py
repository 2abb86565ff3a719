import datetime as dt

from agencies.models import Agency
from audit.services import Actor
from counting.replay import TRAINED_OFFICIALS
from lms.demo import tasks
from lms.demo.audiences import LEADERS
from lms.demo.indicators import Reporting
from lms.demo.reports import sign_reports
from lms.demo.tasks import MINISTRY, make_tasks
from targets.models import AudienceStep, Step, Target
from targets.services.quotas import set_quota

# Agency, its part of the target of 2030, deadline, lead unit, people by the end of 2025 and on.
_QUOTAS = (
    (MINISTRY, 60, None, "Vụ Tổ chức cán bộ", (5, 8, 20, 32, 46)),
    ("min-byt", 45, None, "Cục Khoa học công nghệ và Đào tạo", (12, 20, 28, 34, 40)),
    ("min-btc", 40, "2028-12-31", "Vụ Tổ chức cán bộ", (4, 10, 25)),
    ("min-bxd", 25, "2026-06-30", "Vụ Tổ chức cán bộ", (15,)),
)
_PLANNED_FROM = 2025
# Of these leaders, by the end of a year.
_LEADERS = {MINISTRY: ((2026, 3), (2028, 12)), "min-byt": ((2025, 4), (2027, 12))}


def make_targets(office: Actor, coordinator: Actor) -> None:
    """Quotas and tasks as of today, percentages of three years, signed reports of two."""
    agencies = Agency.objects.in_bulk(field_name="slug")
    make_tasks(office, coordinator, tasks.OF_2024)
    Reporting(office, coordinator, agencies).report_percentages()
    _set_quotas(office, agencies)
    make_tasks(office, coordinator, tasks.SINCE)
    sign_reports(office)


def _set_quotas(office: Actor, agencies: dict[str, Agency]) -> None:
    target = Target.objects.of(TRAINED_OFFICIALS).current().latest("due_on")
    for slug, minimum, due_on, lead_unit, by_year in _QUOTAS:
        if slug in agencies:
            set_quota(
                by=office,
                target=target,
                agency=agencies[slug],
                minimum=minimum,
                due_on=dt.date.fromisoformat(due_on) if due_on else None,
                lead_unit=lead_unit,
                cooperating_units="Văn phòng, Trung tâm Thông tin",
                steps=[
                    Step(dt.date(_PLANNED_FROM + n, 12, 31), persons)
                    for n, persons in enumerate(by_year)
                ],
                audience_steps=[
                    AudienceStep(LEADERS, dt.date(year, 12, 31), persons)
                    for year, persons in _LEADERS.get(slug, ())
                ],
                reason="Quyết định 699/QĐ-BTTTT",
            )
