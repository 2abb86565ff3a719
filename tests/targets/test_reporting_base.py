"""Of whom the reported indicators speak: who has to report, who has, who is silent, reminded."""

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils.translation import override

from accounts.choices import Role
from accounts.services import create_second_factor
from agencies.choices import AgencyKind
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from common.spreadsheets import open_sheets
from counting.models import Indicator
from targets.errors import TargetError
from targets.models import IndicatorValue
from targets.progress.percentages import measured, percent_milestones
from targets.progress.reporting import Base, last_period, silent_agencies
from targets.services.duties import set_duty
from targets.services.reminders import remind
from targets.services.silence import recipients, remind_silent
from targets.services.values import decide_value, replace_value, report_value, withdraw_value
from tests.factories import make_agency, make_coordinator, make_succession, make_user

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 15)  # after the year 2025 and the days to report it
DAY = dt.date(2025, 12, 31)
EVIDENCE = ("minh-chung.pdf", b"%PDF-1.7")


@pytest.fixture(autouse=True)
def in_march():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def indicator():
    row = Indicator.objects.create(slug="ai_urban_areas", unit="percent", title_vi="Đô thị")
    for year, minimum in ((2024, 20), (2030, 50)):
        row.targets.create(due_on=dt.date(year, 12, 31), minimum=minimum)
    return row


def duty(indicator, since=dt.date(2024, 1, 1), at=dt.date(2025, 1, 1), **fields: Any):
    fields = {"kinds": [AgencyKind.PROVINCE], "reason": "Công văn 1"} | fields
    with clock.set_to(at):
        return set_duty(by=PROGRAMME_OFFICE, indicator=indicator, since=since, **fields)


def province(**fields):
    return make_agency(kind=AgencyKind.PROVINCE, **fields)


def reported(indicator, agency, numerator=1, denominator=4, on=DAY):
    return report_value(
        by=PROGRAMME_OFFICE,
        indicator=indicator,
        agency=agency,
        numerator=numerator,
        denominator=denominator,
        measured_on=on,
        evidence=EVIDENCE,
    )


def accepted(indicator, agency, *args, at=TODAY, **fields):
    with clock.set_to(at):
        value = reported(indicator, agency, *args, **fields)
        return decide_value(by=PROGRAMME_OFFICE, value=value, accept=True)


def base_as_of(indicator, *day: dt.date, **known: Any) -> Base:
    base = measured(indicator, *day, **known).base
    assert base
    return base


def names(agencies) -> set[str]:
    return {agency.name_vi for agency in agencies}


@pytest.mark.parametrize(
    ("day", "months", "first", "last", "label"),
    [
        (dt.date(2026, 3, 15), 12, dt.date(2025, 1, 1), dt.date(2025, 12, 31), "2025"),
        (dt.date(2025, 12, 31), 12, dt.date(2025, 1, 1), dt.date(2025, 12, 31), "2025"),
        (dt.date(2025, 12, 30), 12, dt.date(2024, 1, 1), dt.date(2024, 12, 31), "2024"),
        (
            dt.date(2026, 3, 15),
            6,
            dt.date(2025, 7, 1),
            dt.date(2025, 12, 31),
            "second half of 2025",
        ),
        (dt.date(2026, 6, 30), 6, dt.date(2026, 1, 1), dt.date(2026, 6, 30), "first half of 2026"),
        (dt.date(2026, 3, 15), 3, dt.date(2025, 10, 1), dt.date(2025, 12, 31), "Q4/2025"),
        (dt.date(2024, 3, 31), 3, dt.date(2024, 1, 1), dt.date(2024, 3, 31), "Q1/2024"),
    ],
)
def test_the_period_asked_about_is_the_last_that_is_over(day, months, first, last, label):
    period = last_period(day, months)
    with override("en"):
        assert (period.first, period.last, period.label) == (first, last, label)


def test_the_base_says_who_has_reported_who_waits_and_who_is_silent(indicator):
    duty(indicator)
    first, second, third = (province(name_vi=f"Tỉnh {n}") for n in range(3))
    make_agency(name_vi="Bộ không phải báo cáo")
    accepted(indicator, first)
    reported(indicator, second)
    base = base_as_of(indicator)
    assert len(base.agencies) == 3
    assert (set(base.reported), names(base.waiting)) == ({first.pk}, {"Tỉnh 1"})
    assert names(base.silent) == {"Tỉnh 2"} == {third.name_vi}


