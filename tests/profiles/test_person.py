import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from certificates.models import Certificate
from common import clock
from courses.models import CourseRun
from people.errors import PeopleError
from people.models import Trainee, Transfer
from people.services.bulk import PersonData, amend, move, save_amended
from people.services.corrections import correct, transfer
from people.services.merges import merge
from tests.architecture.world import make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
NUMBER = "001080000123"


@pytest.fixture
def agency() -> Agency:
    return make_agency()


@pytest.fixture
def person(agency: Agency) -> Trainee:
    return make_trainee(agency, full_name="Lê Thị Hòa", personal_number=NUMBER, phone="0912345678")


def office() -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(user: User, person: Trainee) -> str:
    return signed_in(user).get(reverse("person", args=[person.code])).content.decode()


def send(user: User, route: str, person: Trainee, **values: str):
    return signed_in(user).post(reverse(route, args=[person.code]), values)


def filled(person: Trainee, **changed: str) -> dict[str, str]:
    return {
        "seen": person.edition,
        "full_name": person.full_name,
        "birth": person.birth_date.strftime("%d/%m/%Y") if person.birth_date else "",
        "phone": person.phone,
    } | changed


def complete(run: CourseRun, person: Trainee, number: int) -> Certificate:
    enrollment = make_enrollment(run, person, state="completed")
    return make_certificate(make_completion(person, run, enrollment=enrollment), number)


def test_the_number_is_masked_for_everybody(person: Trainee, agency: Agency) -> None:
    pages = [read(user, person) for user in (office(), make_coordinator(agency))]
    assert [NUMBER in page for page in pages] == [False, False]
    assert all("*********123" in page for page in pages)


def test_a_former_agency_sees_the_enrollments_that_it_sent_and_no_others(person, agency) -> None:
    before = complete(make_run(code="AI-CU"), person, 1)
    there = make_agency()
    transfer(by=PROGRAMME_OFFICE, trainee=person, agency=there, on=clock.today())
    later = complete(make_run(code="AI-MOI"), Trainee.objects.get(pk=person.pk), 2)
    page = read(make_coordinator(agency), person)
    assert ("AI-CU" in page, "AI-MOI" in page) == (True, False)
    assert (before.register_label in page, later.register_label in page) == (True, False)
    assert person.phone not in page
    assert "*********123" not in page


def test_a_former_agency_does_not_see_what_the_person_did_elsewhere(person, agency) -> None:
    make_enrollment(make_run(code="AI-CU"), person)
    there = make_agency()
    transfer(by=PROGRAMME_OFFICE, trainee=person, agency=there, on=clock.today())
    beside_the_name = f'{person.code}</span> · <span class="badge'

    def page_of(user) -> str:
        return " ".join(read(user, person).split())

    assert beside_the_name not in page_of(make_coordinator(agency))
    assert beside_the_name in page_of(make_coordinator(there))


def test_a_merge_names_the_survivor_to_nobody_who_may_not_see_them(person) -> None:
    here = make_agency()
    double = make_trainee(here)
    merge(by=PROGRAMME_OFFICE, survivor=person, absorbed=double)
    assert person.code not in read(make_coordinator(here), double)
    assert person.code in read(office(), double)


def test_a_correction_is_written_and_on_record_without_the_values(person, agency) -> None:
    values = filled(person, full_name="Lê Thị Hoà An", phone="")
    assert send(make_coordinator(agency), "correct_person", person, **values).status_code == 302
    person.refresh_from_db()
    assert (person.full_name, person.phone) == ("Lê Thị Hoà An", "")
    entry = AuditEntry.objects.get(action="person_corrected")
    assert entry.details == {"trainee": person.code, "fields": ["full_name", "phone"]}


