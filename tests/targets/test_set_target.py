"""Setting and changing targets; former values stay as rows."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.counter import counted
from counting.models import Indicator
from targets.choices import Reminder
from targets.errors import TargetError
from targets.models import Quota, Target
from targets.progress import milestones
from targets.progress.percentages import measured, next_milestone, percent_milestones
from targets.services.quotas import set_quota
from targets.services.reports import letter_of, sign_off
from targets.services.targets import set_target, withdraw_target
from tests.counting.makers import make_indicator, make_rule, make_signer
from tests.factories import make_agency, make_completion, make_run, make_user

TODAY = dt.date(2026, 11, 22)
DUE = dt.date(2030, 12, 31)

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def target():
    return make_indicator(d2030_12_31=1000).targets.get()


def set_to(target, minimum=1200, due_on=DUE, *, at=TODAY, legal_basis="QĐ 1/QĐ-TTg", **fields):
    with clock.set_to(at):
        return set_target(
            by=PROGRAMME_OFFICE,
            indicator=target.indicator,
            target=target,
            minimum=minimum,
            due_on=due_on,
            legal_basis=legal_basis,
            **fields,
        )


def believed(known_as_of) -> list[tuple[dt.date, int]]:
    count = counted(TODAY, known_as_of=known_as_of)
    return [(goal.due_on, goal.minimum) for goal in milestones(count)]


def test_a_new_target_is_believed_from_its_entry_on(target):
    with clock.set_to(dt.date(2026, 10, 1)):
        set_target(
            by=PROGRAMME_OFFICE,
            indicator=target.indicator,
            minimum=600,
            due_on=dt.date(2028, 12, 31),
            legal_basis="QĐ 1/QĐ-TTg",
        )
    assert believed(dt.date(2026, 9, 30)) == [(DUE, 1000)]
    assert believed(dt.date(2026, 10, 1)) == [(dt.date(2028, 12, 31), 600), (DUE, 1000)]


def test_the_targets_believed_on_a_day_come_out_again_after_every_change(target):
    for month, minimum in ((5, 1100), (8, 1200)):
        set_to(target, minimum, at=dt.date(2026, month, 1))
    values = [believed(dt.date(2026, month, 15)) for month in (4, 5, 8)]
    assert values == [[(DUE, 1000)], [(DUE, 1100)], [(DUE, 1200)]]


def test_the_targets_of_a_percentage_are_replayed_as_well():
    indicator = Indicator.objects.create(slug="ai_urban_areas", unit="percent", title_vi="Đô thị")
    target = indicator.targets.create(due_on=DUE, minimum=100)
    set_to(target, 90, at=dt.date(2026, 5, 1))
    values = [
        percent_milestones(measured(indicator, known_as_of=dt.date(2026, month, 1)))[0].minimum
        for month in (4, 6)
    ]
    assert values == [100, 90]


def test_a_withdrawn_target_is_still_believed_of_the_days_before(target):
    with clock.set_to(dt.date(2026, 6, 1)):
        withdraw_target(by=PROGRAMME_OFFICE, target=target, reason="Bị thay thế")
    assert (believed(dt.date(2026, 5, 31)), believed(TODAY)) == ([(DUE, 1000)], [])


def test_the_quotas_stay_with_a_target_that_changes(target):
    quota = set_quota(by=PROGRAMME_OFFICE, target=target, agency=make_agency(), minimum=5)
    Quota.objects.filter(pk=quota.pk).update(last_reminder=Reminder.SOON)
    set_to(target, due_on=dt.date(2031, 12, 31))
    quota.refresh_from_db()
    assert quota.target.due_on == dt.date(2031, 12, 31)
    assert quota.last_reminder == Reminder.NONE


def test_a_signed_report_keeps_the_target_that_it_was_signed_with(target):
    run = make_run(starts_on=dt.date(2026, 3, 2), ends_on=dt.date(2026, 3, 3))
    make_rule([run.course])
    make_completion(run=run)
    letter = letter_of(make_signer(), number="01/BC", dated=TODAY)
    period: dict[str, Any] = {"starts_on": dt.date(2026, 1, 1), "ends_on": dt.date(2026, 6, 30)}
    report = sign_off(by=PROGRAMME_OFFICE, letter=letter, **period)
    set_to(target, 1200)
    report.refresh_from_db()
    assert [row["minimum"] for row in report.content["targets"]] == [1000]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"legal_basis": " "}, "basis_missing"),
        ({"minimum": 0}, "target_out_of_range"),
        ({"minimum": 10**12}, "target_out_of_range"),
        ({"due_on": dt.date(2026, 11, 21)}, "target_is_past"),
        ({"due_on": dt.date(2028, 12, 31)}, "target_exists"),
        ({"due_on": dt.date(2029, 1, 1)}, "quota_after_target"),
    ],
)
def test_a_target_that_cannot_be_is_refused_and_nothing_changes(target, fields, code):
    target.indicator.targets.create(due_on=dt.date(2028, 12, 31), minimum=600)
    if code == "quota_after_target":
        day = dt.date(2030, 6, 30)
        agency = make_agency()
        set_quota(by=PROGRAMME_OFFICE, target=target, agency=agency, minimum=5, due_on=day)
    with pytest.raises(TargetError) as refusal:
        set_to(target, **fields)
    assert refusal.value.code == code
    assert believed(TODAY) == [(dt.date(2028, 12, 31), 600), (DUE, 1000)]


def test_more_than_all_of_a_percentage_is_refused():
    indicator = Indicator.objects.create(slug="ai_urban_areas", unit="percent", title_vi="Đô thị")
    with pytest.raises(TargetError, check=lambda error: error.code == "target_out_of_range"):
        set_to(indicator.targets.create(due_on=DUE, minimum=100), 101)


def test_a_target_whose_day_has_passed_cannot_be_changed(target):
    past = target.indicator.targets.create(due_on=dt.date(2024, 12, 31), minimum=100)
    for attempt in (
        lambda: set_to(past, 90),
        lambda: withdraw_target(by=PROGRAMME_OFFICE, target=past, reason="Nhầm"),
    ):
        with pytest.raises(TargetError, check=lambda error: error.code == "target_is_past"):
            attempt()


def test_a_target_with_quotas_is_not_withdrawn(target):
    set_quota(by=PROGRAMME_OFFICE, target=target, agency=make_agency(), minimum=5)
    with pytest.raises(TargetError, check=lambda error: error.code == "target_has_quotas"):
        withdraw_target(by=PROGRAMME_OFFICE, target=target, reason="Nhầm")


def test_the_office_changes_a_target_on_the_page_and_sees_what_it_was(client, target):
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    data = {"minimum": 1200, "due_on": "2030-12-31", "legal_basis": "QĐ 1/QĐ-TTg"}
    answer = client.post(reverse("target", args=[target.pk]), data)
    assert answer.status_code == 302
    page = client.get(reverse("targets"), headers={"Accept-Language": "en"}).content.decode()
    assert "At least 1,200 by 31/12/2030" in page
    assert "Until 22/11/2026 the target was at least 1,000 by 31/12/2030" in page
    assert Target.objects.current().get().pk == target.pk


@given(
    due=st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2034, 12, 31)), unique=True, max_size=4),
    as_of=st.dates(dt.date(2026, 1, 1), dt.date(2035, 12, 31)),
)
@hypothesis_settings(max_examples=20)
def test_the_target_due_next_is_found_without_measuring_all(due, as_of):
    with transaction.atomic():
        indicator = Indicator.objects.create(slug="sao", unit="percent", title_vi="Dịch vụ")
        for day in due:
            indicator.targets.create(due_on=day, minimum=50)
        measure = measured(indicator, as_of)
        every = percent_milestones(measure)
        ahead = [goal for goal in every if goal.due_on >= as_of]
        assert next_milestone(measure) == next(iter(ahead or every[-1:]), None)
        transaction.set_rollback(True)
