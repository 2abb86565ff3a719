"""What people, and the agency that sent them, are told about an enrollment."""

import datetime as dt

import pytest
from django.core import mail

from audit.services import SYSTEM
from common import clock
from courses.choices import ApprovalPolicy
from enrollment import message_kinds as kinds
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services import enrollments as services
from enrollment.services.announcements import announce, remind
from enrollment.services.enrollments import Nominee, nominate
from enrollment.services.run_changes import cancel_run
from notices.models import Notice
from notices.services import texts
from notices.services.layout import laid_out
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

BEFORE = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    with clock.set_to(BEFORE):
        yield


@pytest.fixture
def agency():
    return make_agency("bo-mau", name_vi="Bộ Mẫu", name_en="Sample Ministry")


def person(agency, number: int = 1, **fields):
    address = f"person{number}@example.gov.vn"
    return make_trainee(agency, **({"email": address, "full_name": "Lê Thị Hoa"} | fields))


def send(run, agency, *people):
    nominees = [Nominee(one.pk) for one in people]
    return nominate(by=SYSTEM, run=run, sending_agency=agency, nominees=nominees)


def told(address: str = "person1@example.gov.vn") -> list[str]:
    """The kinds of messages to an address since the last look, oldest first."""
    announce()
    notices = Notice.objects.filter(recipient=address).order_by("id")
    found = list(notices.values_list("kind", flat=True))
    notices.delete()
    return found


def run_of(approval: str = ApprovalPolicy.NONE, **fields):
    return make_run(make_course(approval=approval, title_vi="Khóa Mẫu"), **fields)


@pytest.mark.both_engines
def test_whoever_gets_a_seat_is_told_once(agency):
    send(run_of(code="LOP-1"), agency, person(agency))
    assert announce() == 1
    assert announce() == 0
    notice = Notice.objects.get()
    assert notice.kind == kinds.ENROLLED.name
    assert "LOP-1" in notice.subject
    assert "Lê Thị Hoa" in notice.body
    assert "10/03/2026" in notice.body


def test_a_message_has_text_and_html_with_a_link_to_the_site(agency, settings):
    settings.SITE_URL = "https://699.example.gov.vn"
    send(run_of(), agency, person(agency))
    announce()
    mail = laid_out(Notice.objects.get())
    assert "https://699.example.gov.vn/my/" in mail.body
    assert '<a href="https://699.example.gov.vn/my/"' in str(mail.alternatives[0][0])


def test_a_name_is_no_markup_and_no_placeholder_of_a_message(agency):
    send(run_of(), agency, person(agency, full_name="Lê <b>{reason}</b> Hoa"))
    announce()
    mail = laid_out(Notice.objects.get())
    assert "Lê <b>{reason}</b> Hoa" in mail.body
    assert "<b>" not in str(mail.alternatives[0][0])


def test_whoever_waits_is_told_the_place_on_the_list_and_of_the_seat_later(agency):
    run = run_of(capacity=1)
    send(run, agency, person(agency, 2), person(agency, 3), person(agency))
    announce()
    notice = Notice.objects.get(recipient="person1@example.gov.vn")
    assert (notice.kind, "số 2" in notice.body) == (kinds.WAITLISTED.name, True)
    notice.delete()
    for number in (2, 3):
        enrollment = Enrollment.objects.get(trainee__email=f"person{number}@example.gov.vn")
        services.withdraw(by=SYSTEM, enrollment=enrollment, reason="Bận công tác")
    assert told() == [kinds.PROMOTED.name]


@pytest.mark.both_engines
def test_nominated_approved_and_refused_people_are_told_each_with_the_reason(agency):
    run = run_of(ApprovalPolicy.OFFICE)
    first, second = person(agency), person(agency, 2)
    send(run, agency, first, second)
    assert told() == [kinds.NOMINATED.name]
    services.approve(by=SYSTEM, enrollment=first.enrollments.get())
    services.reject(by=SYSTEM, enrollment=second.enrollments.get(), reason="Đã học khóa này")
    assert told() == [kinds.ENROLLED.name]
    refusal = Notice.objects.filter(recipient="person2@example.gov.vn").latest("id")
    assert (refusal.kind, "Đã học khóa này" in refusal.body) == (kinds.REJECTED.name, True)


def test_a_line_about_a_reason_is_left_out_where_none_was_given(agency):
    run, someone = run_of(), person(agency)
    send(run, agency, someone)
    told()
    services.withdraw(by=SYSTEM, enrollment=someone.enrollments.get())
    announce()
    notice = Notice.objects.get()
    assert notice.kind == kinds.WITHDRAWN.name
    assert "Lý do" not in notice.body


def test_whoever_is_replaced_is_told_so_and_the_colleague_has_a_seat(agency):
    run, someone, colleague = run_of(), person(agency), person(agency, 2)
    send(run, agency, someone)
    told()
    services.replace_nominee(
        by=SYSTEM, enrollment=someone.enrollments.get(), trainee=colleague, reason="Nghỉ ốm"
    )
    assert told() == [kinds.REPLACED.name]
    assert told("person2@example.gov.vn") == [kinds.ENROLLED.name]


