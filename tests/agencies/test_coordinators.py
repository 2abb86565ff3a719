import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.errors import AgencyError
from agencies.models import Agency
from agencies.services import appoint_coordinator, end_term, hand_over
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from common import clock
from people.models import Trainee
from tests.factories import make_agency, make_succession, make_trainee, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def seen_by(user: User, on: dt.date | None = None) -> set[str]:
    """The people visible to a user on a day."""
    with clock.set_to(clock.start_of_day(on or clock.today())):
        fresh = User.objects.get(pk=user.pk)
        return set(Trainee.objects.visible_to(fresh).values_list("full_name", flat=True))


def test_a_coordinator_sees_the_people_of_the_agency_and_its_departments():
    ministry = make_agency()
    office_of_it = make_agency(parent=make_agency(parent=ministry))
    make_trainee(ministry, full_name="Ở bộ"), make_trainee(office_of_it, full_name="Ở phòng")
    make_trainee(full_name="Nơi khác")
    term = appoint_coordinator(by=OFFICE, agency=ministry, email=make_user(email="a@x.vn").email)
    assert seen_by(term.user) == {"Ở bộ", "Ở phòng"}


def test_a_coordinator_of_a_department_does_not_see_the_ministry():
    ministry = make_agency()
    department = make_agency(parent=ministry)
    make_trainee(ministry, full_name="Ở bộ"), make_trainee(department, full_name="Ở phòng")
    term = appoint_coordinator(by=OFFICE, agency=department, email=make_user(email="a@x.vn").email)
    assert seen_by(term.user) == {"Ở phòng"}


def test_a_successors_coordinator_sees_what_was_merged_from_that_day_on():
    old, new = make_agency("bo-cu"), make_agency("bo-moi")
    make_trainee(old, full_name="Người cũ")
    merged_on = clock.today() + 10 * DAY
    term = appoint_coordinator(by=OFFICE, agency=new, email=make_user(email="a@x.vn").email)
    make_succession(old, new, on=merged_on, recorded_at=clock.now() - DAY)
    assert seen_by(term.user, merged_on - DAY) == set()
    assert seen_by(term.user, merged_on) == {"Người cũ"}


def test_the_old_coordinator_gains_nothing_by_a_merger():
    old, new = make_agency("bo-cu"), make_agency("bo-moi")
    make_trainee(old, full_name="Người cũ"), make_trainee(new, full_name="Người mới")
    term = appoint_coordinator(by=OFFICE, agency=old, email=make_user(email="a@x.vn").email)
    make_succession(old, new, on=clock.today())
    assert seen_by(term.user) == {"Người cũ"}


def test_a_term_has_a_first_and_a_last_day():
    agency, today = make_agency(), clock.today()
    make_trainee(agency, full_name="Lê An")
    term = appoint_coordinator(
        by=OFFICE, agency=agency, email=make_user(email="a@x.vn").email,
        since=today + DAY, until=today + 3 * DAY, is_deputy=True,
    )  # fmt: skip
    seen = [bool(seen_by(term.user, today + n * DAY)) for n in range(5)]
    assert seen == [False, True, True, True, False]


def test_a_handover_changes_hands_between_two_days():
    agency, on = make_agency(), clock.today() + 5 * DAY
    make_trainee(agency, full_name="Lê An")
    holder, successor = make_user(email="a@x.vn"), make_user(email="b@x.vn")
    term = appoint_coordinator(by=OFFICE, agency=agency, email=holder.email)
    hand_over(by=OFFICE, term=term, on=on, email=successor.email)
    seen = {
        day: (bool(seen_by(holder, day)), bool(seen_by(successor, day))) for day in (on - DAY, on)
    }
    assert seen == {on - DAY: (True, False), on: (False, True)}
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "coordinator_appointed", "coordinator_handed_over",
    ]  # fmt: skip


def test_somebody_without_an_account_is_invited():
    term = appoint_coordinator(by=OFFICE, agency=make_agency(), email="moi@x.vn", full_name="Lê An")
    assert term.user.has_role(Role.COORDINATOR)
    assert mail.outbox[0].to == ["moi@x.vn"]
    with pytest.raises(AgencyError) as refused:
        appoint_coordinator(by=OFFICE, agency=make_agency(), email="khac@x.vn")
    assert refused.value.code == "name_missing"


def test_a_term_cannot_end_before_it_begins():
    today, user = clock.today(), make_user(email="a@x.vn")
    with pytest.raises(AgencyError) as refused:
        appoint_coordinator(
            by=OFFICE, agency=make_agency(), email=user.email, since=today, until=today - DAY
        )
    assert refused.value.code == "term_ends_early"


def test_ending_a_term_ends_the_visibility():
    agency = make_agency()
    make_trainee(agency)
    term = appoint_coordinator(by=OFFICE, agency=agency, email=make_user(email="a@x.vn").email)
    end_term(by=OFFICE, term=term, on=clock.today() - DAY)
    assert seen_by(term.user) == set()


def test_the_office_appoints_and_hands_over_on_its_pages(client):
    office, agency = make_user(Role.PROGRAMME_OFFICE), make_agency("bo-a")
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    client.post(
        reverse("appoint_coordinator", args=["bo-a"]),
        {"email": "a@x.vn", "full_name": "Lê An", "since": "2026-01-01"},
    )
    term = Agency.objects.get(pk=agency.pk).coordinators.get()
    page = client.get(reverse("coordinators", args=["bo-a"])).content.decode()
    assert "Lê An" in page
    on = (clock.today() + DAY).isoformat()
    client.post(
        reverse("hand_over", args=["bo-a", term.pk]),
        {"on": on, "email": "b@x.vn", "full_name": "Vũ Bình"},
    )
    terms = {t.user.full_name: t.until for t in agency.coordinators.select_related("user")}
    assert terms == {"Lê An": clock.today(), "Vũ Bình": None}


def test_a_term_is_found_under_its_own_agency_alone(client):
    office, agency = make_user(Role.PROGRAMME_OFFICE), make_agency("bo-a")
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    make_agency("bo-b")
    term = appoint_coordinator(by=OFFICE, agency=agency, email="a@x.vn", full_name="Lê An")
    assert client.get(reverse("hand_over", args=["bo-b", term.pk])).status_code == 404
