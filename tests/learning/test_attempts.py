"""Taking a test: what is drawn, what is saved, what it is worth."""

import datetime as dt
import io
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from enrollment.choices import EnrollmentState
from enrollment.sheets.scores import write_scores
from learning.choices import Difficulty, Feedback, QuestionKind, Stage
from learning.errors import LearningError, LearningInputError
from learning.models import Attempt, CourseTest, Question
from learning.services import statistics
from learning.services.attempts import (
    GRACE,
    answers_of,
    draw,
    finish,
    finish_overdue,
    record_paper,
    save_answers,
    start,
)
from learning.services.course_tests import save_test, set_window
from learning.services.grading import points
from learning.services.questions import change_question, drafts_of
from learning.services.statistics import best_scores, gain, item_statistics
from learning.views import run_tests
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=clock.HANOI)


@pytest.fixture
def at_noon():
    with clock.set_to(NOON):
        yield


@pytest.fixture
def run():
    return make_run(make_course(minimum_score=Decimal(5)), state=RunState.RUNNING)


@pytest.fixture
def seat(run):
    return make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))


def add_questions(course, count: int = 6, **fields: Any) -> list[Question]:
    """Questions whose first option is right."""
    options = [{"vi": one, "en": "", "right": one == "a"} for one in "abc"]
    defaults = {"kind": "single", "answers": {"options": options}, "difficulty": 1}
    return [
        Question.objects.create(course=course, text_vi=f"Câu {n}", **(defaults | fields))
        for n in range(count)
    ]


def make_test(run, count: int = 4, **fields: Any) -> CourseTest:
    add_questions(run.course)
    draws = [{"part": "", "difficulty": 1, "count": count}]
    values: Any = {"title_vi": "Kiểm tra", "minutes": 30} | fields
    return save_test(by=SYSTEM, course=run.course, draws=draws, **values)


def begin(seat, test, stage=Stage.AFTER) -> Attempt:
    return start(by=SYSTEM, enrollment=seat, test=test, stage=stage)


def answer(attempt: Attempt, right: int) -> None:
    """The first so many questions rightly, the others wrongly."""
    choose(attempt, {one: 0 if one <= right else 1 for one in positions(attempt)})


def positions(attempt: Attempt) -> list[int]:
    return list(attempt.answers.values_list("position", flat=True))


def choose(attempt: Attempt, options: dict[int, int]) -> None:
    """By position, an option as the question counts them."""
    shown = dict(attempt.answers.values_list("position", "shown"))
    fields = (f"q{at}={shown[at]['options'].index(option)}" for at, option in options.items())
    answers = [one for one in answers_of(attempt) if one.position in options]
    save_answers(answers, QueryDict("&".join(fields)))


def take(seat, test, right: int, stage=Stage.AFTER) -> Attempt:
    attempt = begin(seat, test, stage)
    answer(attempt, right)
    return finish(by=SYSTEM, attempt=attempt)


# ── What is drawn ──


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([1, 2])), max_size=25),
    st.data(),
)
def test_a_draw_takes_so_many_of_each_part_and_difficulty_and_none_twice(bank, data):
    course = make_course()
    for part, level in bank:
        add_questions(course, 1, part=part, difficulty=level)
    wanted = [
        {"part": p, "difficulty": d, "count": data.draw(st.integers(1, bank.count((p, d))))}
        for p, d in sorted(set(bank))
    ]
    drawn = draw(course.pk, wanted)
    assert len({one.pk for one in drawn}) == len(drawn)
    for one in wanted:
        found = [q for q in drawn if (q.part, q.difficulty) == (one["part"], one["difficulty"])]
        assert len(found) == one["count"]


def test_draws_are_fair(run):
    """Each of eight questions with the same chance: 1,500 in 3,000 draws of four, give or take
    seven standard deviations.
    """
    questions = add_questions(run.course, 8)
    times = dict.fromkeys((one.pk for one in questions), 0)
    for _draw in range(3_000):
        for one in draw(run.course_id, [{"part": "", "difficulty": 1, "count": 4}]):
            times[one.pk] += 1
    assert all(abs(count - 1_500) < 192 for count in times.values()), times