def test_a_concurrent_correction_is_refused_and_overwrites_nothing(person, agency) -> None:
    values = filled(person, phone="0987654321")
    Trainee.objects.filter(pk=person.pk).update(position="Vụ trưởng")
    answer = send(make_coordinator(agency), "correct_person", person, **values)
    person.refresh_from_db()
    assert (answer.status_code, person.phone, person.position) == (409, "0912345678", "Vụ trưởng")
    assert "Vụ trưởng" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "  "),
        ("full_name", "x" * 101),
        ("full_name", "=cmd()"),
        ("birth", "31/02/1980"),
        ("birth", "2025"),
        ("phone", "12"),
        ("email", "no address"),
        ("personal_number", "123456789"),
        ("sex", "other"),
        ("seen", "x" * 33),
    ],
)
def test_what_cannot_be_is_refused_and_no_number_comes_back(person, agency, field, value) -> None:
    answer = send(
        make_coordinator(agency), "correct_person", person, **filled(person, **{field: value})
    )
    assert answer.status_code == 400
    assert "123456789" not in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_a_number_that_is_somebody_elses_is_refused(person: Trainee) -> None:
    other = make_trainee()
    with pytest.raises(PeopleError) as refused:
        correct(
            by=PROGRAMME_OFFICE,
            trainee=other,
            seen=other.edition,
            values={"personal_number": NUMBER},
        )
    assert refused.value.code == "number_taken"


def test_fields_that_no_form_offers_stay_as_they_are(person, agency) -> None:
    there = make_agency()
    values = filled(person, code="HV-AAAAAAAA", agency=there.slug, erased_at="2026-01-01")
    send(make_coordinator(agency), "correct_person", person, **values)
    code = person.code
    person.refresh_from_db()
    assert (person.code, person.agency, person.erased_at) == (code, agency, None)


def test_a_move_is_recorded_with_its_day_and_the_agency_before(person, agency) -> None:
    there, day = make_agency("bo-moi"), clock.today() - dt.timedelta(days=3)
    answer = send(office(), "transfer_person", person, agency=there.slug, on=day.isoformat())
    assert answer.status_code == 302
    moved = Transfer.objects.get()
    assert (moved.from_agency, moved.to_agency, moved.moved_on) == (agency, there, day)
    assert Trainee.objects.get().agency == there


@pytest.mark.parametrize(("days", "code"), [(1, "move_in_future"), (0, "same_agency")])
def test_a_move_that_cannot_be_is_refused(person, agency, days, code) -> None:
    there = make_agency() if days else agency
    with pytest.raises(PeopleError) as refused:
        transfer(
            by=PROGRAMME_OFFICE,
            trainee=person,
            agency=there,
            on=clock.today() + dt.timedelta(days=days),
        )
    assert refused.value.code == code


def test_a_roster_that_moves_somebody_leaves_the_move_on_record(person, agency) -> None:
    there = make_agency()
    changed = amend(person, PersonData(person.full_name)) | move(person, there)
    save_amended(by=PROGRAMME_OFFICE, amended=[(person, changed)])
    assert Transfer.objects.get().from_agency == agency
    assert AuditEntry.objects.get(action="people_updated").details["fields"] == ["agency"]


def test_a_number_is_shown_for_a_reason_that_goes_on_record(person, agency) -> None:
    answer = send(make_coordinator(agency), "reveal_number", person, reason="Lập quyết định cử")
    assert NUMBER in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(action="number_revealed")
    assert entry.details == {"trainee": person.code, "reason": "Lập quyết định cử"}


@pytest.mark.parametrize("reason", ["", "vì", f"kiểm tra {NUMBER}"])
def test_without_a_reason_no_number_is_shown(person, agency, reason) -> None:
    answer = send(make_coordinator(agency), "reveal_number", person, reason=reason)
    assert answer.status_code == 400
    assert not AuditEntry.objects.exists()


def test_an_auditor_is_shown_no_number(person: Trainee) -> None:
    auditor = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=auditor)
    answer = send(auditor, "reveal_number", person, reason="Kiểm tra hồ sơ")
    assert answer.status_code == 403
    assert 'popovertarget="reveal"' not in read(auditor, person)


def test_who_looks_at_too_many_numbers_is_stopped(person, agency) -> None:
    cache.clear()
    user = make_coordinator(agency)
    answers = [
        send(user, "reveal_number", person, reason="Lập quyết định cử").status_code
        for _try in range(31)
    ]
    assert answers == [200] * 30 + [429]


def test_a_merged_row_links_to_the_person_who_shows_its_enrollments(person, agency) -> None:
    double = make_trainee(agency)
    make_enrollment(make_run(code="AI-KEP"), double)
    merge(by=PROGRAMME_OFFICE, survivor=person, absorbed=double)
    user = make_coordinator(agency)
    assert person.code in read(user, double)
    assert "AI-KEP" in read(user, person)
