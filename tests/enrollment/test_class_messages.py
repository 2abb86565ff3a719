"""Messages to a class: who may write to whom, each recipient once, and what is on record."""

import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.choices import Role
from accounts.models import NO_MAILBOX
from audit.services import PROGRAMME_OFFICE
from common.errors import DomainError
from courses.models import Material
from enrollment.choices import EnrollmentState
from enrollment.models import ClassMessage, ClassMessageFile, Enrollment
from enrollment.services import class_messages
from enrollment.services.class_messages import Draft, send_class_message
from notices.models import Notice
from notices.services.delivery import deliver_pending
from people.models import Letter
from people.services.merges import merge
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)
from tests.mail_server import mail_server, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(code="LOP-1")


@pytest.fixture
def trainer(run):
    return make_trainer(run, full_name="Trần Văn Bình", email="binh@example.gov.vn")


def person(run, number=1, **fields):
    state = fields.pop("state", EnrollmentState.ENROLLED)
    values = {"email": f"p{number}@example.gov.vn", "full_name": f"Lê Thị Hoa {number}"}
    trainee = make_trainee(fields.pop("agency", None), **(values | fields))
    return make_enrollment(run, trainee, state=state)


def send(run, sender, *, to=None, agreed=None, key=None, **draft):
    values = {"subject": "Tài liệu buổi 1", "body": "Xin đọc trước."} | draft
    enrollments = Enrollment.objects.filter(run=run) if to is None else to
    if agreed is None:
        agreed = len(class_messages.reached(enrollments.filter(run=run).messageable_by(sender)))
    return send_class_message(
        by=sender.as_actor(),
        sender=sender,
        run=run,
        enrollments=enrollments,
        draft=Draft(**values),
        agreed_recipients=agreed,
        key=key or uuid.uuid4(),
    )


def material(run, title="Bài 1", size=20, suffix="pdf"):
    return Material.objects.create(
        run=run, title=title, file=ContentFile(b"x" * size, name=f"stored.{suffix}")
    )


@pytest.mark.both_engines
def test_everybody_gets_a_mail_of_their_own_that_names_nobody_else(run, trainer, settings):
    person(run, 1), person(run, 2)
    with mail_server(settings) as server:
        send(run, trainer, body="Chào {full_name}, lớp {class_code}.")
        deliver_pending()
    first, second = server.messages
    assert (first["To"], second["To"]) == ("p1@example.gov.vn", "p2@example.gov.vn")
    assert all(b"p2@example" not in raw for raw in server.raw[:1])
    assert "Chào Lê Thị Hoa 1, lớp LOP-1." in text_of(first)
    assert not any(first[name] for name in ("Cc", "Bcc", "Reply-To"))
    assert first["Subject"] == "Lớp LOP-1: Tài liệu buổi 1"
    assert first["References"] == second["References"] == f"<{run.mail_thread}@699.example.gov.vn>"


@pytest.mark.both_engines
def test_the_same_page_sent_twice_writes_once(run, trainer):
    person(run)
    key = uuid.uuid4()
    first, second = send(run, trainer, key=key), send(run, trainer, key=key)
    assert first == second
    assert Notice.objects.count() == 1


@pytest.mark.both_engines
def test_one_message_of_a_key_even_past_the_service(run, trainer):
    person(run)
    message = send(run, trainer)
    message.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


@pytest.mark.both_engines
def test_a_message_that_was_killed_half_way_leaves_nothing_and_is_sent_by_the_next_try(
    run, trainer, monkeypatch
):
    person(run, 1), person(run, 2, email="")
    key = uuid.uuid4()
    with monkeypatch.context() as killed:
        killed.setattr(class_messages, "ClassMessageRecipient", _Killed)
        with pytest.raises(KeyboardInterrupt):
            send(run, trainer, key=key)
    assert not any(model.objects.exists() for model in (Notice, Letter, ClassMessage))
    message = send(run, trainer, key=key)
    assert message.recipients.count() == 2
    assert (Notice.objects.count(), Letter.objects.count()) == (1, 1)