def test_a_test_asks_for_no_more_than_the_bank_holds(run):
    with pytest.raises(LearningInputError, match="6"):
        make_test(run, count=7)


def test_forms_before_and_after_are_equal_in_parts_and_difficulties(run, seat, at_noon):
    add_questions(run.course, 5, difficulty=Difficulty.HARD)
    test = make_test(run, is_asked_before=True)
    test.draws.append({"part": "", "difficulty": Difficulty.HARD, "count": 2})
    test.save()
    forms = [take(seat, test, 0, stage).answers for stage in (Stage.BEFORE, Stage.AFTER)]
    before, after = (sorted(f.values_list("question__difficulty", flat=True)) for f in forms)
    assert before == after == [1, 1, 1, 1, 3, 3]


# ── What is saved ──


def test_each_answer_is_saved_as_it_is_given_and_may_be_sent_again(client, run, seat, at_noon):
    attempt = begin(seat, make_test(run))
    client.force_login(seat.trainee.user)
    address = f"/attempts/{attempt.pk}/answers/"
    for _again in range(2):
        answer = client.post(address, {"position": "2", "q2": "0"})
        assert answer.json()["saved"] == 1
    given = dict(attempt.answers.values_list("position", "given"))
    first = attempt.answers.get(position=2).shown["options"][0]
    assert given == {1: None, 2: [first], 3: None, 4: None}


@pytest.mark.both_engines
def test_saving_an_answer_asks_five_questions_and_locks_nothing(client, run, seat, at_noon):
    """Of them three are session, account and roles."""
    attempt = begin(seat, make_test(run))
    client.force_login(seat.trainee.user)
    address, form = f"/attempts/{attempt.pk}/answers/", {"position": "1", "q1": "0"}
    client.post(address, form)  # notes in the session when it was seen
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address, form).json()["saved"] == 1
    asked = [one["sql"] for one in queries]
    assert len(asked) == 5
    assert not any(" FOR " in one for one in asked)


def test_an_answer_that_comes_after_grading_is_refused_and_changes_nothing(
    client, run, seat, at_noon
):
    attempt = take(seat, make_test(run), 4)
    client.force_login(seat.trainee.user)
    late = client.post(f"/attempts/{attempt.pk}/answers/", {"position": "1", "q1": "1"})
    assert late.status_code == 409
    read_before = [one._replace(finished_at=None) for one in answers_of(attempt)]
    with pytest.raises(LearningError) as refused:
        save_answers(read_before, QueryDict("q1=1&q2=1"))
    assert refused.value.code == "handed_in"
    assert set(attempt.answers.values_list("points", flat=True)) == {Decimal(1)}


def ask(attempt: Attempt, kind: str) -> None:
    """Make its one question one of this kind, shown in an order of our own."""
    asked = attempt.answers.get()
    sides = [{"vi": one, "match_vi": one * 2, "right": one == "c"} for one in "abc"]
    options = [side | {"en": "", "match_en": ""} for side in sides]
    Question.objects.filter(pk=asked.question_id).update(kind=kind, answers={"options": options})
    asked.shown = {"options": [2, 0, 1]}
    if kind == "matching":
        asked.shown["matches"] = [1, 2, 0]
    asked.save()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("single", [("q1", "0"), ("q1", "1"), ("q1", "2")]),
        ("ordering", [("q1-0", "012"), ("q1-1", "012"), ("q1-2", "012")]),
        ("matching", [("q1-0", "012"), ("q1-1", "012"), ("q1-2", "012")]),
    ],
)
def test_the_page_of_a_test_does_not_tell_what_is_right(kind, fields, client, run, seat, at_noon):
    attempt = begin(seat, make_test(run, count=1))
    ask(attempt, kind)
    client.force_login(seat.trainee.user)
    page = client.get(f"/attempts/{attempt.pk}/").content.decode()
    if kind == "single":
        assert re.findall(r'name="(q1)"\s+value="(.)"', page) == fields
    else:
        selects = re.findall(r'<select name="(q1-.)">(.*?)</select>', page, re.DOTALL)
        found = [(name, re.findall(r'value="(.)"', inside)) for name, inside in selects]
        assert [(name, "".join(values)) for name, values in found] == fields


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("single", {"q1": "0"}),
        ("ordering", {"q1-0": "2", "q1-1": "0", "q1-2": "1"}),
        ("matching", {"q1-0": "1", "q1-1": "2", "q1-2": "0"}),
    ],
)
def test_what_is_chosen_on_the_page_counts_and_stays_chosen(kind, sent, client, run, seat, at_noon):
    attempt = begin(seat, make_test(run, count=1))
    ask(attempt, kind)
    client.force_login(seat.trainee.user)
    client.post(f"/attempts/{attempt.pk}/answers/", {"position": "1", **sent})
    page = client.get(f"/attempts/{attempt.pk}/").content.decode()
    chosen = re.findall(r'value="(.)"(?: checked| selected)', page)
    assert chosen == list(sent.values())
    assert finish(by=SYSTEM, attempt=attempt).score == 10


