import datetime as dt

from agencies.models import Agency
from audit.services import Actor
from certificates.models import Signer
from common import clock
from common.spreadsheets import Column, write_xlsx
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS
from lms.demo import tasks
from lms.demo.tasks import MINISTRY, make_tasks
from targets.models import Step, Target
from targets.services.quotas import set_quota
from targets.services.report_files import has_signing_key, sign_file
from targets.services.reports import letter_of, sign_off
from targets.services.values import decide_value, report_value

SIGNED_ON = dt.date(2025, 1, 10)
# Agency, its part of the target of 2030, deadline, lead unit, people by the end of 2025 and on.
_QUOTAS = (
    (MINISTRY, 60, None, "Vụ Tổ chức cán bộ", (5, 8, 20, 32, 46)),
    ("min-byt", 45, None, "Cục Khoa học công nghệ và Đào tạo", (12, 20, 28, 34, 40)),
    ("min-btc", 40, "2028-12-31", "Vụ Tổ chức cán bộ", (4, 10, 25)),
    ("min-bxd", 25, "2026-06-30", "Vụ Tổ chức cán bộ", (15,)),
)
_PLANNED_FROM = 2025
# Indicator, agency, numerator, denominator.
_VALUES = (
    ("open_data_agencies", MINISTRY, 1, 1),
    ("open_data_agencies", "min-byt", 1, 1),
    ("open_data_agencies", "min-btc", 0, 1),
    ("open_data_agencies", "min-bxd", 0, 1),
    ("ai_online_public_services", "min-byt", 21, 64),
    ("ai_urban_areas", "min-bxd", 9, 52),
    ("ai_online_public_services", MINISTRY, 34, 80),
)
_SHEET = (
    Column("what", "Nội dung", width=40),
    Column("numerator", "Tử số", "number"),
    Column("denominator", "Mẫu số", "number"),
)


def make_targets(office: Actor, coordinator: Actor) -> None:
    """Quotas, tasks and percentages as of today, and the signed report of 2024."""
    agencies = Agency.objects.in_bulk(field_name="slug")
    make_tasks(office, coordinator, tasks.OF_2024)
    _sign_2024(office)
    _set_quotas(office, agencies)
    make_tasks(office, coordinator, tasks.SINCE)
    _report_percentages(office, coordinator, agencies)


def _sign_2024(office: Actor) -> None:
    signer = Signer.objects.select_related("body").order_by("pk").first()
    if signer is None:
        return
    letter = letter_of(
        signer,
        number="02/BC-BTTTT",
        dated=SIGNED_ON,
        recipients="Lãnh đạo Bộ (để báo cáo)\nVăn phòng Chính phủ\nLưu: VT, TCCB",
    )
    with clock.set_to(SIGNED_ON):
        report = sign_off(
            by=office,
            starts_on=dt.date(2024, 1, 1),
            ends_on=dt.date(2024, 12, 31),
            letter=letter,
        )
    if has_signing_key():
        sign_file(by=office, report=report)


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
                reason="Quyết định 699/QĐ-BTTTT",
            )


def _report_percentages(office: Actor, coordinator: Actor, agencies: dict[str, Agency]) -> None:
    """The office has accepted all but the last, which waits."""
    for turn, (indicator, slug, numerator, denominator) in enumerate(_VALUES, start=1):
        agency = agencies[slug]
        rows = [(agency.name_vi, numerator, denominator)]
        sheet = b"".join(write_xlsx(_SHEET, rows, sheet_name="Số liệu"))
        value = report_value(
            by=coordinator,
            indicator=Indicator.objects.get(slug=indicator),
            agency=agency,
            numerator=numerator,
            denominator=denominator,
            measured_on=clock.today() - dt.timedelta(days=30),
            evidence=("so-lieu.xlsx", sheet),
        )
        if turn < len(_VALUES):
            decide_value(by=office, value=value, accept=True)