class _Killed:
    objects = ClassMessage.objects

    def __init__(self, **values):
        raise KeyboardInterrupt


def test_whoever_has_no_address_gets_a_letter_with_the_same_text(run, trainer):
    person(run, 1, email="")
    message = send(run, trainer)
    letter = Letter.objects.get()
    assert "Xin đọc trước." in letter.body
    assert message.recipients.get().letter == letter
    assert message.people == 1


def test_an_account_without_a_mailbox_is_notified_in_the_product_and_written_a_letter(run, trainer):
    user = make_user(Role.TRAINEE, email=f"hv-1{NO_MAILBOX}")
    person(run, 1, email="", user=user)
    message = send(run, trainer, materials=[material(run)])
    assert message.recipients.get().letter == Letter.objects.get()
    assert "Bài 1.pdf" in Letter.objects.get().body
    assert Notice.objects.get().account == user


def test_nothing_is_sent_without_the_number_that_somebody_saw(run, trainer):
    person(run, 1), person(run, 2)
    for agreed in (0, 1, 3):
        with pytest.raises(DomainError, match="2") as refused:
            send(run, trainer, agreed=agreed)
        assert refused.value.code == "confirm_recipients"
    assert not ClassMessage.objects.exists()


def test_a_person_with_two_enrollments_is_written_to_once(run, trainer):
    first = person(run, state=EnrollmentState.WITHDRAWN)
    make_enrollment(run, first.trainee)
    assert send(run, trainer).people == 1


def test_a_person_with_two_merged_records_in_a_class_is_written_to_once(run, trainer):
    one, other = person(run, 1), person(run, 2, email="")
    merge(by=PROGRAMME_OFFICE, survivor=other.trainee, absorbed=one.trainee)
    person(run, 3)
    message = send(run, trainer, agreed=2)
    assert message.recipients.count() == message.people == 2
    # Where one of the records has an address, the message goes there.
    assert set(Notice.objects.values_list("recipient", flat=True)) == {
        "p1@example.gov.vn",
        "p3@example.gov.vn",
    }
    assert not Letter.objects.exists()


def test_a_trainer_writes_to_their_own_class_alone(run):
    person(run)
    stranger = make_trainer(make_run())
    with pytest.raises(DomainError):
        send(run, stranger, agreed=1)


def test_a_coordinator_writes_to_people_whom_their_agency_sent_and_employs(run):
    agency = make_agency()
    coordinator = make_coordinator(agency)
    own = person(run, 1, agency=agency)
    person(run, 2)
    works_elsewhere = person(run, 3)
    Enrollment.objects.filter(pk=works_elsewhere.pk).update(sending_agency=agency)
    message = send(run, coordinator)
    assert [one.enrollment for one in message.recipients.all()] == [own]
    assert message.sent_as == Role.COORDINATOR


def test_an_auditor_and_a_trainee_write_to_nobody(run):
    enrolled = person(run)
    trainee = make_user(Role.TRAINEE)
    enrolled.trainee.user = trainee
    enrolled.trainee.save()
    for sender in (trainee, make_user(Role.AUDITOR)):
        with pytest.raises(DomainError):
            send(run, sender, agreed=1)


def test_people_whose_data_were_erased_are_not_written_to(run, trainer):
    enrolled = person(run)
    enrolled.trainee.anonymise()
    enrolled.trainee.save()
    with pytest.raises(DomainError):
        send(run, trainer, agreed=0)


def test_people_of_another_class_are_never_written_to(run, trainer):
    other = make_run()
    make_trainer(other)
    stranger = person(other)
    with pytest.raises(DomainError):
        send(run, trainer, to=Enrollment.objects.filter(pk=stranger.pk), agreed=1)


@pytest.mark.parametrize("subject", ["Tài liệu\r\nBcc: x@y.vn", "a\nb", "a\x00b", "a\u2028b"])
def test_a_subject_that_could_become_a_header_is_refused_with_a_sentence(subject):
    with pytest.raises(DomainError) as refused:
        Draft(subject, "b")
    assert refused.value.code == "no_single_line"