def test_leaving_the_page_loses_no_answer_and_no_attempt(run, seat, at_noon):
    test = make_test(run)
    attempt = begin(seat, test)
    answer(attempt, 3)
    again = begin(seat, test)
    assert again == attempt
    assert finish(by=SYSTEM, attempt=again).score == Decimal("7.50")


def test_an_answer_that_comes_late_over_a_weak_line_counts_for_two_minutes(run, seat, at_noon):
    attempt = begin(seat, make_test(run))
    with clock.set_to(attempt.due_at + GRACE):
        answer(attempt, 4)
    with (
        clock.set_to(attempt.due_at + GRACE + dt.timedelta(seconds=1)),
        pytest.raises(LearningError) as refused,
    ):
        answer(attempt, 0)
    assert refused.value.code == "time_over"
    assert finish(by=SYSTEM, attempt=attempt).score == 10


def test_a_form_that_nobody_hands_in_is_graded_when_its_time_is_over(run, seat, at_noon):
    attempt = begin(seat, make_test(run))
    answer(attempt, 2)
    with clock.set_to(attempt.due_at + GRACE):
        assert finish_overdue() == 0
    with clock.set_to(attempt.due_at + GRACE * 2):
        assert finish_overdue() == 1
        assert finish_overdue() == 0
    attempt.refresh_from_db()
    assert (attempt.score, attempt.finished_at) == (Decimal(5), attempt.due_at)


def test_a_time_limit_runs_on_across_midnight(run, seat):
    test = make_test(run)
    with clock.set_to(dt.datetime(2026, 3, 10, 23, 50, tzinfo=clock.HANOI)):
        attempt = begin(seat, test)
    assert attempt.due_at == dt.datetime(2026, 3, 11, 0, 20, tzinfo=clock.HANOI)


def test_a_test_ends_when_it_closes_though_its_time_limit_is_longer(run, seat, at_noon):
    test = make_test(run)
    closes = NOON + dt.timedelta(minutes=10)
    set_window(by=SYSTEM, run=run, test=test, stage=Stage.AFTER, opens_at=NOON, closes_at=closes)
    assert begin(seat, test).due_at == closes


def test_a_class_closed_while_its_test_is_open_keeps_what_was_answered(run, seat, at_noon):
    attempt = begin(seat, make_test(run))
    answer(attempt, 4)
    run.state = RunState.CLOSED
    run.save()
    attempt = Attempt.objects.get(pk=attempt.pk)
    with pytest.raises(LearningError) as refused:
        answer(attempt, 0)
    assert refused.value.code == "run_closed"
    assert finish(by=SYSTEM, attempt=attempt).score == 10
    seat.refresh_from_db()
    assert seat.score is None  # of a closed class nothing changes


def test_attempts_end_and_before_the_class_there_is_one(run, seat, at_noon):
    test = make_test(run, attempts=2, is_asked_before=True)
    for stage, most in ((Stage.BEFORE, 1), (Stage.AFTER, 2)):
        for _time in range(most):
            take(seat, test, 1, stage)
        with pytest.raises(LearningError) as refused:
            begin(seat, test, stage)
        assert refused.value.code == "no_attempt_left"


