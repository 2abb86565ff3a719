"""Planning a class on its pages: sessions, trainers, decisions."""

import datetime as dt

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from common import clock
from enrollment.errors import EnrollmentError
from enrollment.forms import DecisionForm, ScanForm
from enrollment.forms.enrollments import LetterForm
from enrollment.services.run_changes import cancel_session, reschedule_session
from notices.models import Notice
from tests.courses.test_catalogue import sent_back
from tests.factories import make_enrollment, make_run, make_trainee, make_trainer, make_user
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db
LATER = dt.date(2099, 3, 10)


@pytest.fixture
def run():
    return make_run(starts_on=LATER, ends_on=LATER + dt.timedelta(days=4))


@pytest.fixture
def trainer(client, run):
    user = make_trainer(run)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def error_as_message() -> int:
    return Notice.objects.count() + len(mail.outbox)


def test_one_session_is_moved_and_those_concerned_are_notified(trainer, run):
    make_enrollment(run, make_trainee(email="a@example.gov.vn"))
    path = f"/runs/{run.code}/sessions/1/"
    form = sent_back(trainer.get(path).content, begins="13:30", ends="17:00", topic="Mở đầu")
    assert trainer.post(path, form)["Location"] == f"/runs/{run.code}/planning/"
    session = run.sessions.get(number=1)
    assert session.starts_at.astimezone(clock.HANOI).hour == 13
    assert session.topic == "Mở đầu"
    assert error_as_message() == 2


def test_a_new_topic_alone_notifies_nobody(trainer, run):
    path = f"/runs/{run.code}/sessions/1/"
    trainer.post(path, sent_back(trainer.get(path).content, topic="Mở đầu"))
    assert run.sessions.get(number=1).topic == "Mở đầu"
    assert error_as_message() == 0


def test_moving_a_session_for_more_than_ten_needs_confirmation(trainer, run):
    for n in range(10):
        make_enrollment(run, make_trainee(email=f"a{n}@example.gov.vn"))
    path = f"/runs/{run.code}/sessions/1/"
    asked = trainer.post(path, sent_back(trainer.get(path).content, begins="07:30"))
    assert "11 people will be notified" in asked.content.decode()
    assert error_as_message() == 0
    assert trainer.post(path, sent_back(asked.content)).status_code == 302
    assert error_as_message() == 11


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends": "07:00"}, "cannot end before"),
        ({"day": "2099-03-20"}, "within the dates"),
        ({"day": "2099-03-11"}, "overlaps with session 2"),
        ({"day": ""}, "required"),
    ],
)
def test_an_invalid_session_is_refused_on_its_form(trainer, run, changes, sentence):
    path = f"/runs/{run.code}/sessions/1/"
    before = list(run.sessions.values())
    answer = trainer.post(path, sent_back(trainer.get(path).content, **changes))
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert list(run.sessions.values()) == before


def test_a_session_changed_meanwhile_is_not_overwritten(trainer, run):
    path = f"/runs/{run.code}/sessions/1/"
    opened = trainer.get(path).content
    session = run.sessions.get(number=1)
    reschedule_session(by=OFFICE, session=session, topic="Của người khác")
    assert trainer.post(path, sent_back(opened, topic="Của tôi")).status_code == 400
    assert run.sessions.get(number=1).topic == "Của người khác"


def test_a_session_is_added_and_removed_again(trainer, run):
    form = {"day": "2099-03-13", "begins": "08:00", "ends": "11:30"}
    assert trainer.post(f"/runs/{run.code}/sessions/new/", form).status_code == 302
    assert run.sessions.count() == 3
    trainer.post(f"/runs/{run.code}/planning/remove-session/", {"number": 3})
    assert run.sessions.count() == 2
    assert error_as_message() == 1


def test_removing_a_past_session_notifies_nobody():
    run = make_run()
    make_enrollment(run, make_trainee(email="a@example.gov.vn"))
    assert cancel_session(by=OFFICE, session=run.sessions.get(number=1)) == 0
    assert error_as_message() == 0


