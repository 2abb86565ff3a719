"""Tasks in a signed report: which ones, as they stood at the end of its period, and for good."""

import datetime as dt
import json

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from targets.pdf import report_pdf
from targets.services.tasks import answer_task, decide_progress, finish_task, remove_task
from tests.counting.makers import make_indicator, make_rule, sign
from tests.factories import make_agency, make_completion, make_run, make_user
from tests.pdfs import text_of
from tests.targets.packs import pack_of, recompute
from tests.targets.test_tasks import progress, task_of
from tests.validators.vera import broken_rules

ENTERED = dt.date(2024, 2, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def run():
    run = make_run(starts_on=dt.date(2024, 6, 3), ends_on=dt.date(2024, 6, 4))
    make_indicator(d2024_12_31=2)
    make_rule([run.course])
    make_completion(run=run)
    return run


def task(title, due_on, done_on=None, **fields):
    with clock.set_to(ENTERED):
        made = task_of(make_agency(), title=title, due_on=due_on, **fields)
    if done_on:
        with clock.set_to(done_on):
            finish_task(by=PROGRAMME_OFFICE, task=made)
    return made


@pytest.mark.both_engines
def test_a_report_holds_the_tasks_of_its_period_as_they_stood_at_its_end():
    december, january = dt.date(2024, 12, 20), dt.date(2025, 1, 5)
    task("xong", december, dt.date(2024, 12, 10))
    task("xong muộn", dt.date(2024, 9, 1), december)
    task("quá hạn", december, january)
    task("đang làm", dt.date(2025, 6, 1))
    task("chưa bắt đầu", dt.date(2025, 6, 1), starts_on=dt.date(2025, 2, 1))
    with clock.set_to(ENTERED):
        remove_task(by=SYSTEM, task=task("bỏ", december), reason="Nhập nhầm")
    found = {one["title"]: one["state"] for one in sign().content["tasks"]}
    assert found == {
        "xong": "done", "xong muộn": "done_late", "quá hạn": "overdue", "đang làm": "open",
    }  # fmt: skip


def test_tasks_done_before_the_period_are_left_to_the_report_before():
    task("xong từ trước", dt.date(2024, 2, 9), dt.date(2024, 2, 9))
    task("xong trong kỳ", dt.date(2024, 12, 9), dt.date(2024, 12, 9))
    report = sign(starts_on=dt.date(2024, 7, 1))
    assert [one["title"] for one in report.content["tasks"]] == ["xong trong kỳ"]


def test_page_pdf_and_pack_show_a_task_with_answers_and_progress(client, tmp_path):
    agency = make_agency(name_vi="Bộ Hai")
    with clock.set_to(ENTERED):
        made = task_of(
            make_agency(name_vi="Bộ Một"),
            agency,
            title="Mở lớp",
            legal_basis="QĐ 9",
            due_on=dt.date(2025, 3, 1),
        )
        answer_task(by=SYSTEM, unit=made.units.get(), answer="refused", reason="Thiếu giảng viên")
        report = progress(made, day=ENTERED, text="Đã lập danh sách")
        decide_progress(by=PROGRAMME_OFFICE, report=report, accept=True)
    signed = sign()
    words = ["Mở lớp", "QĐ 9", "Bộ Hai", "Thiếu giảng viên", "Đã lập danh sách"]
    pdf = report_pdf(signed)
    printed = " ".join(text_of(pdf).split())
    assert [word for word in words if word not in printed] == []
    assert "Đang thực hiện" in printed
    pack = pack_of(signed)
    (packed,) = json.loads(pack["report.json"])["printed"]["tasks"]
    assert (packed["cooperating_units"][0]["reason"], packed["state"]) == (words[3], "open")
    assert recompute(pack, tmp_path, "--printed", signed.pack_sha256).returncode == 0
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    page = client.get(reverse("report", args=[signed.code])).content.decode()
    assert [word for word in words if word != "QĐ 9" and word not in page] == []


def test_what_becomes_of_a_task_later_does_not_change_a_signed_report():
    made = task("Mở lớp", dt.date(2025, 3, 1))
    signed = sign()
    before = report_pdf(signed)
    task_of(made.agency, title="Việc khác", task=made, reason="QĐ 5")
    signed.refresh_from_db()
    assert report_pdf(signed) == before


@pytest.mark.full
def test_a_report_with_tasks_is_pdf_a(tmp_path):
    task("Mở lớp", dt.date(2025, 3, 1))
    file = tmp_path / "report.pdf"
    file.write_bytes(report_pdf(sign()))
    assert not any(broken_rules([file]).values())
