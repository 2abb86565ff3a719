"""What is used at work: asked after some months, reminded at most three times, answered."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.choices import Role
from audit.services import SYSTEM
from common import clock
from common.personal_data import Subject
from enrollment.models import Completion
from evaluations.errors import EvaluationError
from evaluations.models import FollowUp
from evaluations.services import follow_ups, privacy
from evaluations.services.follow_ups import (
    answer,
    ask_about_use,
    decide_example,
    make_link,
    months_before,
    name_manager,
    set_rule,
)
from notices.models import Notice
from tests.factories import (
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

COMPLETED = dt.date(2026, 3, 11)


def at(day: str) -> Any:
    return clock.set_to(dt.datetime.fromisoformat(f"{day}T05:00:00+00:00"))


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"


def completed(**fields: Any) -> Completion:
    trainee = make_trainee(email="hoc.vien@example.gov.vn", **fields)
    run = make_run()
    return make_completion(trainee, run, enrollment=make_enrollment(run, trainee))


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (dt.date(2026, 6, 11), 3, dt.date(2026, 3, 11)),
        (dt.date(2026, 5, 31), 3, dt.date(2026, 2, 28)),
        (dt.date(2026, 1, 15), 6, dt.date(2025, 7, 15)),
        (dt.date(2026, 12, 31), 12, dt.date(2025, 12, 31)),
    ],
)
def test_months_are_counted_by_the_calendar(day: dt.date, months: int, before: dt.date) -> None:
    assert months_before(day, months) == before


def test_a_trainee_is_asked_after_three_and_after_six_months_and_once_each() -> None:
    completed()
    with at("2026-06-10"):
        assert ask_about_use() == 0
    with at("2026-06-11"):
        assert ask_about_use() == 1
        assert ask_about_use() == 0
    with at("2026-09-11"):
        ask_about_use()
    assert list(FollowUp.objects.order_by("pk").values_list("months", flat=True)) == [3, 6]


def test_nobody_is_asked_of_what_is_long_past_voided_or_held_elsewhere() -> None:
    completed()
    with at("2026-07-12"):
        assert ask_about_use() == 0
    elsewhere = make_completion(make_trainee(email="x@example.gov.vn"), evidence="elsewhere")
    assert elsewhere.completed_on == COMPLETED
    Completion.objects.exclude(pk=elsewhere.pk).update(
        voided_at=clock.now(), void_reason="Nhập nhầm"
    )
    with at("2026-06-11"):
        assert ask_about_use() == 0


def test_there_are_at_most_three_reminders_and_none_after_the_answer() -> None:
    completed()
    day = dt.date(2026, 6, 11)
    for number in range(70):
        with clock.set_to(clock.end_of_day(day + dt.timedelta(days=number))):
            ask_about_use()
    one = FollowUp.objects.get()
    assert one.reminders == 3
    assert Notice.objects.filter(kind="follow_up_reminder").count() == 3


def test_whoever_has_answered_is_not_reminded() -> None:
    completed()
    with at("2026-06-11"):
        ask_about_use()
        answer(by=SYSTEM, follow_up=FollowUp.objects.get(), use="regularly")
    with at("2026-07-01"):
        assert ask_about_use() == 0


def test_the_manager_is_asked_where_known() -> None:
    completion = completed()
    with at("2026-06-11"):
        name_manager(
            by=SYSTEM, trainee=completion.trainee, full_name="Đỗ Trưởng", email="do@example.gov.vn"
        )
        assert ask_about_use() == 2
    assert set(FollowUp.objects.values_list("respondent", flat=True)) == {"trainee", "manager"}
    assert Notice.objects.filter(kind="follow_up_of_manager").exists()


def test_months_and_reminders_are_data_of_the_office() -> None:
    completed()
    set_rule(by=SYSTEM, months=[1], reminders=0, days_between=7, days_open=10)
    with at("2026-04-11"):
        assert ask_about_use() == 1
    with at("2026-04-19"):
        assert ask_about_use() == 0
    with pytest.raises(EvaluationError):
        set_rule(by=SYSTEM, months=[0], reminders=0, days_between=7, days_open=10)


def test_the_database_holds_no_link_that_lets_anybody_in() -> None:
    completed()
    with at("2026-06-11"):
        ask_about_use()
    body = Notice.objects.get(kind="follow_up_asked").body
    assert "/follow-up/" not in body


def follow_up_page() -> tuple[FollowUp, str]:
    completed()
    ask_about_use()
    one = FollowUp.objects.get()
    link = make_link({"pk": one.pk})
    assert link
    return one, re.sub(r"^https?://[^/]+", "", link)


def test_the_link_takes_an_answer_once_with_text_link_and_file(client: Any) -> None:
    with at("2026-06-11"):
        one, path = follow_up_page()
        file = SimpleUploadedFile("mau.pdf", b"%PDF-1.7")
        sent = {
            "use": "regularly",
            "what": "Tóm tắt công văn",
            "example": "Rút ngắn từ một giờ còn mười phút",
            "link": "https://example.gov.vn/vi-du",
            "may_publish": "on",
            "file": file,
        }
        assert client.get(path).status_code == 200
        assert client.post(path, sent).status_code == 200
        again = client.post(path, {"use": "not_yet"})
        assert again.status_code == 400
    one.refresh_from_db()
    assert (one.use, one.example_state, one.may_publish) == ("regularly", "submitted", True)
    assert one.file.read() == b"%PDF-1.7"
    assert make_link({"pk": one.pk}) is None


def test_a_wrong_kind_of_file_is_refused_and_nothing_is_stored(client: Any) -> None:
    with at("2026-06-11"):
        one, path = follow_up_page()
        file = SimpleUploadedFile("mau.exe", b"MZ")
        assert client.post(path, {"use": "regularly", "file": file}).status_code == 400
    one.refresh_from_db()
    assert one.answered_at is None


def test_a_late_or_forged_link_gets_a_sentence(client: Any) -> None:
    with at("2026-06-11"):
        _one, path = follow_up_page()
    with at("2026-09-11"):
        assert client.get(path).status_code == 400
    assert client.get(reverse("follow_up", args=["1:forged"])).status_code == 400


def test_a_trainee_answers_only_their_own_question_after_signing_in(client: Any) -> None:
    with at("2026-06-11"):
        one, _path = follow_up_page()
        address = reverse("answer_follow_up", args=[one.pk])
        client.force_login(make_user(Role.TRAINEE))
        assert client.get(address).status_code == 404
        user = make_user(Role.TRAINEE)
        trainee = one.completion.trainee
        trainee.user = user
        trainee.save()
        client.force_login(user)
        assert client.post(address, {"use": "sometimes"}).status_code == 200
        page = client.get(reverse("my_follow_ups")).content.decode()
    assert one.completion.run.code in page


# Examples and figures -------------------------------------------------------------------


def answered(**fields: Any) -> FollowUp:
    with at("2026-06-11"):
        completion = completed()
        ask_about_use()
        one = FollowUp.objects.get(completion=completion)
        return answer(by=SYSTEM, follow_up=one, use="regularly", **fields)


def test_an_example_is_published_only_with_its_authors_consent_and_the_offices_words(
    client: Any,
) -> None:
    agreed = answered(example="Soạn báo cáo của ông A", may_publish=True)
    kept = answered(example="Dịch văn bản", may_publish=False)
    words = {"public_title": "Soạn báo cáo", "public_text": "Soạn báo cáo tháng nhanh hơn"}
    with pytest.raises(EvaluationError) as refused:
        decide_example(by=SYSTEM, follow_up=kept, state="published", **words)
    assert refused.value.code == "not_agreed"
    with pytest.raises(EvaluationError):
        decide_example(by=SYSTEM, follow_up=agreed, state="published")
    decide_example(by=SYSTEM, follow_up=agreed, state="published", **words)
    page = client.get(reverse("published_examples")).content.decode()
    assert "Soạn báo cáo tháng nhanh hơn" in page
    assert "ông A" not in page
    assert agreed.completion.trainee.full_name not in page


def test_a_declined_example_needs_a_reason() -> None:
    one = answered(example="…")
    with pytest.raises(EvaluationError):
        decide_example(by=SYSTEM, follow_up=one, state="declined")


def test_an_answer_without_an_example_has_nothing_to_decide() -> None:
    with pytest.raises(EvaluationError) as refused:
        decide_example(by=SYSTEM, follow_up=answered(), state="accepted")
    assert refused.value.code == "no_example"


def test_figures_count_asked_answered_used_and_examples_by_agency_and_course(client: Any) -> None:
    first = answered(example="Ví dụ")
    with at("2026-06-11"):
        completed()
        ask_about_use()
    figures = {
        row["completion__run__course"]: (
            row["asked"], row["answered"], row["uses_it"], row["with_example"]
        )
        for row in FollowUp.objects.figures_by("completion__run__course")
    }  # fmt: skip
    assert figures[first.completion.run.course_id] == (1, 1, 1, 1)
    assert sorted(figures.values()) == [(1, 0, 0, 0), (1, 1, 1, 1)]
    coordinator = make_coordinator(first.completion.sending_agency)
    client.force_login(coordinator)
    page = client.get(reverse("effect")).content.decode()
    other = FollowUp.objects.exclude(pk=first.pk).get().completion.sending_agency
    assert first.completion.sending_agency.name in page
    assert other.name not in page


def test_erasing_a_person_takes_words_file_and_publication() -> None:
    one = answered(example="Ví dụ", file=("vi-du.pdf", b"%PDF-1.7"), may_publish=True)
    words = {"public_title": "Tên", "public_text": "Lời"}
    decide_example(by=SYSTEM, follow_up=one, state="published", **words)
    trainee = one.completion.trainee
    assert privacy.erase(Subject(trainee.code, (trainee.pk,))) == 1
    one.refresh_from_db()
    assert (one.example, one.public_text, one.example_state, bool(one.file)) == ("", "", "", False)
    assert one.use == "regularly"
    assert mail.outbox == []
    assert follow_ups.rule_in_force().months == [3, 6]
