"""Tasks of agencies with every kind of answer and progress, each entered on the day it began."""

import datetime as dt
from dataclasses import dataclass

from agencies.models import Agency
from audit.services import Actor
from common import clock
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS
from targets.models import AgencyTask
from targets.services.tasks import answer_task, decide_progress, report_progress, set_task

MINISTRY = "min-bkhcn"
_ANSWERED_AFTER = dt.timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Progress:
    """Days before the deadline; ``remark`` is why it was returned, None while it waits."""

    before: int
    text: str
    is_final: bool = False
    remark: str | None = ""


@dataclass(frozen=True, slots=True)
class Task:
    """``due`` is a day, or days from today; ``lasts`` days from start to deadline.

    ``answers`` are the answer and its reason by agency: blank for those that keep silent.
    """

    title: str
    unit: str
    due: dt.date | int
    lasts: int
    answers: dict[str, tuple[str, str]]
    progress: tuple[Progress, ...] = ()
    agency: str = MINISTRY
    others: tuple[str, ...] = ("Viện Công nghệ thông tin",)

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """Start and deadline, as of today."""
        due_on = clock.today() + dt.timedelta(self.due) if isinstance(self.due, int) else self.due
        return due_on - dt.timedelta(self.lasts), due_on


OF_2024 = (
    Task(
        "Thống kê cán bộ, chuyên gia đã được bồi dưỡng năm 2024",
        "Vụ Tổ chức cán bộ",
        dt.date(2024, 12, 20),
        80,
        {"min-byt": ("done", ""), "min-btc": ("accepted", "")},
        (Progress(2, "Đã tổng hợp số liệu của 30 đơn vị", is_final=True),),
    ),
)
SINCE = (
    Task(
        "Báo cáo kết quả đào tạo năm 2025",
        "Vụ Tổ chức cán bộ",
        -320,
        90,
        {"min-byt": ("done", ""), "min-btc": ("done", "")},
        (Progress(-5, "Đã gửi báo cáo năm 2025", is_final=True),),
    ),
    Task(
        "Bố trí phòng học và đường truyền cho các lớp trực tuyến",
        "Văn phòng",
        -31,
        90,
        {"min-byt": ("accepted", ""), "min-btc": ("refused", "Chưa bố trí được phòng học")},
        (
            Progress(30, "Đã bố trí phòng học tại Hà Nội"),
            Progress(2, "Đã bố trí xong", is_final=True, remark="Thiếu biên bản bàn giao phòng"),
        ),
    ),
    Task(
        "Lập danh sách cán bộ, chuyên gia cử bồi dưỡng năm tới",
        "Vụ Tổ chức cán bộ",
        15,
        90,
        {"min-byt": ("accepted", ""), "min-btc": ("", ""), "min-bxd": ("done", "")},
        (
            Progress(35, "Đã gửi công văn đến các đơn vị"),
            Progress(18, "Đã nhận danh sách của 12 đơn vị", remark=None),
        ),
    ),
    Task(
        "Biên soạn tài liệu bồi dưỡng chuyên đề y tế",
        "Cục Khoa học công nghệ và Đào tạo",
        45,
        60,
        {MINISTRY: ("", ""), "min-btc": ("refused", "Không thuộc chức năng, nhiệm vụ")},
        agency="min-byt",
        others=(),
    ),
)


def make_tasks(office: Actor, coordinator: Actor, tasks: tuple[Task, ...]) -> None:
    agencies = Agency.objects.in_bulk(field_name="slug")
    for one in tasks:
        starts_on, due_on = one.days
        with clock.set_to(starts_on):
            task = _make(office, one, agencies, starts_on, due_on)
        with clock.set_to(starts_on + _ANSWERED_AFTER):
            for unit in task.units.exclude(agency=None).select_related("agency", "task"):
                answer, reason = one.answers[unit.agency.slug]
                if answer:
                    answer_task(by=office, unit=unit, answer=answer, reason=reason)
        for report in one.progress:
            _report(office, coordinator, task, report)


def _make(
    office: Actor, one: Task, agencies: dict[str, Agency], starts_on: dt.date, due_on: dt.date
) -> AgencyTask:
    return set_task(
        by=office,
        indicator=Indicator.objects.get(slug=TRAINED_OFFICIALS),
        agency=agencies[one.agency],
        title=one.title,
        due_on=due_on,
        responsible_unit=one.unit,
        legal_basis="Quyết định 699/QĐ-BTTTT",
        starts_on=starts_on,
        cooperating_units=[agencies[slug] for slug in one.answers],
        other_units=one.others,
    )


def _report(office: Actor, coordinator: Actor, task: AgencyTask, one: Progress) -> None:
    day = task.due_on - dt.timedelta(one.before)
    with clock.set_to(day):
        report = report_progress(
            by=coordinator, task=task, day=day, text=one.text, is_final=one.is_final
        )
    if one.remark is not None:
        with clock.set_to(day + dt.timedelta(1)):
            decide_progress(by=office, report=report, accept=not one.remark, remark=one.remark)
