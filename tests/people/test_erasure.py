import datetime as dt
import json

import pytest
from django.apps import apps
from django.core.mail import send_mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services.seals import seal_pending
from audit.services.verification import verify
from certificates.models import Certificate
from certificates.services.holders import confirm_name
from certificates.services.verification import verify_file
from common import clock
from common.personal_data import personal_data_handlers
from counting.counter import counted
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from enrollment.services.enrollments import Nominee, nominate
from notices.models import Notice
from people.models import Erasure, Trainee
from people.services.bulk import PersonData, enter_people
from people.services.data_requests import ask
from people.services.merges import merge
from people.services.privacy import begin_erasure, carry_on, erase_in, subject_of
from rosters.importing.layouts.headings import heading_key
from rosters.models import RosterImport
from tests.factories import make_run, make_user
from tests.people import dumping

NAME, NUMBER, EMAIL = "Tôn Nữ Hỷ Khương", "001185004321", "khuong@example.gov.vn"
ROSTER = (
    "STT,Họ và tên,Ngày sinh,Số CCCD,Email,Chức vụ\n"
    f"1,{NAME},12/03/1985,{NUMBER},{EMAIL},Chuyên viên Vụ Khương\n"
    "2,Lê Thị Hòa,01/02/1980,001180000123,hoa@example.gov.vn,Chuyên viên\n"
)


@pytest.fixture
def run(certified_by_roster):
    """A class whose person came by a roster, completed and got a certificate."""
    return certified_by_roster("roster.csv", ROSTER.encode("utf-8-sig"))


@pytest.fixture
def person(run, settings) -> Trainee:
    """The person with an account, a confirmed name, a request, and mail to and about them."""
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    found = Trainee.objects.get(full_name=NAME)
    found.user = make_user(Role.TRAINEE, email=EMAIL, full_name=NAME)
    found.save()
    confirm_name(by=found.user.as_actor(), trainee=found)
    ask(by=found.user.as_actor(), trainee=found, kind="erase", text=f"Tôi là {NAME}")
    send_mail("Xin chào", f"Ông/bà {NAME}", None, [EMAIL])
    send_mail("Danh sách", f"Người mới: {NAME}", None, ["hr@example.gov.vn"])
    return found


def test_headings_mapped_by_agencies_do_not_name_the_person(person):
    agency = Agency.objects.get(slug="min-bca")
    for said in (NAME, EMAIL, "Chức danh nghề nghiệp"):
        agency.heading_mappings.create(heading_key=heading_key(said), field="remarks")
    erased(person)
    assert [told.heading_key for told in agency.heading_mappings.all()] == ["chuc danh nghe nghiep"]


def erased(person: Trainee) -> Erasure:
    return carry_on(begin_erasure(by=OFFICE, trainee=person), by=OFFICE)


@pytest.mark.both_engines
def test_after_an_erasure_name_and_number_are_stored_nowhere(person, settings):
    kept = dumping.database() + dumping.media(settings.MEDIA_ROOT)
    assert NAME in kept
    assert EMAIL in kept
    assert Notice.objects.exclude(kind="job").count() == 2
    erased(person)
    assert Notice.objects.exclude(kind="job").count() == 1
    kept = dumping.database() + dumping.media(settings.MEDIA_ROOT)
    said = (NAME, NUMBER, EMAIL, NAME.encode().decode("latin-1"), "Vụ Khương", "1985-03-12")
    assert [one for one in said if one in kept] == []


def test_nothing_that_rests_encrypted_names_the_person(person):
    erased(person)
    assert NAME not in _decrypted()


def _decrypted() -> str:
    """The encrypted values of all tables, decrypted."""
    opened = []
    for model in apps.get_models():
        names = [f.name for f in model._meta.concrete_fields if "Encrypted" in type(f).__name__]
        rows = model._default_manager.values_list(*names) if names else ()
        opened += [json.dumps(row, ensure_ascii=False, default=str) for row in rows]
    return "\n".join(opened)


def test_the_number_does_not_change(person):
    before = counted()
    erased(person)
    after = counted()
    assert (after.persons, after.completions, after.by_sector) == (
        before.persons, before.completions, before.by_sector,
    )  # fmt: skip
    assert after.persons == 2