@pytest.mark.parametrize(
    ("day", "code"), [(dt.date(2026, 3, 9), "not_open_yet"), (dt.date(2026, 3, 12), "closed")]
)
def test_a_test_is_open_on_the_days_of_its_class(run, seat, day, code):
    test = make_test(run)
    with clock.set_to(day), pytest.raises(LearningError) as refused:
        begin(seat, test)
    assert refused.value.code == code


def test_nobody_sees_the_form_of_another(client, run, seat, at_noon):
    attempt = begin(seat, make_test(run))
    other = make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))
    for user in (other.trainee.user, make_trainer(run)):
        client.force_login(user)
        assert client.get(f"/attempts/{attempt.pk}/").status_code == 404
        sent = client.post(f"/attempts/{attempt.pk}/answers/", {"position": "1", "q1": "0"})
        assert sent.status_code == 404
    assert not attempt.answers.exclude(given=None).exists()


# ── What it is worth ──


def question(kind: str, **answers: Any) -> Question:
    return Question(kind=kind, answers=answers)


OPTIONS = [{"vi": one, "en": "", "right": one in "ab"} for one in "abcd"]
PAIRS = [{"vi": one, "match_vi": match} for one, match in (("1", "x"), ("2", "y"), ("3", "x"))]


@pytest.mark.parametrize(
    ("asked", "given_answer", "worth"),
    [
        (question(QuestionKind.MULTIPLE, options=OPTIONS), [0, 1], 1),
        (question(QuestionKind.MULTIPLE, options=OPTIONS), [0], "0.5"),
        (question(QuestionKind.MULTIPLE, options=OPTIONS), [0, 1, 2], "0.5"),
        (question(QuestionKind.MULTIPLE, options=OPTIONS), [0, 1, 2, 3], 0),
        (question(QuestionKind.TRUE_FALSE, right=True), "true", 1),
        (question(QuestionKind.TRUE_FALSE, right=True), "false", 0),
        (question(QuestionKind.NUMBER, value="12.5", tolerance="0.5"), "13", 1),
        (question(QuestionKind.NUMBER, value="12.5", tolerance="0.5"), "12,0", 1),
        (question(QuestionKind.NUMBER, value="12.5", tolerance="0.5"), "13.1", 0),
        (question(QuestionKind.NUMBER, value="12.5", tolerance="0.5"), "twelve", 0),
        (question(QuestionKind.SHORT_TEXT, accepted=["Hà Nội"]), "ha noi", 1),
        (question(QuestionKind.SHORT_TEXT, accepted=["Hà Nội"]), "Huế", 0),
        (question(QuestionKind.ORDERING, options=PAIRS), [0, 1, 2], 1),
        (question(QuestionKind.ORDERING, options=PAIRS), [0, 2, 1], "0.3333"),
        (question(QuestionKind.MATCHING, options=PAIRS), [2, 1, 0], 1),  # the same words
        (question(QuestionKind.MATCHING, options=PAIRS), [1, None, 0], "0.3333"),
        (question(QuestionKind.SHORT_TEXT, accepted=["x"]), None, 0),
    ],
)
def test_an_answer_is_worth_its_share(asked, given_answer, worth):
    assert points(asked, given_answer) == Decimal(worth)


def test_the_best_attempt_after_the_class_is_its_score(run, seat, at_noon):
    test = make_test(run, attempts=2, is_asked_before=True)
    for right, stage in ((4, Stage.BEFORE), (3, Stage.AFTER), (2, Stage.AFTER)):
        take(seat, test, right, stage)
    seat.refresh_from_db()
    assert seat.score == Decimal("7.50")


def test_one_test_of_a_course_gives_its_score(run):
    make_test(run)
    with pytest.raises(LearningError) as refused:
        make_test(run)
    assert refused.value.code == "second_score"