def test_a_refused_change_of_a_session_notifies_nobody(run):
    for n in range(11):
        make_enrollment(run, make_trainee(email=f"a{n}@example.gov.vn"))
    session = run.sessions.get(number=1)
    with pytest.raises(EnrollmentError, check=lambda error: error.code == "confirm_recipients"):
        reschedule_session(
            by=OFFICE, session=session, ends_at=session.ends_at + dt.timedelta(minutes=1)
        )
    assert run.sessions.get(number=1).ends_at == session.ends_at


def test_trainers_and_guests_come_and_go(trainer, run):
    other = make_trainer(make_run(), full_name="Đặng Thu Hiền")
    action = f"/runs/{run.code}/planning"
    trainer.post(f"{action}/trainer/", {"user": other.pk})
    trainer.post(f"{action}/trainer/", {"guest_name": "TS. Hoàng Minh Sơn"})
    assert run.trainers.count() == 3
    trainer.post(f"{action}/trainer/", {})
    assert run.trainers.count() == 3
    page = trainer.get(f"{action}/").content.decode()
    assert "Đặng Thu Hiền" in page
    trainer.post(f"{action}/remove-trainer/", {"trainer": run.trainers.get(user=other).pk})
    assert run.trainers.count() == 2


def test_the_office_records_a_decision_with_its_file_and_the_list_bears_its_issuer(client, run):
    office = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    form = {
        "number": "123/QĐ-HV",
        "dated": "2099-02-01",
        "parent_body": "Bộ Khoa học và Công nghệ",
        "issuing_body": "Học viện Chiến lược",
        "place": "Hà Nội",
        "signer_name": "Trần Quốc Hải",
        "file": SimpleUploadedFile("qd.pdf", b"%PDF-1.7"),
    }
    path = f"/runs/{run.code}/decisions/class_opening/"
    assert client.post(path, form).status_code == 302
    assert run.decisions.get().number == "123/QĐ-HV"
    assert b"".join(client.get(f"{path}file/").streaming_content) == b"%PDF-1.7"
    text = text_of(client.get(f"/runs/{run.code}/class-opening.pdf").content)
    assert "HỌC VIỆN CHIẾN LƯỢC" in text
    assert "Hà Nội, ngày 01 tháng 02 năm 2099" in text
    # The file stays where another one is not given.
    assert client.post(path, sent_back(client.get(path).content, place="Huế")).status_code == 302
    assert (run.decisions.get().place, bool(run.decisions.get().file)) == ("Huế", True)


@pytest.mark.parametrize("form", [ScanForm, DecisionForm, LetterForm])
@pytest.mark.parametrize(
    ("name", "size", "is_taken"),
    [
        ("qd.pdf", 8, True),
        ("QD.JPG", 8, True),
        ("evil.exe", 8, False),
        ("qd.pdf.html", 8, False),
        ("qd.pdf", 20 * 1024 * 1024 + 1, False),
    ],
)
def test_a_scan_is_a_pdf_or_picture_of_at_most_20_mb(form, name, size, is_taken):
    file = SimpleUploadedFile(name, b"%PDF-1.7")
    file.size = size
    assert ("file" not in form({}, {"file": file}).errors) == is_taken


def test_an_auditor_opens_the_file_of_a_decision_from_the_page_of_the_class(client, run):
    decision = run.decisions.create(kind="recognition", number="45/QĐ", dated=LATER)
    decision.file.save("qd.pdf", ContentFile(b"%PDF-1.7"))
    auditor = make_user("auditor")
    create_second_factor(by=SYSTEM, user=auditor)
    client.force_login(auditor)
    address = reverse("decision_file", args=[run.code, decision.kind])
    assert address in client.get(reverse("run", args=[run.code])).content.decode()
    assert client.get(address).status_code == 200
    client.force_login(make_user("trainee"))
    assert address not in client.get(reverse("run", args=[run.code])).content.decode()


def test_a_copy_with_a_code_that_no_address_can_contain_is_refused_with_a_message(trainer, run):
    form = {"code": "A/B", "starts_on": "2099-04-01"}
    page = trainer.post(f"/runs/{run.code}/planning/copy/", form, follow=True).content.decode()
    assert "slash" in page