def test_departments_do_not_report_for_themselves_unless_they_are_named(indicator):
    department = province(parent=province())
    duty(indicator)
    assert department not in base_as_of(indicator).agencies
    duty(indicator, agencies=[department])
    assert department in base_as_of(indicator).agencies


def test_sectors_and_names_make_the_base_too(indicator):
    ministry = make_agency()
    group = make_agency(kind=AgencyKind.STATE_GROUP)
    other = make_agency(kind=AgencyKind.OTHER)
    duty(indicator, kinds=[], sectors=["state_corporation"], agencies=[other])
    assert set(base_as_of(indicator).agencies) == {group, other}
    assert ministry not in base_as_of(indicator).agencies


def test_a_successor_reports_for_a_merged_agency(indicator):
    gone, successor = province(), province()
    make_succession(gone, successor, on=dt.date(2025, 7, 1))
    duty(indicator)
    assert base_as_of(indicator).agencies == (successor,)


def test_the_share_of_all_takes_the_silent_to_have_nothing(indicator):
    duty(indicator)
    for _n in range(3):
        province()
    accepted(indicator, province(), 3, 4)
    measure = measured(indicator)
    assert (measure.percent, measure.percent_of_all) == (75, 18.75)
    assert percent_milestones(measure)[1].met_by_reported
    assert not percent_milestones(measure)[1].met


def test_whoever_reports_without_having_to_counts_and_is_named(indicator):
    duty(indicator)
    accepted(indicator, province(), 1, 2)
    accepted(indicator, make_agency(), 2, 2)
    measure = measured(indicator)
    assert (measure.percent, measure.further, measure.whole) == (75, 1, 2)
    assert measure.percent_of_all == 75


def test_without_a_duty_the_figure_claims_nothing_about_all(indicator):
    accepted(indicator, province())
    measure = measured(indicator)
    assert (measure.base, measure.percent_of_all, measure.percent) == (None, None, 25)


def test_a_value_of_an_earlier_period_counts_no_longer_and_its_agency_is_silent(indicator):
    duty(indicator)
    agency = province()
    accepted(indicator, agency, on=dt.date(2024, 12, 31), at=dt.date(2025, 1, 10))
    assert measured(indicator, dt.date(2025, 12, 30)).percent == 25
    assert measured(indicator).percent is None
    (silent,) = silent_agencies(base_as_of(indicator))
    assert silent.last
    assert silent.last.measured_on == dt.date(2024, 12, 31)


def test_who_has_to_report_is_dated_and_replayable(indicator):
    province()
    make_agency()
    duty(indicator, at=dt.date(2025, 1, 1))
    duty(
        indicator, dt.date(2026, 1, 1), dt.date(2026, 2, 1), kinds=[AgencyKind.MINISTRY, "province"]
    )
    assert len(base_as_of(indicator).agencies) == 2
    assert len(base_as_of(indicator, DAY).agencies) == 1
    assert len(base_as_of(indicator, known_as_of=dt.date(2026, 1, 31)).agencies) == 1
    assert measured(indicator, known_as_of=dt.date(2024, 12, 31)).base is None


@pytest.mark.both_engines
def test_the_database_refuses_to_change_who_had_to_report(indicator):
    row = duty(indicator)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(days_to_report=0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"kinds": []}, "nobody_reports"),
        ({"months": 5}, "interval_unknown"),
        ({"days_to_report": 400}, "days_out_of_range"),
    ],
)
def test_a_duty_that_says_nothing_is_refused(indicator, fields, code):
    with pytest.raises(TargetError) as refusal:
        duty(indicator, **fields)
    assert refusal.value.code == code


# Withdrawn and replaced -----------------------------------------------------------------


def test_a_withdrawn_value_counts_no_longer_and_the_instant_before_comes_out_again(indicator):
    agency = province()
    value = accepted(indicator, agency, at=dt.date(2026, 2, 1))
    withdraw_value(by=PROGRAMME_OFFICE, value=value, reason="Tính sai mẫu số")
    assert measured(indicator).percent is None
    assert measured(indicator, known_as_of=dt.date(2026, 2, 2)).percent == 25
    assert IndicatorValue.objects.get(pk=value.pk).numerator == 1
    entry = AuditEntry.objects.filter(action="indicator_value_withdrawn").get()
    assert entry.details["reason"] == "Tính sai mẫu số"


