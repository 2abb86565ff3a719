"""Evaluations of classes, and what is used at work some months later."""

import datetime as dt
import random

from accounts.models import User
from audit.services import Actor
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.models import Completion
from evaluations.choices import ExampleState, Respondent, Source, Use
from evaluations.layouts import FilledForm, Layout, layout_of
from evaluations.models import Evaluation, EvaluationForm, FollowUp
from evaluations.services.counters import count_forms
from evaluations.services.evaluations import close_evaluation, lay_out, plan_evaluation
from evaluations.services.follow_ups import answer, ask_about_use, decide_example, rule_in_force
from lms.demo.story import Story

EVALUATED = 6
ASKED_SINCE = dt.timedelta(days=100)
_TEXTS = (
    "Cần thêm thời gian thực hành trên máy.",
    "Ví dụ sát với công việc của cơ quan, dễ áp dụng.",
    "Đề nghị gửi tài liệu trước buổi học ít nhất ba ngày.",
    "Giảng viên nhiệt tình, giải đáp cụ thể.",
    "Nên có thêm phần về bảo vệ dữ liệu cá nhân.",
)
_USES = (
    ("Tóm tắt văn bản đến", "Tóm tắt công văn dài trước khi trình; mỗi ngày bớt khoảng một giờ."),
    ("Dự thảo báo cáo tháng", "Dựng khung báo cáo từ số liệu sẵn có rồi tự rà soát từng mục."),
    ("Trả lời câu hỏi của công dân", "Soạn câu trả lời mẫu cho các câu hỏi thường gặp về thủ tục."),
)


def make_effect(story: Story, trainee: User) -> None:
    evaluate_classes(story.rng, story.hosts.office)
    ask_and_answer(story.rng, story.hosts.office, trainee)


def evaluate_classes(rng: random.Random, office: Actor) -> None:
    """The latest classes that are over, one of them with too few forms, and one under way."""
    form = EvaluationForm.objects.current().order_by("pk").first()
    over = CourseRun.objects.of_the_programme().filter(state=RunState.CLOSED, seats_taken__gte=8)
    latest = list(over.filter(ends_on__lt=clock.today()).order_by("-ends_on", "code")[:EVALUATED])
    if form is None:
        return
    for turn, run in enumerate(latest):
        with clock.set_to(_noon(run.ends_on)):
            evaluation = plan_evaluation(by=office, run=run, form=form)
            few = turn == EVALUATED - 1
            _hand_in(rng, evaluation, 3 if few else round(run.seats_taken * 0.8))
        with clock.set_to(min(_noon(evaluation.closes_on), clock.now())):
            close_evaluation(by=office, evaluation=evaluation)
    running = CourseRun.objects.filter(state=RunState.RUNNING).order_by("ends_on").first()
    if running:
        today = clock.today()
        evaluation = plan_evaluation(by=office, run=running, form=form, opens_on=today)
        _hand_in(rng, evaluation, 4)


def _noon(day: dt.date) -> dt.datetime:
    return clock.start_of_day(day) + dt.timedelta(hours=12)


def _hand_in(rng: random.Random, evaluation: Evaluation, number: int) -> None:
    lay_out(evaluation)
    layout = layout_of(evaluation)
    forms = [_filled(rng, layout) for _number in range(number)]
    count_forms(evaluation, Source.ONLINE, forms, layout)


def _filled(rng: random.Random, layout: Layout) -> FilledForm:
    """Between average and excellent; one in twelve leaves half of it out."""
    mood = rng.choice((6, 7, 8, 8, 9))
    answers = {
        prompt.key: min(10, max(1, mood + rng.randint(-2, 1))) for prompt in layout.indicators()
    }
    if rng.random() < 1 / 12:
        answers = {key: value for key, value in answers.items() if rng.random() < 1 / 2}
    questions = list(layout.questions())
    chosen = rng.sample(questions, k=1) if rng.random() < 1 / 4 else []
    return FilledForm(answers, {prompt.key: rng.choice(_TEXTS) for prompt in chosen})


def ask_and_answer(rng: random.Random, office: Actor, trainee: User) -> None:
    """As the worker would have asked month by month; about half have answered."""
    now, day = clock.now(), clock.today() - ASKED_SINCE
    while day <= clock.today():
        with clock.set_to(min(_noon(day), now)):
            ask_about_use()
        day += dt.timedelta(days=20)
    waiting = FollowUp.objects.filter(answered_at=None).exclude(completion__trainee__user=trainee)
    for one in waiting.order_by("pk"):
        if rng.random() < 1 / 2:
            with clock.set_to(min(one.asked_at + dt.timedelta(days=rng.randint(1, 9)), now)):
                _answer(rng, one)
    for turn, one in enumerate(FollowUp.objects.examples().order_by("answered_at", "pk")[:8]):
        if turn % 3 != 2:
            _publish(one, office)
    _ask_trainee(trainee)


def _answer(rng: random.Random, one: FollowUp) -> None:
    use = rng.choice((Use.REGULARLY, Use.SOMETIMES, Use.SOMETIMES, Use.NOT_YET))
    has_example = use == Use.REGULARLY and rng.random() < 1 / 2
    what, example = rng.choice(_USES)
    answer(
        by=Actor(None, f"{one.respondent} of follow-up {one.pk}"),
        follow_up=one,
        use=use,
        what=what if use != Use.NOT_YET else "",
        obstacle="Chưa có công cụ được phép dùng tại cơ quan." if use == Use.NOT_YET else "",
        example=example if has_example else "",
        may_publish=has_example,
    )


def _publish(one: FollowUp, office: Actor) -> None:
    decide_example(
        by=office,
        follow_up=one,
        state=ExampleState.PUBLISHED,
        public_title=one.what,
        public_text=one.example,
    )


def _ask_trainee(trainee: User) -> None:
    """The demo trainee has a question to answer, whenever the last class was."""
    completion = Completion.objects.not_voided().filter(trainee__user=trainee).last()
    if completion and not FollowUp.objects.of_user(trainee.pk).filter(answered_at=None).exists():
        rule = rule_in_force()
        FollowUp.objects.create(
            completion=completion,
            months=rule.months[-1],
            respondent=Respondent.TRAINEE,
            closes_on=clock.today() + dt.timedelta(days=rule.days_open),
        )