def test_a_test_on_paper_comes_in_by_workbook_and_a_later_sheet_corrects_it(run, seat, at_noon):
    test = make_test(run)
    for score in (Decimal(6), Decimal(4)):
        scores = {seat.pk: score}
        record_paper(by=SYSTEM, run=run, test=test, stage=Stage.AFTER, scores=scores)
    seat.refresh_from_db()
    assert (seat.score, Attempt.objects.get().is_on_paper) == (4, True)


def test_a_paper_score_of_somebody_who_has_completed_is_kept(run, seat, at_noon):
    test = make_test(run)
    seat.state = EnrollmentState.COMPLETED
    seat.save()
    scores = {seat.pk: Decimal(6)}
    record_paper(by=SYSTEM, run=run, test=test, stage=Stage.AFTER, scores=scores)
    assert Attempt.objects.get().score == 6


def test_a_paper_score_before_the_class_is_refused_where_the_test_is_not_asked_then(run, seat):
    scores = {seat.pk: Decimal(6)}
    test = make_test(run)
    with pytest.raises(LearningInputError) as refused:
        record_paper(by=SYSTEM, run=run, test=test, stage=Stage.BEFORE, scores=scores)
    assert refused.value.code == "not_asked_before"
    assert not Attempt.objects.exists()


def test_the_paper_page_takes_the_score_sheet(client, run, seat, at_noon):
    test = make_test(run, gives_score=False, is_asked_before=True)
    client.force_login(make_trainer(run))
    seat.score = Decimal("8.5")
    seat.save()
    sheet = io.BytesIO(b"".join(write_scores(run)))
    sheet.name = "scores.xlsx"
    client.post(f"/runs/{run.code}/tests/{test.pk}/paper/", {"file": sheet, "stage": "before"})
    attempt = Attempt.objects.get()
    assert (attempt.score, attempt.stage) == (Decimal("8.50"), "before")


def test_the_gain_is_of_those_who_took_both_tests(run, at_noon):
    test = make_test(run, is_asked_before=True)
    for before, after in ((1, 3), (2, 4), (4, None)):
        seat = make_enrollment(run)
        take(seat, test, before, Stage.BEFORE)
        if after is not None:
            take(seat, test, after)
    found = gain(best_scores(run, test))
    assert (found.people, found.before, found.after) == (2, 3.75, 8.75)
    assert found.points == 5


def test_item_statistics_tell_a_hard_question_and_one_that_says_nothing(run, at_noon):
    test = make_test(run, count=6)
    easy, telling, *_others = Question.objects.order_by("pk")
    for person in range(10):
        attempt = begin(make_enrollment(run), test)
        strong = person < 5
        rows = attempt.answers.select_related("question")
        right = {one.position: one.question == easy or strong for one in rows}
        choose(attempt, {at: 0 if is_right else 1 for at, is_right in right.items()})
        finish(by=SYSTEM, attempt=attempt)
    by_question = {one.question_id: one for one in item_statistics(run, test)}
    assert (by_question[easy.pk].difficulty, by_question[easy.pk].discrimination) == (1, 0)
    assert (by_question[telling.pk].difficulty, by_question[telling.pk].discrimination) == (0.5, 1)


def locked_by(work: Callable[[], Any]) -> list[str]:
    """The tables of the rows that are locked, in order."""
    with CaptureQueriesContext(connection) as queries:
        work()
    found = (
        re.search(r'(?s)FROM "(?:learning|courses|enrollment)_(\w+)".* FOR .*UPDATE', one["sql"])
        for one in queries
    )
    return list(dict.fromkeys(one[1] for one in found if one))


@pytest.mark.both_engines
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer")
def test_grading_locks_attempt_class_and_seat_in_one_order(run, seat, at_noon):
    test = make_test(run, attempts=2)
    attempt = begin(seat, test)
    with clock.set_to(attempt.due_at + dt.timedelta(seconds=1)):
        order = ["attempt", "attemptanswer", "courserun", "enrollment"]
        assert locked_by(lambda: begin(seat, test)) == order
    scores = {seat.pk: Decimal(5)}
    paper = partial(record_paper, by=SYSTEM, run=run, test=test, stage=Stage.AFTER, scores=scores)
    assert locked_by(paper) == ["courserun", "enrollment"]