def test_the_register_entry_still_answers_and_the_bearers_copy_is_proved(person, client):
    certificate = Certificate.objects.get(completion__trainee=person)
    with certificate.file.open("rb") as file:
        copy = file.read()
    erased(person)
    page = client.get(reverse("verify_code", args=[certificate.verification_code]))
    assert page.status_code == 200
    assert certificate.register_label in page.content.decode()
    assert NAME not in page.content.decode()
    found = verify_file(copy)
    assert (str(found.state), found.certificate) == ("valid", certificate)


def test_others_keep_their_names_and_files(person):
    erased(person)
    other = Trainee.objects.get(full_name="Lê Thị Hòa")
    assert other.personal_number == "001180000123"
    assert Certificate.objects.get(completion__trainee=other).file


def test_the_audit_log_stays_intact(person):
    erased(person)
    seal_pending()
    assert verify().broken_at is None


def test_the_account_is_closed(person):
    client = Client()
    client.force_login(person.user)
    erased(person)
    assert client.get(reverse("my")).status_code == 302
    person.user.refresh_from_db()
    assert (person.user.is_active, person.user.full_name) == (False, "")


def test_an_officer_keeps_the_account_of_the_office(person):
    person.user.role_grants.create(role=Role.TRAINER)
    erased(person)
    person.user.refresh_from_db()
    assert person.user.is_active
    assert not Trainee.objects.filter(user=person.user).exists()


def test_a_stopped_erasure_goes_on_where_it_was(person):
    erasure = begin_erasure(by=OFFICE, trainee=person)
    erase_in(by=OFFICE, erasure=erasure, app="certificates")
    assert NAME in dumping.database()
    done = carry_on(Erasure.objects.get(), by=OFFICE)
    assert NAME not in dumping.database()
    assert (done.subject, len(done.done)) == (None, len(set(done.done)))


def test_an_erasure_is_done_once(person):
    done = erased(person)
    assert erase_in(by=OFFICE, erasure=done, app="people").done == done.done


def test_every_row_of_a_merged_person_is_erased(person):
    (double,) = enter_people(
        by=OFFICE, agency=person.agency, people=[PersonData(NAME, phone="0912345678")]
    )
    merge(by=OFFICE, survivor=person, absorbed=double, reason=f"{NAME}, hai lần")
    erased(double)
    assert NAME not in dumping.database()
    assert "0912345678" not in dumping.database()


def test_an_erasure_withdraws_enrollments_in_coming_classes(person):
    ahead = make_run(
        starts_on=clock.today() + dt.timedelta(days=9),
        ends_on=clock.today() + dt.timedelta(days=10),
        state="open",
    )
    nominate(by=OFFICE, run=ahead, sending_agency=person.agency, nominees=[Nominee(person.pk)])
    erased(person)
    assert Enrollment.objects.get(run=ahead).state == EnrollmentState.WITHDRAWN
    assert Completion.objects.filter(trainee=person).count() == 1


def test_a_roster_sent_again_enters_a_new_person(person):
    erased(person)
    assert not RosterImport.objects.exclude(content=b"").exists()
    assert Trainee.objects.get(pk=person.pk).personal_number_digest is None


def test_a_certificate_is_emptied_in_no_other_way(person):
    certificates = Certificate.objects.filter(completion__trainee=person)
    with pytest.raises(DatabaseError), transaction.atomic():
        certificates.update(printed={})
    with pytest.raises(DatabaseError), transaction.atomic():
        certificates.update(printed={}, erased_at=None)
    certificates.update(printed={}, credential=None, erased_at=clock.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        certificates.update(printed={"full_name": "Ai khác"}, erased_at=clock.now())


def test_every_app_with_personal_data_registers_its_erasure():
    apps = {name for name, handler in personal_data_handlers if handler.erase}
    assert apps == {
        "accounts", "certificates", "courses", "enrollments", "evaluations", "jobs", "learning",
        "notices", "people", "retention", "rosters",
    }  # fmt: skip


def test_the_subject_of_an_erasure_travels_as_it_is(person):
    subject = subject_of(person)
    assert type(subject).from_json(json.loads(json.dumps(subject.to_json()))) == subject
