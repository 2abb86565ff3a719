"""Who belongs to an audience on a day, and who of it has not learnt yet what it should."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.choices import Role
from agencies.choices import AgencyKind
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from competencies.errors import CompetencyError
from competencies.matching import belongs, facts_by_person, members
from competencies.models import Audience, AudienceRule, Framework
from competencies.progress import by_agency, gaps_of, lacking, rule_in_force
from competencies.services.audiences import RuleContent, change_audience
from enrollment.choices import TraineeKind
from enrollment.models import Enrollment
from people.models import Merge, Trainee, Transfer
from tests.competencies.factories import make_audience, make_framework, need, teach
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with override("en"), clock.set_to(TODAY):
        yield


def named(rows: Any) -> set[int]:
    return set(rows.values_list("pk", flat=True))


def test_a_phrase_is_found_as_whole_words_without_accents_and_capitals():
    rule = make_audience(positions=["Trưởng phòng", "cục trưởng"])
    head = make_trainee(position="TRUONG PHONG Công nghệ")
    deputy = make_trainee(position="Phó Cục  trưởng")
    make_trainee(position="Trưởng phòngg")
    make_trainee(position="")
    assert named(members(rule, TODAY)) == {head.pk, deputy.pk}


def test_a_phrase_left_out_leaves_out():
    rule = make_audience(positions=["trưởng phòng"], positions_not=["phó trưởng phòng"])
    make_trainee(position="Phó Trưởng phòng")
    head = make_trainee(position="Trưởng phòng")
    assert named(members(rule, TODAY)) == {head.pk}


def test_whoever_belonged_to_another_agency_on_a_day_belonged_to_its_kind():
    ministry, province = make_agency(), make_agency(kind=AgencyKind.PROVINCE)
    rule = make_audience(agency_kinds=["province"])
    with clock.set_to(dt.date(2026, 1, 1)):
        person = make_trainee(province)
    Transfer.objects.create(
        trainee=person,
        from_agency=ministry,
        to_agency=province,
        moved_on=dt.date(2026, 3, 1),
        recorded_by="test",
    )
    assert named(members(rule, TODAY)) == {person.pk}
    assert named(members(rule, dt.date(2026, 3, 1))) == {person.pk}
    assert named(members(rule, dt.date(2026, 2, 28))) == set()
    assert named(members(rule, dt.date(2025, 12, 31))) == set()


def test_a_rule_is_in_force_from_its_day_and_never_changes():
    first = make_audience(positions=["chuyên viên"], first_day=dt.date(2026, 1, 1))
    change_audience(
        by=SYSTEM,
        audience=first.audience,
        title_vi="Chuyên viên",
        content=RuleContent(positions=["chuyên viên", "kế toán viên"]),
        first_day=dt.date(2026, 5, 1),
        reason="Mở rộng",
    )
    slug = first.audience.slug
    assert rule_in_force(slug, dt.date(2025, 12, 31)) is None
    assert rule_in_force(slug, dt.date(2026, 4, 30)) == first
    now = rule_in_force(slug, TODAY)
    assert now
    assert now.positions == ["chuyên viên", "kế toán viên"]
    with pytest.raises(DatabaseError), transaction.atomic():
        AudienceRule.objects.update(positions=[])
    assert AuditEntry.objects.latest("pk").details["reason"] == "Mở rộng"


def test_what_is_saved_unchanged_makes_no_rule():
    rule = make_audience(positions=["chuyên viên"])
    change_audience(
        by=SYSTEM,
        audience=rule.audience,
        title_vi="Tên khác",
        content=RuleContent(positions=["chuyên viên"]),
    )
    assert AudienceRule.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        {"positions": ["!"]},
        {"positions": ["a" * 101]},
        {"units": [f"phòng {n}" for n in range(51)]},
        {"agency_kinds": ["kingdom"]},
        {"trainee_kinds": ["wizard"]},
    ],
)
def test_a_rule_that_no_one_could_read_is_refused(content):
    with pytest.raises(CompetencyError):
        make_audience(**content)
    assert not Audience.objects.exists()


def test_two_audiences_cannot_share_a_short_name():
    make_audience(slug="leaders")
    with pytest.raises(CompetencyError, match="leaders"):
        make_audience(slug="leaders")


# Who is not yet trained -----------------------------------------------------------------


def test_a_completion_counts_for_the_competency_that_the_course_taught_on_its_day():
    course = make_course()
    teach(course, level=2, first_day=dt.date(2026, 3, 1))
    rule = make_audience(competencies=need("A1", 2))
    early, late = make_trainee(), make_trainee()
    make_completion(early, make_run(course), completed_on=dt.date(2026, 2, 28))
    make_completion(late, make_run(course), completed_on=dt.date(2026, 3, 1))
    assert named(lacking(rule, TODAY)) == {early.pk}
    assert named(lacking(rule, dt.date(2026, 2, 1), Trainee.objects.all())) == set()


def test_a_lower_level_does_not_do_and_a_higher_one_does():
    low, high = make_course(), make_course()
    teach(low, level=1)
    teach(high, level=3)
    rule = make_audience(competencies=need("A1", 2))
    one, other = make_trainee(), make_trainee()
    make_completion(one, make_run(low))
    make_completion(other, make_run(high))
    assert named(lacking(rule, TODAY)) == {one.pk}
    assert str(gaps_of([one.pk])[one.pk][0]) == "Nhóm: A1 Using assistants, level 2 – Intermediate"


def test_a_competency_counts_under_the_next_version_of_its_framework():
    course = make_course()
    teach(course)
    person = make_trainee()
    make_completion(person, make_run(course))
    make_framework()
    assert Framework.objects.in_force().get().version == 2
    rule = make_audience(competencies=need("A1", 2))
    assert named(lacking(rule, TODAY)) == set()


def test_without_requirements_any_completed_course_is_enough():
    rule = make_audience()
    trained, voided, other = make_trainee(), make_trainee(), make_trainee()
    make_completion(trained)
    make_completion(voided, voided_at=clock.now(), void_reason="Nhầm")
    assert named(lacking(rule, TODAY)) == {voided.pk, other.pk}


def test_what_a_merged_row_completed_counts_for_the_person():
    rule = make_audience()
    person, double = make_trainee(), make_trainee()
    make_completion(double)
    merge = Merge.objects.create(survivor=person, absorbed=double, recorded_by="test")
    assert named(members(rule, TODAY)) == {person.pk}
    assert named(lacking(rule, TODAY)) == set()
    assert gaps_of([person.pk]) == {}
    merge.undone_at = clock.now()
    merge.save()
    with clock.set_to(TODAY + dt.timedelta(days=1)):
        assert named(lacking(rule, clock.today())) == {person.pk}


def test_a_coordinator_sees_the_people_of_the_own_agency_alone(client):
    own, other = make_agency(name_vi="Bộ Một"), make_agency(name_vi="Bộ Hai")
    rule = make_audience(positions=["chuyên viên"])
    make_trainee(own, position="Chuyên viên", full_name="Nguyễn Văn Của Mình")
    make_trainee(other, position="Chuyên viên", full_name="Trần Thị Người Khác")
    client.force_login(make_coordinator(own))
    page = client.get(reverse("audience", args=[rule.audience.slug])).content.decode()
    assert "Bộ Một" in page
    assert "Bộ Hai" not in page
    people = client.get(reverse("people"), {"untrained": rule.audience.slug}).content.decode()
    assert "Nguyễn Văn Của Mình" in people
    assert "Trần Thị Người Khác" not in people


def test_the_list_of_names_and_its_file_hold_those_who_are_not_yet_trained(client):
    agency = make_agency()
    rule = make_audience(courses=[course := make_course("K-9")])
    make_completion(make_trainee(agency, full_name="Đã Học"), make_run(course))
    make_trainee(agency, full_name="Chưa Học")
    client.force_login(make_coordinator(agency))
    wanted = {"untrained": rule.audience.slug, "form": "csv"}
    fields = {"columns": ["full_name", "still_to_learn"]}
    answer = client.post(reverse("export_people"), wanted | fields)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "Chưa Học" in text
    assert "Nhóm: K-9" in text
    assert "Đã Học" not in text


@pytest.mark.parametrize("route", ["people", "training_matrix"])
def test_who_narrows_the_list_of_an_audience_further_stays_in_the_audience(client, route):
    agency, rule = make_agency(), make_audience()
    make_trainee(agency, full_name="Nguyễn Văn An")
    client.force_login(make_coordinator(agency))
    page = client.get(reverse(route), {"untrained": rule.audience.slug}).content.decode()
    form = page.partition('<form class="filter-bar"')[2].partition("</form>")[0]
    assert f'name="untrained" value="{rule.audience.slug}"' in form


def test_an_audience_nobody_knows_narrows_to_nobody(client):
    agency = make_agency()
    make_trainee(agency, full_name="Nguyễn Văn An")
    client.force_login(make_coordinator(agency))
    assert "Văn An" not in client.get(reverse("people"), {"untrained": "x"}).content.decode()


def test_a_trainee_may_not_read_audiences(client):
    rule = make_audience()
    client.force_login(make_user(Role.TRAINEE))
    assert client.get(reverse("audience", args=[rule.audience.slug])).status_code == 403


# Membership against a slow definition ---------------------------------------------------

POSITIONS = ["Chuyên viên", "chuyen vien chính", "Trưởng phòng", "Phó Trưởng phòng", "", "Kế toán"]
PHRASES = ["chuyên viên", "trưởng phòng", "phó trưởng phòng", "ke toan"]
UNITS = ["Phòng Tổ chức", "Văn phòng", ""]
DAYS = [dt.date(2026, 2, 1), dt.date(2026, 4, 1), TODAY]


def plain(text: str) -> str:
    marks = str.maketrans("ưởòêêếáíổứắ", "uooeeeaioua")
    return " ".join(text.lower().replace("ưở", "uo").translate(marks).split())


def slow_phrases(text: str, phrases: list[str]) -> bool:
    words = plain(text).split()
    for phrase in phrases:
        wanted = plain(phrase).split()
        starts = range(len(words) - len(wanted) + 1)
        if any(words[at : at + len(wanted)] == wanted for at in starts):
            return True
    return False


def slow_belongs(rule: AudienceRule, person: Trainee, day: dt.date) -> bool:
    """Row by row, by the sentences of ``AudienceRule`` and ``with_facts``."""
    if person.recorded_at > clock.end_of_day(day) and day < TODAY:
        return False
    agency, position, unit, kind = person.agency, person.position, person.unit, ""
    for move in sorted(person.transfers.all(), key=lambda one: one.moved_on, reverse=True):
        if move.moved_on > day:
            agency = move.from_agency
    for one in person.enrollments.order_by("recorded_at", "pk"):
        if one.recorded_at > clock.end_of_day(day):
            continue
        kind = one.trainee_kind or kind
        if day < TODAY:
            position, unit = one.position or position, one.unit or unit
    return (
        (not rule.positions or slow_phrases(position, rule.positions))
        and not slow_phrases(position, rule.positions_not)
        and (not rule.units or slow_phrases(unit, rule.units))
        and (not rule.agency_kinds or agency.kind in rule.agency_kinds)
        and (not rule.trainee_kinds or kind in rule.trainee_kinds)
    )


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


CONTENTS = st.fixed_dictionaries(
    {
        "positions": some(PHRASES),
        "positions_not": some(PHRASES),
        "units": some(["văn phòng", "tổ chức"]),
        "agency_kinds": some(["ministry", "province"]),
        "trainee_kinds": some(TraineeKind.values),
    }
)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(POSITIONS),
        st.sampled_from(UNITS),
        st.booleans(),  # works for the province
        st.sampled_from([None, *DAYS]),  # moved there, or back, on
        st.sampled_from([None, *DAYS]),  # enrolled on, with
        st.sampled_from(POSITIONS),
        st.sampled_from(["", *TraineeKind.values]),
    ),
    min_size=1,
    max_size=5,
)


class Membership(TestCase):
    @given(PEOPLE, CONTENTS, st.sampled_from(DAYS))
    # A slow machine is no fault of what is drawn.
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_membership_equals_a_slow_look_at_each_person(self, people, content, day):
        with clock.set_to(TODAY):
            agencies = [make_agency(kind=AgencyKind.MINISTRY), make_agency(kind="province")]
            for person in people:
                self.enter(person, agencies)
            rule = make_audience(first_day=DAYS[0], **content)
            found = named(members(rule, day))
            rows = Trainee.objects.all()
            assert found == {row.pk for row in rows if slow_belongs(rule, row, day)}
            facts = facts_by_person([row.pk for row in rows], TODAY)
            today = {pk for pk, known in facts.items() if belongs(rule, known)}
            assert today == named(members(rule, TODAY))
            parts = by_agency(rule, day)
            assert sum(part.members for part in parts) == len(found)

    def enter(self, person, agencies):
        position, unit, in_province, moved, enrolled, then, kind = person
        with clock.set_to(dt.date(2026, 1, 5)):
            trainee = make_trainee(agencies[in_province], position=position, unit=unit)
            run = make_run()
        if moved:
            Transfer.objects.create(
                trainee=trainee,
                from_agency=agencies[not in_province],
                to_agency=agencies[in_province],
                moved_on=moved,
                recorded_by="test",
            )
        if enrolled:
            row = make_enrollment(run, trainee, position=then, trainee_kind=kind)
            moment = clock.start_of_day(enrolled) + dt.timedelta(hours=9)
            Enrollment.objects.filter(pk=row.pk).update(recorded_at=moment)
