"""Every message stands among its reader's notifications, whether or not it is mailed."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.mail import EmailMessage, send_mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from accounts.choices import Role
from accounts.mail import Recipient, mail_each, mail_user
from accounts.models import NO_MAILBOX, RoleGrant, User
from agencies.models import Coordinator
from audit.services import PROGRAMME_OFFICE
from certificates.services.notifications import awaiting_notification
from common import clock
from common.mail_marks import mark
from enrollment.services.announcements import announce
from enrollment.services.enrollments import Nominee, nominate
from jobs.models import Job, JobState
from jobs.services import Progress, reap
from notices.kinds import message_kinds
from notices.models import DigestReader, Notice, NoticeState
from notices.services.delivery import deliver_pending
from notices.services.digests import send_digests
from notices.services.notifications import MOST_COUNTED, mark_read, prune
from people.services.recipients import recipients_of
from tests.architecture.world import make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
FAR = dt.date(2099, 1, 5)


@pytest.fixture(autouse=True)
def _outbox(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://699.example.gov.vn"


def page_of(user: User, query: str = "") -> str:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client.get(reverse("notifications") + query).content.decode()


def message_to(
    user: User, subject: str = "Lớp mới", body: str = "Kính gửi", **marks: object
) -> Notice:
    mark(EmailMessage(subject, body, to=[user.email]), **marks).send()
    return Notice.objects.latest("pk")


def without_mailbox() -> User:
    return make_user(Role.TRAINEE, email=f"hv-001{NO_MAILBOX}")


# Whose --------------------------------------------------------------------------------------


def test_a_mail_to_the_address_of_an_account_stands_among_its_notifications():
    user = make_user(Role.TRAINEE, email="an@x.vn")
    send_mail("Lớp sắp khai giảng", "Xem https://699.example.gov.vn/my/.", None, ["An@X.vn"])
    notice = Notice.objects.get()
    assert (notice.account, notice.path, notice.state) == (user, "/my/", NoticeState.PENDING)
    assert "Lớp sắp khai giảng" in page_of(user)


def test_somebody_without_a_mailbox_reads_it_in_the_product_alone():
    user = without_mailbox()
    mail_each([Recipient(user.email, "vi")], lambda: ("Đổi lịch", "Nội dung"))
    assert Notice.objects.get().state == NoticeState.UNMAILED
    assert deliver_pending() == 0
    assert "Đổi lịch" in page_of(user)


def test_a_person_whose_account_has_no_mailbox_is_mailed_at_their_own_address_and_sees_it_too():
    person = make_trainee(user=without_mailbox(), email="own@x.vn")
    mail_each(recipients_of([person]), lambda: ("Đổi lịch", "Nội dung"))
    notice = Notice.objects.get()
    assert (notice.recipient, notice.account) == ("own@x.vn", person.user)
    assert notice.state == NoticeState.PENDING


def test_somebody_with_neither_address_nor_account_is_left_out():
    mail_each(recipients_of([make_trainee(email="")]), lambda: ("Đổi lịch", "Nội dung"))
    assert not Notice.objects.exists()


def test_a_nomination_by_the_usual_way_reaches_a_trainee_without_a_mailbox():
    agency = make_agency()
    user = without_mailbox()
    person = make_trainee(agency, user=user, email="")
    run = make_run(capacity=3, starts_on=FAR, ends_on=FAR)
    nominate(by=PROGRAMME_OFFICE, run=run, sending_agency=agency, nominees=[Nominee(person.pk)])
    announce()
    assert Notice.objects.get(account=person.user).path == reverse("my")
    assert run.code in page_of(user)


def test_whoever_can_be_reached_in_the_product_alone_is_told_of_a_certificate(settings):
    settings.ISSUE_UNSIGNED = True
    run = make_run()
    for user, email in ((without_mailbox(), ""), (None, "")):
        completion = make_completion(make_trainee(user=user, email=email), run)
        make_certificate(completion, number=completion.pk, file="c.pdf")
    assert [one.completion.trainee.user is not None for one in awaiting_notification(run)] == [True]


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICE, Role.AUDITOR])
def test_nobody_reads_those_of_others_whatever_their_role(role):
    notice = message_to(make_user(Role.TRAINEE), "Chỉ của tôi")
    reader = make_user(role)
    assert not Notice.objects.visible_to(reader).exists()
    assert mark_read(reader=reader, notices=[notice.pk]) == 0
    client = Client()
    client.force_login(reader)
    client.post(reverse("read_notifications"), {"notice": notice.pk})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_closed_account_gets_none_and_a_deleted_one_leaves_none():
    user = make_user(Role.TRAINEE)
    message_to(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert message_to(user).account is None
    User.objects.get(pk=user.pk).delete()
    assert Notice.objects.filter(account=None).count() == Notice.objects.count() == 1


# What ---------------------------------------------------------------------------------------


def test_mail_about_an_account_shows_its_subject_alone():
    user = make_user(Role.TRAINEE)
    mail_user(user, gettext_lazy("Your second factor was reset"), "second_factor_reset")
    notice = Notice.objects.get()
    assert notice.body
    page = page_of(user)
    assert notice.subject in page
    assert notice.body.split("\n\n")[1][:30] not in page


def test_a_link_to_a_new_password_is_in_the_mail_and_nowhere_in_the_product():
    user = make_user(Role.TRAINEE, email="an@x.vn")
    Client().post(reverse("account_reset_password"), {"email": user.email})
    deliver_pending()
    link = re.search(r"/password/reset/key/(\S+)", str(mail.outbox[-1].body))
    assert link
    page = page_of(user)
    assert Notice.objects.get().subject in page
    assert link[1] not in page
    assert "[[link]]" not in page
    token_page = Client()
    token_page.force_login(user)
    assert "password/reset/key" not in token_page.get("/api/v1/notifications/").content.decode()


def test_a_message_leads_to_this_site_alone():
    user = make_user(Role.TRAINEE)
    bad = "https://699.example.gov.vn//evil.example/a https://evil.example/my/"
    notice = message_to(user, body=bad)
    assert notice.path == ""
    Notice.objects.filter(pk=notice.pk).update(path="//evil.example/")
    client = Client()
    client.force_login(user)
    answer = client.post(reverse("read_notifications"), {"notice": notice.pk, "open": ""})
    assert answer.headers["Location"] == reverse("notifications")


def test_a_text_about_others_is_not_shown_once_a_coordinator_has_left():
    user = make_coordinator(make_agency())
    message_to(user, "Lớp UDAI-01: thay đổi", "- Nguyễn Thị Ánh: đã vào lớp")
    message_to(user, "Của riêng tôi", "Phòng 301", is_personal=True)
    assert "Nguyễn Thị Ánh" in page_of(user)
    Coordinator.objects.filter(user=user).update(until=clock.today() - dt.timedelta(days=1))
    page = page_of(user)
    assert "Nguyễn Thị Ánh" not in page
    assert "Lớp UDAI-01: thay đổi" in page
    assert "Phòng 301" in page


def test_a_subject_that_names_somebody_is_not_shown_either_once_a_coordinator_has_left():
    user = make_coordinator(make_agency())
    DigestReader.objects.create(account=user)
    named = {"body": "Lê An", "kind": "address_undeliverable"}
    with clock.set_to(clock.now() - dt.timedelta(days=2)):
        message_to(user, "Thư gửi Nguyễn Thị Ánh bị trả lại", **named)

    def seen() -> list[str]:
        client = Client()
        client.force_login(User.objects.get(pk=user.pk))
        return [page_of(user), client.get("/api/v1/notifications/").content.decode()]

    assert ["Thư gửi" in one for one in seen()] == [True, True]
    Coordinator.objects.filter(user=user).update(until=clock.today() - dt.timedelta(days=1))
    assert send_digests() == 1
    digest = Notice.objects.get(kind="daily_digest").body
    for text in [*seen(), digest]:
        assert "Nguyễn Thị Ánh" not in text
        assert "Lê An" not in text
    with translation.override("vi"):
        assert str(message_kinds["address_undeliverable"].label) in digest


def test_a_trainee_who_changes_agency_keeps_what_concerns_them():
    user = make_user(Role.TRAINEE)
    person = make_trainee(user=user)
    message_to(user, body="Danh sách của tôi")
    person.agency = make_agency()
    person.save()
    assert "Danh sách của tôi" in page_of(user)


def test_markup_in_a_message_is_text():
    user = make_user(Role.TRAINEE)
    message_to(user, "<b>x</b>", "Kính gửi ông/bà,\n\n<script>1</script>\n\nhết")
    page = page_of(user)
    assert "<b>x</b>" not in page
    assert "<script>1" not in page


def test_the_page_groups_by_day_and_leaves_out_what_was_read():
    user = make_user(Role.TRAINEE)
    with clock.set_to(dt.datetime(2026, 3, 9, 20, 0, tzinfo=dt.UTC)):  # the 10th in Hanoi
        message_to(user, "Hôm qua")
    with clock.set_to(dt.datetime(2026, 3, 11, 1, 0, tzinfo=dt.UTC)):
        message_to(user, "Hôm nay")
        mark_read(reader=user, notices=[Notice.objects.get(subject="Hôm qua").pk])
        page = page_of(user)
        assert page.index("Hôm nay, 11/03/2026") < page.index("10/03/2026") < page.index("Hôm qua")
        unread = page_of(user, "?show=unread")
    assert "10/03/2026" not in unread


# The bell -----------------------------------------------------------------------------------


def test_the_bell_counts_what_is_unread_until_all_is_marked():
    user = make_user(Role.TRAINEE)
    client = Client()
    client.force_login(user)
    for _n in range(3):
        message_to(user)
    with translation.override("vi"):
        assert "3 chưa đọc" in client.get("/").content.decode()
        client.post(reverse("read_notifications"))
        assert "chưa đọc</span>" not in client.get("/").content.decode()


def test_the_bell_does_not_count_beyond_99():
    user = make_user(Role.TRAINEE)
    Notice.objects.bulk_create(
        Notice(recipient=user.email, account=user, subject="s") for _n in range(MOST_COUNTED + 5)
    )
    client = Client()
    client.force_login(user)
    assert "99+" in client.get("/").content.decode()


def test_opening_marks_one_as_read_and_leads_to_its_page():
    user = make_user(Role.TRAINEE)
    first = message_to(user, body="https://699.example.gov.vn/courses/")
    second = message_to(user)
    client = Client()
    client.force_login(user)
    answer = client.post(reverse("read_notifications"), {"notice": first.pk, "open": ""})
    assert answer.headers["Location"] == "/courses/"
    assert list(Notice.objects.visible_to(user).unread()) == [second]


@pytest.mark.parametrize("typed", ["x", "9" * 40, "-1", "0", "12"])
def test_a_notification_that_is_no_ones_or_no_number_is_not_found(typed):
    client = Client()
    client.force_login(make_user(Role.TRAINEE))
    assert client.post(reverse("read_notifications"), {"notice": typed}).status_code == 404


# Jobs ---------------------------------------------------------------------------------------


def job_of(user: User, kind: str = "check_roster", **values: object) -> Job:
    taken = {"state": JobState.RUNNING, "attempts": 1, "lease_until": clock.now()}
    return Job.objects.create(kind=kind, owner=user, actor_label="x", **taken | values)


def test_the_owner_of_a_job_is_told_in_the_product_that_it_is_done():
    user = make_coordinator(make_agency())
    job = job_of(user)
    Progress(job).end(JobState.DONE)
    notice = Notice.objects.get()
    assert (notice.account, notice.state) == (user, NoticeState.UNMAILED)
    assert notice.path == reverse("job", args=[job.pk])


def test_a_job_that_was_given_up_is_told_once():
    user = make_coordinator(make_agency())
    job_of(user, attempts=3, lease_until=clock.now() - dt.timedelta(hours=1))
    reap()
    reap()
    assert Notice.objects.get(account=user).body


def test_a_job_that_mails_its_result_or_was_cancelled_or_has_no_owner_tells_nothing():
    user = make_coordinator(make_agency())
    Progress(job_of(user, kind="export_roster")).end(JobState.DONE)
    Progress(job_of(user)).end(JobState.CANCELLED)
    Progress(job_of(user, kind="erase_person")).end(JobState.DONE)
    Progress(Job.objects.create(kind="reconcile", state="running", actor_label="x")).end(
        JobState.DONE
    )
    assert not Notice.objects.exists()


# For how long -------------------------------------------------------------------------------


def test_old_messages_are_deleted_but_not_those_that_wait(settings):
    settings.NOTICE_RETENTION_DAYS = 30
    user = make_user(Role.TRAINEE)
    long_ago = clock.now() - dt.timedelta(days=31)
    for state in NoticeState:
        Notice.objects.create(recipient=user.email, state=state, created_at=long_ago)
    young = Notice.objects.create(recipient=user.email, state=NoticeState.SENT)
    assert prune() == len(NoticeState) - 2
    left = {notice.state for notice in Notice.objects.exclude(pk=young.pk)}
    assert left == {NoticeState.PENDING, NoticeState.DIGEST}
    assert Notice.objects.filter(pk=young.pk).exists()


def test_an_account_without_roles_that_ended_still_reads_its_own():
    user = make_user(Role.TRAINEE)
    message_to(user, body="Của tôi")
    RoleGrant.objects.filter(user=user).delete()
    assert "Của tôi" in page_of(user)
