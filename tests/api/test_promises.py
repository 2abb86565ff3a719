"""What was promised and how it stands, through the API: as on the pages, to the same people."""

import datetime as dt

import pytest

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.models import Indicator
from enrollment.services.completion import void_completion
from lms.reference import load_reference
from targets.services.values import decide_value, report_value
from tests.architecture.world import make_quota, make_task
from tests.counting.makers import make_rule, sign
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
    make_user,
)

DAY = dt.date(2026, 6, 30)

pytestmark = pytest.mark.django_db


def reported(agency, numerator, *, at):
    with clock.set_to(at):
        value = report_value(
            by=PROGRAMME_OFFICE,
            indicator=Indicator.objects.get(slug="open_data_agencies"),
            agency=agency,
            numerator=numerator,
            denominator=4,
            measured_on=DAY,
            evidence=("minh-chung.pdf", b"%PDF-1.7"),
        )
        return decide_value(by=PROGRAMME_OFFICE, value=value, accept=True)


def test_every_target_names_its_legal_basis(api):
    load_reference(by=SYSTEM)
    answer = api(make_user("trainee")).get("indicators/trained_officials/").json()
    bases = {target["legal_basis"] for target in answer["targets"]}
    assert bases == {"Quyết định 699/QĐ-BTTTT"}


def test_a_percentage_is_replayed_as_it_was_believed(api):
    load_reference(by=SYSTEM)
    agency = make_agency()
    reported(agency, 1, at=dt.date(2026, 7, 10))
    reported(agency, 3, at=dt.date(2026, 9, 1))
    visitor = api(make_user("trainee"))
    address = f"indicators/open_data_agencies/measure/?as_of={DAY}&known_as_of="
    before, after = (visitor.get(address + day).json() for day in ("2026-08-01", "2026-09-02"))
    assert (before["percent"], after["percent"]) == (25, 75)
    assert (after["numerator"], after["denominator"], after["agencies"]) == (3, 4, 1)
    assert [goal["met"] for goal in after["targets"]] == [False, False]
    assert visitor.get("indicators/trained_officials/measure/").status_code == 404


def test_a_coordinator_reads_the_values_quotas_and_tasks_of_the_own_agency_alone(api):
    load_reference(by=SYSTEM)
    own, other = make_agency("bo-a"), make_agency("bo-b")
    for agency in (own, other):
        reported(agency, 1, at=dt.date(2026, 7, 10))
        make_quota(agency)
        make_task(agency)
    visitor = api(make_coordinator(own))
    for resource in ("values", "quotas", "tasks"):
        rows = visitor.get(f"{resource}/").json()["results"]
        assert [row["agency"] for row in rows] == ["bo-a"], resource
    (quota,) = visitor.get("quotas/").json()["results"]
    assert (quota["minimum"], quota["persons"], quota["state"]) == (5, 0, "at_risk")
    assert visitor.get("tasks/?is_open=false").json()["results"] == []


def test_the_adjustments_of_a_report_are_told_by_trainee_code_and_add_up(api):
    run = make_run(starts_on=dt.date(2024, 6, 3), ends_on=dt.date(2024, 6, 4))
    make_rule([run.course])
    trainee = make_trainee(full_name="Đặng Thị Ngọc Ánh")
    completion = make_completion(trainee, run)
    sign()
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    visitor = api(office)
    address = "reports/2024-12-31-v1/adjustments/"
    assert visitor.get(address).json()["adjustments"] == []
    void_completion(by=PROGRAMME_OFFICE, completion=completion, reason="Nhập nhầm")
    answer = visitor.get(address)
    found = answer.json()
    assert (found["signed"]["persons"], found["persons"], found["now"]["persons"]) == (1, -1, 0)
    told = [(one["kind"], one["persons"], one["trainee"]) for one in found["adjustments"]]
    assert told == [("voided", -1, trainee.code)]
    assert trainee.full_name not in answer.content.decode()
