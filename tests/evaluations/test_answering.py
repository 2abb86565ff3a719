import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.choices import Role
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from evaluations.errors import EvaluationError
from evaluations.layouts import FilledForm, layout_of
from evaluations.models import AnswerCount, Evaluation, FreeText, OpenInvitation
from evaluations.services import answering
from evaluations.services.evaluations import close_evaluation, invite, plan_evaluation
from people.services.merges import merge
from tests.evaluations.factories import (
    LAST_DAY,
    MORNING,
    answer_all,
    answer_as,
    filled_with,
    make_evaluation,
    make_form,
)
from tests.factories import (
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _last_day() -> Any:
    with clock.set_to(MORNING):
        yield


def path_of(evaluation: Evaluation) -> str:
    return reverse("answer_evaluation", args=[answering.LINK_SIGNER.sign(str(evaluation.pk))])


def sign_in_as_trainee(client: Any, enrollment: Any) -> None:
    user = make_user(Role.TRAINEE)
    enrollment.trainee.user = user
    enrollment.trainee.save()
    client.force_login(user)


def stored_rows(table: str, columns: str) -> Any:
    """In the order in which they lie in the table, as a dump reads them."""
    prompt = "ctid" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {prompt}")  # noqa: S608 - of a test
        return cursor.fetchall()


def ticket_in(page: Any) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def all_answered(evaluation: Evaluation, value: int = 8, **texts: str) -> dict[str, str]:
    keys = [prompt.key for prompt in layout_of(evaluation).indicators()]
    return {f"a-{key}": str(value) for key in keys} | texts


def test_a_trainee_answers_by_the_link_with_their_account(client: Any) -> None:
    evaluation, (first, *_others) = make_evaluation()
    sign_in_as_trainee(client, first)
    page = client.post(path_of(evaluation), {"account": "1"})
    sent = {"ticket": ticket_in(page)} | all_answered(evaluation)
    done = client.post(path_of(evaluation), sent)
    assert done.status_code == 200
    evaluation.refresh_from_db()
    assert (evaluation.valid_online, evaluation.invalid_online) == (1, 0)


def test_a_trainee_without_an_account_says_name_and_three_digits(client: Any) -> None:
    run = make_run()
    make_enrollment(run, make_trainee(full_name="Lê Thị Bé", personal_number="001185000234"))
    evaluation, _people = make_evaluation(run, people=0)
    page = client.post(path_of(evaluation), {"name": "lê thị bé", "last_digits": "234"})
    assert ticket_in(page)


def test_a_form_answered_twice_counts_once_and_says_so(client: Any) -> None:
    evaluation, (first, *_others) = make_evaluation()
    sign_in_as_trainee(client, first)
    sent = {"ticket": ticket_in(client.post(path_of(evaluation), {"account": "1"}))}
    sent |= all_answered(evaluation)
    client.post(path_of(evaluation), sent)
    again = client.post(path_of(evaluation), sent | all_answered(evaluation, 1))
    assert again.status_code == 400
    assert "Ông/bà đã đánh giá lớp này" in again.content.decode()
    evaluation.refresh_from_db()
    assert evaluation.forms == 1
    assert not AnswerCount.objects.filter(value=1, count__gt=0).exists()


def test_a_link_passed_on_opens_nothing_for_others(client: Any) -> None:
    evaluation, _people = make_evaluation()
    sign_in_as_trainee(client, make_enrollment(make_run()))
    page = client.post(path_of(evaluation), {"account": "1"})
    assert page.status_code == 400
    assert "ticket" not in page.content.decode()


def test_a_forged_link_or_ticket_opens_nothing(client: Any) -> None:
    evaluation, _people = make_evaluation()
    assert client.get(reverse("answer_evaluation", args=["1:forged"])).status_code == 400
    sent = {"ticket": "1.1:forged"} | all_answered(evaluation, 3)
    page = client.post(path_of(evaluation), sent)
    assert page.status_code == 400
    assert "checked" in page.content.decode()  # the answers are still there
    evaluation.refresh_from_db()
    assert evaluation.forms == 0


def test_a_ticket_of_one_class_counts_in_no_other() -> None:
    evaluation, (first, *_others) = make_evaluation()
    other, _people = make_evaluation()
    ticket = answering._ticket(evaluation, type(first).objects.filter(pk=first.pk))
    with pytest.raises(EvaluationError) as refused:
        answering.hand_in(evaluation=other, ticket=ticket, filled=FilledForm(), as_it_is=True)
    assert refused.value.code == "old_ticket"


def test_over_five_percent_unanswered_is_asked_about_and_then_counted_as_invalid(
    client: Any,
) -> None:
    evaluation, (first, *_others) = make_evaluation()
    sign_in_as_trainee(client, first)
    sent = {"ticket": ticket_in(client.post(path_of(evaluation), {"account": "1"}))}
    page = client.post(path_of(evaluation), sent)
    assert page.status_code == 400
    assert "as_it_is" in page.content.decode()
    evaluation.refresh_from_db()
    assert evaluation.forms == 0
    client.post(path_of(evaluation), sent | {"as_it_is": "on"})
    evaluation.refresh_from_db()
    assert (evaluation.valid, evaluation.invalid) == (0, 1)


@pytest.mark.parametrize(("unanswered", "valid"), [(0, True), (1, True), (2, False)])
def test_a_form_is_valid_up_to_exactly_its_share_of_unanswered_indicators(
    unanswered: int, valid: bool
) -> None:
    # One of three is 33.3 %.
    form = make_form(most_unanswered=34)
    evaluation, _people = make_evaluation(form=form)
    layout = layout_of(evaluation)
    assert layout.is_valid(filled_with(layout, 5, without=unanswered)) is valid


def test_of_an_invalid_form_only_what_was_written_in_words_stays() -> None:
    evaluation, (first, *_others) = make_evaluation()
    layout = layout_of(evaluation)
    valid = answer_as(first, evaluation, filled_with(layout, 9, "Cần thêm giờ", without=2))
    assert valid is False
    assert not AnswerCount.objects.filter(count__gt=0).exists()
    assert FreeText.objects.filter(text="Cần thêm giờ").exists()


def test_trainers_are_answered_for_one_by_one(client: Any) -> None:
    run = make_run()
    make_trainer(run), make_trainer(run)
    evaluation, _people = make_evaluation(run)
    numbers = [prompt.number for prompt in layout_of(evaluation).indicators()]
    assert numbers == ["1.1.1", "1.1.2", "1.2.1", "2.1.1 (1)", "2.1.1 (2)"]


def test_before_its_first_day_and_after_its_last_an_evaluation_says_so(client: Any) -> None:
    evaluation, _people = make_evaluation()
    with clock.set_to(MORNING - dt.timedelta(days=1)):
        assert "11/03/2026" in client.get(path_of(evaluation)).content.decode()
    with clock.set_to(MORNING + dt.timedelta(days=15)):
        late = client.post(path_of(evaluation), {"ticket": "x", "t-1": "Rất bổ ích"})
    assert late.status_code == 400
    assert "Rất bổ ích" in late.content.decode()


def test_closing_the_class_meanwhile_takes_nobody_their_answer() -> None:
    evaluation, enrollments = make_evaluation()
    run = evaluation.run
    run.enrollments.update(state=EnrollmentState.COMPLETED)
    run.state = "closed"
    run.save()
    answer_all(evaluation, enrollments, 7)
    evaluation.refresh_from_db()
    assert evaluation.valid == 1


def test_whoever_joins_later_is_invited_and_whoever_comes_back_answers_no_second_time() -> None:
    evaluation, (first, *_others) = make_evaluation()
    answer_as(first, evaluation, filled_with(layout_of(evaluation), 8))
    first.state = EnrollmentState.WITHDRAWN
    first.save()
    again = make_enrollment(evaluation.run, first.trainee)
    late = make_enrollment(evaluation.run)
    assert answer_as(late, evaluation, filled_with(layout_of(evaluation), 8))
    with pytest.raises(EvaluationError) as refused:
        answer_as(again, evaluation, filled_with(layout_of(evaluation), 1))
    assert refused.value.code == "already_answered"


def test_a_plan_can_be_changed_until_its_form_was_shown() -> None:
    form = make_form()
    run = make_run()
    evaluation = plan_evaluation(by=SYSTEM, run=run, form=form)
    assert (evaluation.opens_on, evaluation.closes_on) == (LAST_DAY, dt.date(2026, 3, 25))
    other = make_form()
    assert plan_evaluation(by=SYSTEM, run=run, form=other).form_id == other.pk
    answering.layout_to_answer(evaluation)
    with pytest.raises(EvaluationError) as refused:
        plan_evaluation(by=SYSTEM, run=run, form=form)
    assert refused.value.code == "already_shown"


def test_an_evaluation_that_would_be_over_or_of_a_cancelled_class_is_refused() -> None:
    form, run = make_form(), make_run()
    with clock.set_to(MORNING + dt.timedelta(days=40)), pytest.raises(EvaluationError) as refused:
        plan_evaluation(by=SYSTEM, run=run, form=form)
    assert refused.value.code == "in_the_past"
    with pytest.raises(EvaluationError) as refused:
        plan_evaluation(by=SYSTEM, run=make_run(state="cancelled"), form=form)
    assert refused.value.code == "no_class"


# Nothing leads from an answer to a person -----------------------------------------------


def test_answering_writes_no_audit_entry_and_no_time() -> None:
    evaluation, enrollments = make_evaluation()
    before = AuditEntry.objects.count()
    layout = layout_of(evaluation)
    answer_as(enrollments[0], evaluation, filled_with(layout, 8, "Tốt"))
    assert AuditEntry.objects.count() == before
    timed = {"DateTimeField", "DateField", "TimeField"}
    for model in (AnswerCount, OpenInvitation):
        assert not [f for f in model._meta.fields if f.get_internal_type() in timed]
    text = FreeText.objects.first()
    assert text
    assert text.held_back_at is None


def test_no_key_leads_from_an_answer_to_a_person() -> None:
    """Forward, only to the class and its form; back, only to whoever has not answered."""
    reached: set[Any] = set()
    frontier: set[Any] = {AnswerCount, FreeText}
    while frontier:
        model = frontier.pop()
        reached.add(model._meta.label)
        ahead = {f.related_model for f in model._meta.fields if f.is_relation}
        frontier |= {one for one in ahead if one._meta.label not in reached}
    assert not reached & {"people.Trainee", "enrollment.Enrollment", "enrollment.Completion"}
    behind = {f.related_model for m in (AnswerCount, FreeText) for f in m._meta.related_objects}
    assert not behind


@pytest.mark.both_engines
def test_a_dump_is_the_same_whoever_gave_which_answer() -> None:
    """All rows of the app but random keys, where two people exchange their answers."""

    def dump_of(*values: int) -> list[Any]:
        evaluation, people = make_evaluation(make_run(code=f"R{values[0]}"), people=3)
        layout = layout_of(evaluation)
        for person, value in zip(people, values, strict=False):
            answer_as(person, evaluation, filled_with(layout, value, f"Điểm {value}"))
        evaluation.refresh_from_db()
        waiting = people.index(
            next(p for p in people if evaluation.invitations.filter(enrollment=p))
        )
        counts = evaluation.counts.order_by("pk").values_list("source", "item", "value", "count")
        texts = evaluation.texts.order_by("text").values_list("text", "item", "held_back_at")
        return [waiting, evaluation.valid_online, list(counts), list(texts)]

    assert dump_of(3, 9) == dump_of(9, 3)


def test_rows_of_answers_are_the_same_in_number_whoever_answered() -> None:
    evaluation, enrollments = make_evaluation()
    before = AnswerCount.objects.count()
    answer_all(evaluation, enrollments, 1, 5, 9)
    assert AnswerCount.objects.count() == before


@pytest.mark.both_engines
def test_the_order_of_stored_rows_does_not_tell_the_last_answer() -> None:
    """As a dump reads them: by their prompt in the table, on both engines."""

    def dumped() -> list[Any]:
        rows = stored_rows("evaluations_answercount", "item_id, trainer_id, source, value")
        return [row for row in rows if row[2] == "online"]

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # no room that other tests have left in its pages
            cursor.execute("TRUNCATE evaluations_answercount")
    evaluation, enrollments = make_evaluation(people=8)
    before = dumped()
    answer_all(evaluation, enrollments, 3, 3, 7, 10, 1)
    assert dumped() == before


@pytest.mark.both_engines
def test_texts_lie_in_another_order_than_that_of_writing() -> None:
    evaluation, enrollments = make_evaluation(people=30)
    layout = layout_of(evaluation)
    for number, enrollment in enumerate(enrollments):
        answer_as(enrollment, evaluation, filled_with(layout, 5, f"{number:02d}"))
    stored = [text for (text,) in stored_rows("evaluations_freetext", "text")]
    written = [f"{number:02d}" for number in range(30)]
    assert sorted(stored) == written
    assert stored != written
    keys = list(FreeText.objects.order_by("pk").values_list("text", flat=True))
    assert keys != written


def test_closing_forgets_who_has_not_answered() -> None:
    evaluation, enrollments = make_evaluation()
    answer_all(evaluation, enrollments, 7, 7)
    invite(evaluation)
    assert OpenInvitation.objects.count() == 4
    close_evaluation(by=SYSTEM, evaluation=evaluation)
    assert not OpenInvitation.objects.exists()


# Of one person with two rows -------------------------------------------------------------


def of_one_person() -> tuple[Evaluation, list[Any]]:
    evaluation, people = make_evaluation(people=3)
    merge(by=SYSTEM, survivor=people[0].trainee, absorbed=people[1].trainee)
    return evaluation, people


@pytest.mark.both_engines
def test_two_seats_of_one_person_hand_in_one_form() -> None:
    evaluation, people = of_one_person()
    filled = filled_with(layout_of(evaluation), 8)
    tickets = [
        answering._ticket(evaluation, Enrollment.objects.filter(pk=one.pk)) for one in people[:2]
    ]
    answering.hand_in(evaluation=evaluation, ticket=tickets[0], filled=filled)
    with pytest.raises(EvaluationError) as again:
        answering.hand_in(evaluation=evaluation, ticket=tickets[1], filled=filled)
    with pytest.raises(EvaluationError) as other:
        answer_as(people[1], evaluation, filled)
    assert again.value.code == other.value.code == "already_answered"
    assert answer_as(people[2], evaluation, filled)


def test_who_answered_by_one_row_answers_by_no_other_after_a_merge() -> None:
    evaluation, (first, second, _third) = make_evaluation(people=3)
    filled = filled_with(layout_of(evaluation), 8)
    late = answering._ticket(evaluation, Enrollment.objects.filter(pk=second.pk))
    answer_as(first, evaluation, filled)
    merge(by=SYSTEM, survivor=first.trainee, absorbed=second.trainee)
    with pytest.raises(EvaluationError) as refused:
        answering.hand_in(evaluation=evaluation, ticket=late, filled=filled)
    assert refused.value.code == "already_answered"
    evaluation.refresh_from_db()
    assert evaluation.forms == 1


def test_a_person_with_two_seats_answers_with_their_account(client: Any) -> None:
    evaluation, (first, *_others) = of_one_person()
    sign_in_as_trainee(client, first)
    assert ticket_in(client.post(path_of(evaluation), {"account": "1"}))