def test_a_replaced_value_gives_way_at_one_instant(indicator):
    agency = province()
    value = accepted(indicator, agency, 4, 4, at=dt.date(2026, 2, 1))
    new = replace_value(
        by=PROGRAMME_OFFICE, value=value, numerator=1, denominator=4, measured_on=DAY,
        evidence=EVIDENCE, reason="Đính chính",
    )  # fmt: skip
    value.refresh_from_db()
    assert (value.replaced_by, value.withdrawn_at) == (new, new.decided_at)
    assert measured(indicator).percent == 25
    assert measured(indicator, known_as_of=dt.date(2026, 2, 2)).percent == 100


@pytest.mark.both_engines
def test_the_database_refuses_to_change_a_decided_value(indicator):
    value = accepted(indicator, province())
    for change in ({"numerator": 2}, {"state": "submitted"}, {"decided_at": clock.now()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            IndicatorValue.objects.filter(pk=value.pk).update(**change)


def test_nothing_is_withdrawn_twice_without_a_reason_or_before_it_was_accepted(indicator):
    agency = province()
    waiting, value = reported(indicator, agency), accepted(indicator, agency)
    for one, reason, code in (
        (value, " ", "reason_missing"),
        (waiting, "x", "not_accepted"),
        (value, "x", None),
        (value, "x", "value_withdrawn"),
    ):
        if code is None:
            withdraw_value(by=PROGRAMME_OFFICE, value=one, reason=reason)
            continue
        with pytest.raises(TargetError) as refusal:
            withdraw_value(by=PROGRAMME_OFFICE, value=one, reason=reason)
        assert refusal.value.code == code


def test_a_refused_replacement_leaves_the_value_as_it_was(indicator):
    value = accepted(indicator, province())
    with pytest.raises(TargetError):
        replace_value(
            by=PROGRAMME_OFFICE, value=value, numerator=9, denominator=4, measured_on=DAY,
            evidence=EVIDENCE, reason="Đính chính",
        )  # fmt: skip
    value.refresh_from_db()
    assert (value.withdrawn_at, IndicatorValue.objects.count()) == (None, 1)


def test_the_agency_is_told_of_a_withdrawal_and_of_a_replacement(indicator, mailoutbox):
    agency = province()
    make_coordinator(agency, language="en")
    value = accepted(indicator, agency)
    new = replace_value(
        by=PROGRAMME_OFFICE, value=value, numerator=2, denominator=4, measured_on=DAY,
        evidence=EVIDENCE, reason="Typing error",
    )  # fmt: skip
    withdraw_value(by=PROGRAMME_OFFICE, value=new, reason="No proof")
    first, second = mailoutbox
    assert "1 / 4, by 2 / 4" in first.body
    assert ("Typing error" in first.body, "No proof" in second.body) == (True, True)


# Silent: listed and reminded ------------------------------------------------------------


@pytest.fixture
def office(client):
    user = make_user(Role.PROGRAMME_OFFICE, language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def test_the_page_the_api_and_the_files_list_the_same_silent_agencies(client, office, indicator):
    duty(indicator)
    accepted(indicator, province(name_vi="Tỉnh đã báo cáo"))
    province(name_vi="Tỉnh im lặng")
    page = client.get(reverse("silent", args=[indicator.slug])).content.decode()
    assert ("Tỉnh im lặng" in page, "Tỉnh đã báo cáo" in page) == (True, False)
    assert "1 of 2 agencies that have to report" in page
    csv_file = client.get(reverse("silent_file", args=[indicator.slug, "csv"]))
    text = b"".join(csv_file.streaming_content).decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text), delimiter=";")][1:] == ["Tỉnh im lặng"]
    workbook = client.get(reverse("silent_file", args=[indicator.slug, "xlsx"]))
    (sheet,) = open_sheets(b"".join(workbook.streaming_content), "silent.xlsx")
    assert [row.values[0] for row in sheet.rows()][1:] == ["Tỉnh im lặng"]