def test_the_page_of_a_test_lists_so_many_people_and_counts_so_many_forms(
    client, run, at_noon, monkeypatch
):
    monkeypatch.setattr(run_tests, "PAGE_SIZE", 2)
    monkeypatch.setattr(statistics, "MOST_FORMS", 2)
    test = make_test(run, count=6)
    for _person in range(3):
        take(make_enrollment(run), test, 3)
    client.force_login(make_trainer(run))
    shown = client.get(f"/runs/{run.code}/tests/{test.pk}/?page=2").context
    assert len(shown["results"]) == 1
    assert {item.answers for _question, item in shown["items"]} == {2}


def test_a_question_that_was_asked_stays_as_it_was(run, seat, at_noon):
    attempt = begin(seat, make_test(run))
    asked = attempt.answers.get(position=1).question
    draft = drafts_of(run.course)[0]
    new = change_question(by=SYSTEM, question=asked, draft=draft)
    asked.refresh_from_db()
    assert new.pk != asked.pk
    assert (new.replaces, asked.withdrawn_at is not None) == (asked, True)


# ── What is shown ──


@pytest.mark.parametrize(
    ("feedback", "shows_score", "shows_answers"),
    [
        (Feedback.NOTHING, False, False),
        (Feedback.SCORE, True, False),
        (Feedback.ANSWERS, True, False),  # classmates may still take it
        (Feedback.AT_ONCE, True, True),
    ],
)
def test_afterwards_one_sees_what_the_test_says(
    client, run, seat, at_noon, feedback, shows_score, shows_answers
):
    attempt = take(seat, make_test(run, feedback=feedback), 3)
    client.force_login(seat.trainee.user)
    page = client.get(f"/attempts/{attempt.pk}/").content.decode()
    assert ("7.50" in page or "7,5" in page) == shows_score
    assert ("* a" in page) == shows_answers


def test_right_answers_stay_hidden_while_the_test_can_be_taken_again(client, run, seat, at_noon):
    test = make_test(run, attempts=2, is_asked_before=True, feedback=Feedback.AT_ONCE)
    before, first = take(seat, test, 1, Stage.BEFORE), take(seat, test, 2)
    client.force_login(seat.trainee.user)
    held_back = "The right answers are shown when the test has closed"

    def shows(attempt: Attempt) -> bool:
        page = client.get(f"/attempts/{attempt.pk}/", headers={"Accept-Language": "en"})
        text = page.content.decode()
        assert (held_back in text) != ("Right:" in text)
        return "Right:" in text

    assert not shows(before)
    assert not shows(first)
    last = begin(seat, test)
    assert not shows(first)  # with the last form in their hands
    finish(by=SYSTEM, attempt=last)
    assert shows(before)
    assert shows(first)


def test_while_it_is_taken_a_form_gives_no_right_answer_away(client, run, seat, at_noon):
    attempt = begin(seat, make_test(run, feedback=Feedback.ANSWERS))
    client.force_login(seat.trainee.user)
    page = client.get(f"/attempts/{attempt.pk}/").content.decode()
    assert "* a" not in page


def test_the_form_works_without_javascript(client, run, seat, at_noon):
    test = make_test(run)
    client.force_login(seat.trainee.user)
    client.post(f"/runs/{run.code}/tests/{test.pk}/", {"stage": "after"})
    attempt = Attempt.objects.get()
    first, second, *_others = attempt.answers.all()
    right = {f"q{one.position}": one.shown["options"].index(0) for one in (first, second)}
    client.post(f"/attempts/{attempt.pk}/", right)
    attempt.refresh_from_db()
    assert attempt.score == 5


@pytest.mark.parametrize("state", [EnrollmentState.WITHDRAWN, EnrollmentState.NOMINATED])
def test_without_a_seat_there_is_no_test(client, run, seat, state, at_noon):
    test = make_test(run)
    seat.state = state
    seat.save()
    client.force_login(seat.trainee.user)
    address = f"/runs/{run.code}/tests/{test.pk}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"stage": "after"}).status_code == 404
