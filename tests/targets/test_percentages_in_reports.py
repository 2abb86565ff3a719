"""Period reports freeze the reported indicators; the next report names what has changed."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from agencies.choices import AgencyKind
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.models import Indicator
from targets.models import PeriodReport
from targets.pdf import report_pdf
from targets.progress.percentages import measured
from targets.services.duties import set_duty
from targets.services.values import decide_value, replace_value, report_value, withdraw_value
from tests.counting.makers import make_letter, make_rule, sign
from tests.factories import make_agency, make_course, make_user
from tests.pdfs import text_of
from tests.targets.packs import forged, hash_of, pack_of, recompute, replacing

pytestmark = pytest.mark.django_db

SPRING: dict[str, Any] = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 6, 30)}
AUTUMN: dict[str, Any] = {"starts_on": dt.date(2024, 7, 1), "ends_on": dt.date(2024, 12, 31)}
SIGNED = dt.date(2024, 7, 5)
DAY = dt.date(2024, 6, 15)
EVIDENCE = ("minh-chung.pdf", b"%PDF-1.7")


def province(name: str, **fields: Any):
    return make_agency(kind=AgencyKind.PROVINCE, name_vi=name, **fields)


def accepted(indicator, agency, numerator, at=DAY, day=DAY):
    with clock.set_to(at):
        value = report_value(
            by=PROGRAMME_OFFICE, indicator=indicator, agency=agency, numerator=numerator,
            denominator=4, measured_on=day, evidence=EVIDENCE,
        )  # fmt: skip
        return decide_value(by=PROGRAMME_OFFICE, value=value, accept=True)


@pytest.fixture
def indicator():
    """Three provinces of four have reported in June 2024; the half-year is signed in July."""
    make_rule([make_course("AI-1")])
    row = Indicator.objects.create(slug="ai_urban_areas", unit="percent", title_vi="Đô thị")
    row.targets.create(due_on=dt.date(2024, 12, 31), minimum=20)
    with clock.set_to(dt.date(2024, 5, 4)):
        set_duty(
            by=PROGRAMME_OFFICE, indicator=row, since=dt.date(2024, 5, 3), months=6,
            kinds=[AgencyKind.PROVINCE], reason="Công văn 1",
        )  # fmt: skip
    province("Tỉnh Im Lặng", name_en="Silent Province")
    return row


@pytest.fixture
def values(indicator):
    names = ("Tỉnh Một", "Tỉnh Hai", "Tỉnh Ba")
    return [accepted(indicator, province(name), 4 - n) for n, name in enumerate(names)]


def sign_spring() -> PeriodReport:
    return sign(SIGNED, make_letter("01/BC-BTTTT", SIGNED), **SPRING)


def frozen(report: PeriodReport) -> dict[str, Any]:
    (found,) = report.content["percentages"]
    answer: dict[str, Any] = found
    return answer


def test_a_report_freezes_share_base_and_target(indicator, values):
    found = frozen(sign_spring())
    assert (found["numerator"], found["denominator"], found["percent"]) == (9, 12, 75)
    assert found["percent_of_all"] == 56.25
    shown = [found["base"][name] for name in ("expected", "reported", "waiting", "silent")]
    assert shown == [4, 3, 0, 1]
    assert [one["agency_name"] for one in found["states"] if one["state"] == "silent"] == [
        "Tỉnh Im Lặng"
    ]


def test_what_was_signed_comes_out_again_by_the_report_s_instant(indicator, values):
    report = sign_spring()
    with clock.set_to(dt.date(2024, 8, 1)):
        withdraw_value(by=PROGRAMME_OFFICE, value=values[0], reason="Nhầm")
    again = measured(indicator, report.ends_on, known_as_of=report.known_as_of)
    assert (again.percent, again.percent_of_all) == (75, 56.25)


def changed_after_signing(indicator, values) -> PeriodReport:
    first = sign_spring()
    before = frozen(first)
    with clock.set_to(dt.date(2024, 8, 1)):
        withdraw_value(by=PROGRAMME_OFFICE, value=values[0], reason="Không có căn cứ")
    with clock.set_to(dt.date(2024, 8, 2)):
        replace_value(
            by=PROGRAMME_OFFICE, value=values[1], numerator=1, denominator=4, measured_on=DAY,
            evidence=EVIDENCE, reason="Đính chính tử số",
        )  # fmt: skip
    accepted(indicator, province("Tỉnh Muộn"), 2, at=dt.date(2024, 8, 3))
    accepted(indicator, province("Tỉnh Mới"), 2, at=dt.date(2024, 12, 1), day=dt.date(2024, 11, 30))
    assert frozen(PeriodReport.objects.get(pk=first.pk)) == before
    return sign(**AUTUMN)


def test_the_next_report_names_what_was_withdrawn_replaced_and_accepted_late(indicator, values):
    found = frozen(changed_after_signing(indicator, values))
    assert [(one["kind"], one["agency_name"], one["reason"]) for one in found["changes"]] == [
        ("withdrawn", "Tỉnh Một", "Không có căn cứ"),
        ("replaced", "Tỉnh Hai", "Đính chính tử số"),
        ("accepted_late", "Tỉnh Muộn", ""),
    ]
    assert found["previous"]["signed"]["percent"] == 75
    assert found["previous"]["now"]["percent"] == pytest.approx(100 * 5 / 12)


def test_the_changes_stand_in_the_pdf_and_on_the_page(indicator, values, client):
    report = changed_after_signing(indicator, values)
    words = re.sub(r"\s+", " ", text_of(report_pdf(report)))
    assert "Các chỉ tiêu do cơ quan báo cáo" in words
    assert "Tỉnh Hai, 3/4 (15/06/2024): thay thế bằng 1/4 (15/06/2024), lý do: Đính chính" in words
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    address = reverse("report", args=[report.code])
    page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert ("Không có căn cứ" in page, "Silent Province" in page) == (True, True)


def test_the_pack_proves_the_percentages_and_refuses_forged_ones(indicator, values, tmp_path):
    files = pack_of(changed_after_signing(indicator, values))
    done = recompute(files, tmp_path, "--printed", hash_of(files))
    assert done.returncode == 0, done.stdout + done.stderr
    for old, new in (
        ('"percent": 50.0', '"percent": 60.0'),
        ('"silent": 5', '"silent": 4'),
        ('"percent_of_all": ', '"percent_of_all": 1'),
    ):
        other = forged(files, report=replacing(old, new))
        refused = recompute(other, tmp_path, "--printed", hash_of(other))
        assert refused.returncode == 1
        assert "ai_urban_areas" in refused.stdout + refused.stderr