def test_a_form_of_file_that_there_is_not_is_not_found(client, office, indicator):
    assert client.get(f"/indicators/{indicator.slug}/silent.pdf").status_code == 404


def test_the_button_shows_how_many_are_reminded_before_it_reminds_them(
    client, office, indicator, mailoutbox
):
    duty(indicator)
    make_coordinator(province())
    province()
    found = recipients(indicator)
    assert (found.agencies, found.messages, found.without_coordinator) == (2, 2, 1)
    page = client.get(reverse("remind_silent", args=[indicator.slug])).content.decode()
    assert "Send now (messages: 2)" in page
    assert not mailoutbox
    client.post(reverse("remind_silent", args=[indicator.slug]))
    assert len(mailoutbox) == 2


def test_an_agency_is_reminded_once_for_each_period_by_hand_or_by_the_clock(indicator, mailoutbox):
    duty(indicator)
    make_coordinator(province(name_vi="Tỉnh im lặng"))
    assert (remind(), remind()) == (1, 0)
    assert "Tỉnh im lặng" in mailoutbox[0].body
    with pytest.raises(TargetError, check=lambda error: error.code == "nobody_to_remind"):
        remind_silent(by=PROGRAMME_OFFICE, indicator=indicator)
    with clock.set_to(dt.date(2027, 3, 15)):
        assert remind_silent(by=PROGRAMME_OFFICE, indicator=indicator) == 1
        assert remind() == 0
    assert len(mailoutbox) == 2


@pytest.mark.parametrize(
    ("recorded", "today", "sent"),
    [
        (dt.date(2025, 1, 1), dt.date(2026, 1, 30), 0),  # the last day to report
        (dt.date(2025, 1, 1), dt.date(2026, 1, 31), 1),
        (dt.date(2026, 2, 1), dt.date(2026, 3, 15), 0),  # determined after that day
    ],
)
def test_the_clock_reminds_after_the_days_to_report_unless_the_duty_came_later(
    indicator, recorded, today, sent
):
    make_coordinator(province())
    duty(indicator, at=recorded)
    with clock.set_to(today):
        assert remind() == sent


def test_whoever_waits_for_the_office_is_not_reminded_and_whoever_was_returned_is(indicator):
    duty(indicator)
    agency = province()
    make_coordinator(agency)
    value = reported(indicator, agency)
    assert recipients(indicator).agencies == 0
    decide_value(by=PROGRAMME_OFFICE, value=value, accept=False, remark="Thiếu dấu")
    assert recipients(indicator).agencies == 1


def test_page_command_and_api_give_one_base(client, office, indicator, capsys):
    duty(indicator)
    accepted(indicator, province())
    province()
    call_command("indicators", "--json")
    (answer,) = json.loads(capsys.readouterr().out)["indicators"]
    expected = {"expected": 2, "reported": 1, "waiting": 0, "silent": 1, "further": 0}
    assert expected.items() <= answer["base"].items()
    page = client.get(reverse("targets")).content.decode()
    assert "1 / 2" in page
    with override("en"):
        call_command("indicators")
    assert "1 of 2 agencies have reported for 2025" in capsys.readouterr().out


def test_the_office_determines_who_has_to_report_on_the_form(client, office, indicator):
    data = {
        "since": "2026-01-01", "kinds": ["province"], "months": "12", "days_to_report": "30",
        "reason": "Công văn 12",
    }  # fmt: skip
    answer = client.post(reverse("reporting_duty", args=[indicator.slug]), data)
    assert answer.status_code == 302
    assert indicator.duties.get().kinds == ["province"]


def test_the_office_withdraws_and_replaces_on_the_forms(client, office, indicator):
    value = accepted(indicator, province())
    refused = client.post(reverse("withdraw_value", args=[value.pk]), {"reason": ""})
    assert refused.status_code == 400
    client.post(reverse("withdraw_value", args=[value.pk]), {"reason": "Nhầm"})
    value.refresh_from_db()
    assert value.withdrawal_reason == "Nhầm"
    page = client.get(reverse("indicator", args=[indicator.slug])).content.decode()
    assert ("withdrawn" in page, "Nhầm" in page) == (True, True)
