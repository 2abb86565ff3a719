"""Plans of agencies in steps, against what was reached."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from targets.errors import TargetError
from targets.models import AudienceStep, Quota, Step
from targets.progress.road_map_output import asked_road_map
from targets.services.quotas import remove_quota, set_quota
from targets.services.targets import set_target
from tests.competencies.factories import make_audience
from tests.counting.makers import make_indicator, make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
    make_user,
)

TODAY = dt.date(2026, 11, 30)
END_2025, END_2026, END_2027 = (dt.date(year, 12, 31) for year in (2025, 2026, 2027))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def target():
    return make_indicator(d2030_12_31=100).targets.get()


@pytest.fixture
def run(target):
    run = make_run()
    make_rule([run.course])
    return run


def plan(target, agency, *steps, minimum=20, **fields) -> Quota:
    return set_quota(
        by=PROGRAMME_OFFICE,
        target=target,
        agency=agency,
        minimum=minimum,
        steps=[Step(*step) for step in steps],
        **fields,
    )


def trained(agency, run, people, on=dt.date(2025, 3, 11)):
    for _n in range(people):
        make_completion(make_trainee(agency), run, completed_on=on)


def way_of(agency, day=None):
    (found,) = [way for way in asked_road_map(day, day) if way["agency"] == agency.slug]
    return found


def test_the_last_step_of_a_plan_is_the_quota(target):
    quota = plan(target, make_agency(), (END_2025, 3), (END_2026, 8))
    assert quota.plan == [(END_2025, 3), (END_2026, 8), (dt.date(2030, 12, 31), 20)]
    assert plan(target, make_agency()).plan == [(dt.date(2030, 12, 31), 20)]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([(END_2026, 8), (END_2025, 9)], "steps_not_rising"),
        ([(END_2025, 8), (END_2026, 3)], "steps_not_rising"),
        ([(END_2025, 8), (END_2025, 9)], "steps_not_rising"),
        ([(END_2025, 21)], "steps_not_rising"),
        ([(dt.date(2030, 12, 31), 20)], "step_too_late"),
    ],
)
def test_steps_rise_up_to_the_quota_and_its_day(target, steps, code):
    with pytest.raises(TargetError, check=lambda error: error.code == code):
        plan(target, make_agency(), *steps)


def test_who_is_behind_by_how_much_and_what_it_takes(target, run):
    late, early = make_agency("cham"), make_agency("nhanh")
    plan(target, late, (END_2025, 6), (END_2027, 10))
    plan(target, early, (END_2025, 2), (END_2026, 4))
    trained(late, run, 2)
    trained(early, run, 5)
    behind, ahead = asked_road_map(None, None)
    assert (behind["agency"], behind["planned"], behind["persons"], behind["behind"]) == (
        "cham", 6, 2, 4,
    )  # fmt: skip
    # Eight more by the end of 2027, a little over four quarters away.
    assert (behind["next_step"]["persons"], behind["people_per_quarter"]) == (10, 2)
    assert (ahead["agency"], ahead["behind"], ahead["people_per_quarter"]) == ("nhanh", 0, 0)


def test_each_year_has_its_plan_and_what_was_reached(target, run):
    agency = make_agency()
    plan(target, agency, (END_2025, 6), (END_2027, 10))
    trained(agency, run, 2)
    trained(agency, run, 3, on=dt.date(2026, 3, 11))
    years = {one["year"]: (one["planned"], one["actual"]) for one in way_of(agency)["years"]}
    assert years == {
        2025: (6, 2),
        2026: (6, 5),
        2027: (10, None),
        2028: (10, None),
        2029: (10, None),
        2030: (20, None),
    }


@pytest.mark.both_engines
def test_a_changed_plan_is_replayed_as_of_a_past_day(target, run):
    agency = make_agency()
    with clock.set_to(dt.date(2026, 1, 5)):
        quota = plan(target, agency, (END_2025, 6))
    with clock.set_to(dt.date(2026, 6, 1)):
        plan(target, agency, (END_2025, 3), minimum=30, quota=quota, reason="QĐ 12/2026")
    assert way_of(agency)["planned"] == 3
    past = way_of(agency, dt.date(2026, 5, 31))
    assert (past["planned"], past["plan"][-1]["persons"]) == (6, 20)
    assert asked_road_map(dt.date(2026, 1, 4), dt.date(2026, 1, 4)) == []


def test_a_removed_plan_is_still_replayed(target, run):
    agency = make_agency()
    with clock.set_to(dt.date(2026, 1, 5)):
        quota = plan(target, agency)
    remove_quota(by=PROGRAMME_OFFICE, quota=quota, reason="Giải thể")
    assert asked_road_map(None, None) == []
    assert way_of(agency, dt.date(2026, 5, 31))["plan"][-1]["persons"] == 20
    with pytest.raises(TargetError, check=lambda error: error.code == "quota_removed"):
        plan(target, agency, quota=quota, reason="Khôi phục")


def test_a_plan_without_an_own_deadline_follows_its_target_and_its_past(target, run):
    agency = make_agency()
    with clock.set_to(dt.date(2026, 1, 5)):
        plan(target, agency)
    day = dt.date(2029, 6, 30)
    set_target(
        by=PROGRAMME_OFFICE, indicator=target.indicator, due_on=day, minimum=100,
        legal_basis="QĐ 1", target=target,
    )  # fmt: skip
    assert way_of(agency)["plan"][-1]["day"] == "2029-06-30"
    assert way_of(agency, dt.date(2026, 5, 31))["plan"][-1]["day"] == "2030-12-31"


def test_a_plan_changes_for_a_reason_only(target):
    quota = plan(target, make_agency())
    with pytest.raises(TargetError, check=lambda error: error.code == "reason_missing"):
        plan(target, quota.agency, quota=quota)
    with pytest.raises(TargetError, check=lambda error: error.code == "reason_missing"):
        remove_quota(by=PROGRAMME_OFFICE, quota=quota, reason=" ")
    assert Quota.objects.count() == 1


# The page and the command ----------------------------------------------------------------


@pytest.fixture
def office_client(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_the_page_shows_plan_and_actual_as_pictures_and_tables(target, run, office_client):
    agency = make_agency(name_vi="Bộ Một")
    plan(target, agency, (END_2025, 6))
    trained(agency, run, 2)
    page = office_client.get(reverse("road_map")).content.decode()
    assert "4 behind" in page
    # All agencies, the sector, the agency: each once with its table.
    assert (page.count("<svg viewBox"), page.count('class="chart-planned"')) == (3, 18)
    assert page.count('<td class="number">-4</td>') + page.count('<td class="number">−4</td>') >= 3


def test_the_office_enters_steps_as_lines(target, office_client):
    agency = make_agency()
    data = {"target": target.pk, "agency": agency.pk, "minimum": 20, "reason": "QĐ 699"}
    steps = "31/12/2025: 3\n2026-12-31: 8"
    assert office_client.post(reverse("new_quota"), data | {"steps": steps}).status_code == 302
    quota = Quota.objects.get()
    assert quota.plan[:2] == [(END_2025, 3), (END_2026, 8)]
    page = office_client.get(reverse("quota", args=[quota.pk])).content.decode()
    assert "31/12/2025: 3\n31/12/2026: 8" in page
    answer = office_client.post(reverse("new_quota"), data | {"steps": "cuối năm 12"})
    assert (answer.status_code, "is not a step" in answer.content.decode()) == (400, True)


def test_a_coordinator_sees_the_road_map_of_the_own_agency_alone(client, target, run):
    own, other = make_agency(name_vi="Bộ Một"), make_agency(name_vi="Bộ Hai")
    for agency in (own, other):
        plan(target, agency, (END_2025, 6))
    client.force_login(make_coordinator(own))
    page = client.get(reverse("road_map")).content.decode()
    assert ("Bộ Một" in page, "Bộ Hai" in page) == (True, False)


def test_a_wrong_date_shows_the_error_and_no_figure(target, run, office_client):
    plan(target, make_agency(name_vi="Bộ Một"), (END_2025, 6))
    for day in ("2026-13-45", "2030-01-01"):
        answer = office_client.get(reverse("road_map"), {"as_of": day})
        assert (answer.status_code, b"<svg viewBox" in answer.content) == (400, False)


def test_the_command_compares_plan_and_actual(target, run, capsys):
    agency = make_agency("bo-a")
    plan(target, agency, (END_2025, 6))
    call_command("road_map", "--json")
    (row,) = json.loads(capsys.readouterr().out)["agencies"]
    assert (row["agency"], row["behind"]) == ("bo-a", 6)
    call_command("road_map")
    assert "bo-a" in capsys.readouterr().out


# By audience ----------------------------------------------------------------------------


def test_a_plan_can_be_said_of_an_audience(target, run, office_client):
    make_audience("leaders", positions=["trưởng phòng"])
    agency, other = make_agency(name_vi="Bộ Một"), make_agency()
    steps = [AudienceStep("leaders", END_2025, 2), AudienceStep("leaders", END_2026, 5)]
    plan(target, agency, audience_steps=steps)
    plan(target, other)
    leader = make_trainee(agency, position="Trưởng phòng")
    for person in (leader, make_trainee(agency), make_trainee(other, position="Trưởng phòng")):
        make_completion(person, run, completed_on=dt.date(2025, 3, 11))
    (found,) = way_of(agency)["audiences"]
    assert (found["audience"], found["planned"], found["persons"]) == ("leaders", 2, 1)
    assert [step["persons"] for step in found["plan"]] == [2, 5]
    assert way_of(other)["audiences"] == []
    page = office_client.get(reverse("road_map")).content.decode()
    assert "Bộ Một: Nhóm" in page


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([("nobody", END_2025, 1)], "unknown_audience"),
        ([("leaders", END_2026, 1), ("leaders", END_2025, 2)], "steps_not_rising"),
        ([("leaders", END_2025, 2), ("leaders", END_2026, 1)], "steps_not_rising"),
        ([("leaders", END_2025, 21)], "steps_not_rising"),
        ([("leaders", dt.date(2031, 1, 1), 2)], "steps_not_rising"),
    ],
)
def test_steps_of_an_audience_rise_within_the_quota(target, steps, code):
    make_audience("leaders")
    with pytest.raises(TargetError) as refused:
        plan(target, make_agency(), audience_steps=[AudienceStep(*step) for step in steps])
    assert refused.value.code == code


def test_the_office_enters_steps_of_audiences_as_lines(target, office_client):
    make_audience("leaders")
    agency = make_agency()
    data = {"target": target.pk, "agency": agency.slug, "minimum": 12, "reason": "699"}
    sent = data | {"audience_steps": "leaders: 31/12/2025: 3\nleaders: 31/12/2026: 8"}
    assert office_client.post(reverse("new_quota"), sent).status_code == 302
    quota = Quota.objects.get()
    assert quota.audience_steps == [["leaders", "2025-12-31", 3], ["leaders", "2026-12-31", 8]]
    page = office_client.get(reverse("quota", args=[quota.pk])).content.decode()
    assert "leaders: 31/12/2026: 8" in page
    refused = office_client.post(reverse("new_quota"), data | {"audience_steps": "leaders 3"})
    assert refused.status_code == 400