@pytest.mark.parametrize("text", ["{personal_number}", "{{ full_name }}", "{full_name.__class__}"])
@pytest.mark.parametrize("field", ["subject", "body"])
def test_an_unknown_placeholder_is_refused_with_those_that_are_known(field, text):
    with pytest.raises(DomainError, match="full_name") as refused:
        Draft(**({"subject": "a", "body": "b"} | {field: text}))
    assert refused.value.code == "unknown_placeholder"


def test_a_subject_of_200_letters_arrives_whole(run, trainer, settings):
    person(run)
    subject = ("Lớp bồi dưỡng trí tuệ nhân tạo " * 7)[:200].strip()
    with mail_server(settings) as server:
        send(run, trainer, subject=subject)
        deliver_pending()
    assert server.messages[0]["Subject"] == f"Lớp LOP-1: {subject}"
    first_line = next(line for line in server.raw[0].split(b"\r\n") if line.startswith(b"Subject:"))
    assert first_line.strip() != b"Subject:"


def test_markup_in_a_text_is_shown_as_it_was_written(run, trainer, settings):
    person(run)
    with mail_server(settings) as server:
        send(run, trainer, body="<script>alert(1)</script>")
        deliver_pending()
    html = text_of(server.messages[0], "html")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_name_that_looks_like_a_placeholder_stays_a_name(run, trainer):
    person(run, full_name="Lê {agency} Hoa")
    send(run, trainer, body="Chào {full_name}")
    assert "Chào Lê {agency} Hoa" in Notice.objects.get().body


def test_attachments_are_stored_once_and_outlive_the_material(run, trainer, settings):
    person(run, 1), person(run, 2)
    files = [material(run), material(run)]
    with mail_server(settings) as server:
        send(run, trainer, materials=files)
        for one in files:
            one.file.delete(save=False)
            one.delete()
        deliver_pending()
    assert ClassMessageFile.objects.count() == 2
    for message in server.messages:
        attached = list(message.iter_attachments())
        assert [one.get_filename() for one in attached] == ["Bài 1.pdf", "Bài 1 (2).pdf"]
        assert attached[0].get_content() == b"x" * 20
    assert len(default_storage.listdir("class-messages")[0]) == 1


def test_a_file_whose_title_holds_a_line_break_makes_no_header(run, trainer, settings):
    person(run)
    with mail_server(settings) as server:
        send(run, trainer, materials=[material(run, 'a"\r\nX-Evil: 1/..')])
        deliver_pending()
    assert b"\r\nX-Evil" not in server.raw[0]
    (attached,) = server.messages[0].iter_attachments()
    assert attached.get_filename() == "a X-Evil: 1 ...pdf"


def test_attachments_beyond_the_limit_are_refused_with_their_size(run, monkeypatch):
    monkeypatch.setattr(class_messages, "MOST_ATTACHED", 30)
    with pytest.raises(DomainError, match="40") as refused:
        Draft("a", "b", [material(run), material(run)])
    assert refused.value.code == "attachments_too_large"


def test_a_lost_file_is_told_before_anything_is_sent(run):
    lost = material(run)
    default_storage.delete(lost.file.name)
    with pytest.raises(DomainError) as refused:
        Draft("a", "b", [lost])
    assert refused.value.code == "file_missing"


@pytest.mark.parametrize(("shown", "reply_to"), [(True, "binh@example.gov.vn"), (False, None)])
def test_replies_go_to_the_writer_only_where_the_site_says_so(
    run, trainer, settings, shown, reply_to
):
    person(run)
    settings.REPLY_TO_SENDER = shown
    with mail_server(settings) as server:
        send(run, trainer)
        deliver_pending()
    assert server.messages[0]["Reply-To"] == reply_to
    assert (b"binh@example.gov.vn" in server.raw[0]) is shown


def test_many_people_are_written_to_in_no_more_statements_than_few(
    run, trainer, django_assert_max_num_queries
):
    agency = make_agency()
    for number in range(60):
        person(run, number, agency=agency)
    with django_assert_max_num_queries(25):
        send(run, trainer)
