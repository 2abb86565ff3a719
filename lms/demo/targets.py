import datetime as dt

from agencies.models import Agency
from audit.services import Actor
from certificates.models import Signer
from common import clock
from common.spreadsheets import Column, write_xlsx
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS
from targets.models import AgencyTask, Step, Target
from targets.services.quotas import set_quota
from targets.services.report_files import has_signing_key, sign_file
from targets.services.reports import letter_of, sign_off
from targets.services.tasks import answer_task, decide_progress, report_progress, set_task
from targets.services.values import decide_value, report_value

SIGNED_ON = dt.date(2025, 1, 10)
_MINISTRY = "min-bkhcn"
# Agency, its part of the target of 2030, deadline, lead unit, people by the end of 2025 and on.
_QUOTAS = (
    (_MINISTRY, 60, None, "Vụ Tổ chức cán bộ", (5, 8, 20, 32, 46)),
    ("min-byt", 45, None, "Cục Khoa học công nghệ và Đào tạo", (12, 20, 28, 34, 40)),
    ("min-btc", 40, "2028-12-31", "Vụ Tổ chức cán bộ", (4, 10, 25)),
    ("min-bxd", 25, "2026-06-30", "Vụ Tổ chức cán bộ", (15,)),
)
_PLANNED_FROM = 2025
_TASKS = (
    ("Lập danh sách cán bộ, chuyên gia cử bồi dưỡng năm 2027", "2026-12-15", "Vụ Tổ chức cán bộ"),
    ("Bố trí phòng học và đường truyền cho các lớp trực tuyến", "2026-10-30", "Văn phòng"),
    ("Báo cáo kết quả đào tạo năm 2025", "2026-01-15", "Vụ Tổ chức cán bộ"),
)
_COOPERATING = ("min-byt", "min-btc")
# Indicator, agency, numerator, denominator.
_VALUES = (
    ("open_data_agencies", _MINISTRY, 1, 1),
    ("open_data_agencies", "min-byt", 1, 1),
    ("open_data_agencies", "min-btc", 0, 1),
    ("open_data_agencies", "min-bxd", 0, 1),
    ("ai_online_public_services", "min-byt", 21, 64),
    ("ai_urban_areas", "min-bxd", 9, 52),
    ("ai_online_public_services", _MINISTRY, 34, 80),
)
_SHEET = (
    Column("what", "Nội dung", width=40),
    Column("numerator", "Tử số", "number"),
    Column("denominator", "Mẫu số", "number"),
)


def make_targets(office: Actor, coordinator: Actor) -> None:
    """Quotas, tasks and percentages as of today, and the signed report of 2024."""
    agencies = Agency.objects.in_bulk(field_name="slug")
    _sign_2024(office)
    _set_quotas(office, agencies)
    ministry = agencies[_MINISTRY]
    indicator = Indicator.objects.get(slug=TRAINED_OFFICIALS)
    tasks = [
        set_task(
            by=office,
            indicator=indicator,
            agency=ministry,
            title=title,
            due_on=dt.date.fromisoformat(due_on),
            responsible_unit=unit,
            legal_basis="Quyết định 699/QĐ-BTTTT",
            starts_on=dt.date.fromisoformat(due_on) - dt.timedelta(days=90),
            cooperating_units=[agencies[slug] for slug in _COOPERATING if slug in agencies],
            other_units=["Viện Công nghệ thông tin"],
        )
        for title, due_on, unit in _TASKS
    ]
    _report_tasks(office, coordinator, tasks)
    _report_percentages(office, coordinator, agencies)


def _report_tasks(office: Actor, coordinator: Actor, tasks: list[AgencyTask]) -> None:
    """One is done, one is under way; a cooperating unit has accepted, another refused."""
    for task, text, is_final in (
        (tasks[-1], "Đã gửi báo cáo năm 2025", True),
        (tasks[0], "Đã gửi công văn đến các đơn vị", False),
    ):
        report = report_progress(
            by=coordinator, task=task, day=clock.today(), text=text, is_final=is_final
        )
        decide_progress(by=office, report=report, accept=True)
    answers = (("accepted", ""), ("refused", "Chưa bố trí được phòng học"))
    units = tasks[1].units.exclude(agency=None).select_related("agency", "task")
    for unit, (answer, reason) in zip(units, answers, strict=False):
        answer_task(by=office, unit=unit, answer=answer, reason=reason)


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