def test_several_changes_before_the_round_make_one_message(agency):
    run, someone = run_of(ApprovalPolicy.OFFICE), person(agency)
    send(run, agency, someone)
    services.approve(by=SYSTEM, enrollment=someone.enrollments.get())
    assert told() == [kinds.ENROLLED.name]


def test_what_came_and_went_before_the_round_is_not_told(agency):
    run, someone = run_of(), person(agency)
    send(run, agency, someone)
    services.withdraw(by=SYSTEM, enrollment=someone.enrollments.get())
    assert told() == []


def test_a_cancelled_class_tells_its_people_itself_and_only_once(agency):
    run = run_of()
    send(run, agency, person(agency))
    told()
    cancel_run(by=SYSTEM, run=run, reason="Bão", agreed_recipients=1)
    announce()
    assert Notice.objects.filter(recipient="person1@example.gov.vn").count() == 1


def test_people_of_a_class_that_is_over_are_told_nothing(agency):
    with clock.set_to(dt.date(2026, 5, 1)):
        send(run_of(), agency, person(agency))
        assert told() == []
        assert not Enrollment.objects.unannounced().exists()


@pytest.mark.parametrize(
    ("before", "days_after", "messages"),
    [("enrolled", 5, 1), ("", 5, 0), ("enrolled", 120, 0)],
)
def test_a_result_is_told_unless_it_comes_from_paper_or_long_after(
    agency, before, days_after, messages
):
    run, someone = run_of(), person(agency)
    with clock.set_to(run.ends_on + dt.timedelta(days=days_after)):
        Enrollment.objects.create(
            run=run,
            trainee=someone,
            sending_agency=agency,
            state=EnrollmentState.COMPLETED,
            announced_state=before,
        )
        assert told() == [kinds.COMPLETED.name] * messages


def test_the_coordinator_reads_the_changes_of_a_class_in_one_message(agency):
    make_coordinator(agency, email="hr@example.gov.vn", language="en")
    people = [person(agency, number, full_name=f"Trần Văn {number}") for number in range(40)]
    send(run_of(capacity=30, code="LOP-2"), agency, *people)
    announce()
    notice = Notice.objects.get(recipient="hr@example.gov.vn")
    assert "LOP-2" in notice.subject
    assert "- Trần Văn 0: Enrolled with a seat" in notice.body
    assert "… +10" in notice.body
    assert "/runs/LOP-2/" in notice.body


def test_an_agency_reads_no_name_of_a_person_who_works_elsewhere(agency):
    make_coordinator(agency, email="hr@example.gov.vn")
    stranger = person(make_agency(), full_name="Phạm Thị Kín")
    send(run_of(), agency, stranger)
    announce()
    notice = Notice.objects.get(recipient="hr@example.gov.vn")
    assert "Kín" not in notice.body + notice.html_body
    assert stranger.code in notice.body


def test_everybody_reads_their_own_language(agency):
    someone = person(agency, user=make_user(email="en@example.gov.vn", language="en"))
    send(run_of(code="LOP-3"), agency, someone)
    announce()
    notice = Notice.objects.get()
    assert (notice.language, notice.subject) == ("en", "You have a seat in class LOP-3")


def test_people_without_an_address_hold_nobody_up(agency):
    send(run_of(), agency, person(agency, email=""), person(agency, 2))
    assert announce() == 1
    assert not Enrollment.objects.unannounced().exists()


def test_a_round_that_fails_tells_everybody_in_the_next(agency, monkeypatch):
    send(run_of(), agency, person(agency))

    def fall(*_args):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("notices.backends.OutboxBackend.send_messages", fall)
        with pytest.raises(RuntimeError):
            announce()
    assert announce() == 1


@pytest.mark.both_engines
def test_whoever_has_a_seat_is_reminded_once_with_the_sessions(agency):
    run = run_of(capacity=1)
    send(run, agency, person(agency), person(agency, 2))
    told(), told("person2@example.gov.vn")
    assert remind() == 0  # nine days before
    with clock.set_to(dt.date(2026, 3, 8)):
        assert (remind(), remind()) == (1, 0)
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient) == (kinds.REMINDER.name, "person1@example.gov.vn")
    assert "- 10/03/2026, 08:00" in notice.body


def test_the_office_text_is_used_instead_of_the_original(agency):
    texts.change_text(
        by=SYSTEM,
        kind=kinds.ENROLLED,
        language="vi",
        subject="Mời dự lớp {class_code}",
        body="Kính gửi {full_name}!",
    )
    send(run_of(code="LOP-4"), agency, person(agency))
    announce()
    notice = Notice.objects.get()
    assert notice.subject == "Mời dự lớp LOP-4"
    assert notice.body.startswith("Kính gửi Lê Thị Hoa!")
    assert mail.outbox == []
