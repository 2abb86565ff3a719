"""A test as a class takes it: its page, the form in a trainee's hands, the results."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import RUN_MANAGERS
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import SIGNED_IN, allow
from common.errors import DomainError
from common.form_errors import error_as_message, valid_data
from common.numbers import whole_number
from courses.models import CourseRun, in_reader_language
from enrollment.sheets.scores import read_scores
from enrollment.views.shared import run_for_staff
from learning.choices import SHOWS_ANSWERS, Feedback, QuestionKind, Stage
from learning.forms import PaperForm, WindowForm
from learning.models import Attempt, AttemptAnswer, CourseTest, Question
from learning.services.attempts import (
    answers_of,
    attempts_allowed,
    finish,
    may_see_answers,
    own_answers,
    record_paper,
    save_answers,
    start,
)
from learning.services.course_tests import set_window, spans
from learning.services.statistics import best_scores, gain, item_statistics
from learning.sheets.drafts import write_answers
from learning.views.shared import class_context, class_of_reader, may_manage, own_seat

MAX_MESSAGES = 20
PAGE_SIZE = 50


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def run_test(request: AuthenticatedHttpRequest, code: str, pk: int) -> HttpResponse:
    run = class_of_reader(request.user, code)
    test = get_object_or_404(CourseTest, pk=pk, course=run.course_id)
    seat = own_seat(request.user, run)
    if request.method == "POST":
        if seat is None:
            raise Http404
        return _start(request, seat, test)
    context = class_context(request, run)
    taken = list(Attempt.objects.of_holder(seat).filter(test=test)) if seat else []
    context |= {
        "test": test,
        "seat": seat,
        "stages": _stages(run, test, taken),
        "taken": taken,
        "shows_score": test.feedback != Feedback.NOTHING,
    }
    if context["is_staff"]:
        context |= _results(request, run, test)
        if may_manage(request.user):
            context |= {"window_form": WindowForm(test=test), "paper_form": PaperForm()}
    return render(request, "learning/run_test.html", context)


def _stages(run: CourseRun, test: CourseTest, taken: list[Attempt]) -> list[dict[str, Any]]:
    now, found = clock.now(), []
    for (_test, stage), (opens, closes) in spans(run, [test]).items():
        own = [one for one in taken if one.stage == stage]
        found.append(
            {
                "stage": Stage(stage),
                "opens": opens,
                "closes": closes,
                "is_open": opens <= now <= closes and not test.withdrawn_at,
                "under_way": next((one for one in own if one.is_under_way), None),
                "left": attempts_allowed(test, stage) - len(own),
            }
        )
    return sorted(found, key=lambda one: one["stage"] == Stage.AFTER)


def _start(request: AuthenticatedHttpRequest, seat: Any, test: CourseTest) -> HttpResponse:
    stage = Stage.BEFORE if request.POST.get("stage") == Stage.BEFORE else Stage.AFTER
    try:
        attempt = start(by=request.user.as_actor(), enrollment=seat, test=test, stage=stage)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("run_test", seat.run.code, test.pk)
    return redirect("attempt", attempt.pk)


def _results(request: AuthenticatedHttpRequest, run: CourseRun, test: CourseTest) -> dict[str, Any]:
    best = best_scores(run, test)
    people = run.enrollments.holding_a_seat().select_related("trainee").in_roster_order()
    page = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    items = item_statistics(run, test)
    questions = Question.objects.in_bulk([one.question_id for one in items])
    return {
        "gain": gain(best),
        "page": page,
        "results": [
            (one.trainee, best.get((one.pk, Stage.BEFORE)), best.get((one.pk, Stage.AFTER)))
            for one in page
        ],
        "items": [(questions[one.question_id], one) for one in items],
    }


@allow(*RUN_MANAGERS)
@require_POST
def test_window(request: AuthenticatedHttpRequest, code: str, pk: int) -> HttpResponse:
    run = run_for_staff(request.user, code)
    test = get_object_or_404(CourseTest, pk=pk, course=run.course_id)
    with error_as_message(request, _("Opening times saved.")):
        data = valid_data(WindowForm(request.POST, test=test))
        set_window(by=request.user.as_actor(), run=run, test=test, **data)
    return redirect("run_test", code, pk)


@allow(*RUN_MANAGERS)
@require_POST
def paper_scores(request: AuthenticatedHttpRequest, code: str, pk: int) -> HttpResponse:
    """Scores of a test on paper: all of the workbook's, or none and what to correct."""
    run = run_for_staff(request.user, code)
    test = get_object_or_404(CourseTest, pk=pk, course=run.course_id)
    with error_as_message(request):
        data = valid_data(PaperForm(request.POST, request.FILES), _("Choose a file."))
        scores, problems = read_scores(data["file"].read(), run)
        for problem in problems[:MAX_MESSAGES]:
            messages.error(request, problem)
        if problems:
            text = _("No scores were saved: correct the file and upload it again.")
            messages.error(request, text)
        else:
            by, stage = request.user.as_actor(), data["stage"]
            count = record_paper(by=by, run=run, test=test, stage=stage, scores=scores)
            text = _("%(count)s scores of the test on paper saved.")
            messages.success(request, text % {"count": formats.number(count)})
    return redirect("run_test", code, pk)


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
@never_cache
def attempt_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    attempt = _own_attempt(request, pk)
    if request.method == "POST":
        return _hand_in(request, attempt)
    is_over = attempt.finished_at is not None
    shows_answers = is_over and may_see_answers(attempt)
    answers = attempt.answers.select_related("question")
    if is_over and not shows_answers:
        answers = answers.none()
    context = {
        "attempt": attempt,
        "run": attempt.enrollment.run,
        "test": attempt.test,
        "questions": [_shown(answer) for answer in answers],
        "is_over": is_over,
        "is_held_back": attempt.test.feedback in SHOWS_ANSWERS and not shows_answers,
        "shows_score": attempt.test.feedback != Feedback.NOTHING,
        "seconds": max(0, int((attempt.due_at - clock.now()).total_seconds())),
    }
    return render(request, "learning/attempt.html", context)


def _shown(answer: AttemptAnswer) -> dict[str, Any]:
    question, options = answer.question, answer.question.answers.get("options", [])
    matches, given = answer.shown.get("matches", []), answer.given
    paired = given if question.kind in (QuestionKind.ORDERING, QuestionKind.MATCHING) else None
    slots: Any = {at: slot for slot, at in enumerate(matches or range(len(options)))}
    return {
        "answer": answer,
        "question": question,
        "options": [
            {
                "slot": slot,
                "text": in_reader_language(options[at]["vi"], options[at]["en"]),
                "is_chosen": isinstance(given, list) and at in given,
                "selected": slots.get(paired[at]) if paired else None,
            }
            for slot, at in enumerate(answer.shown.get("options", []))
        ],
        "ranks": [(n, n + 1) for n in range(len(options))],
        "matches": [
            (slot, in_reader_language(options[at]["match_vi"], options[at]["match_en"]))
            for slot, at in enumerate(matches)
        ],
        "right": write_answers(question.kind, question.answers),
        "is_answered": given is not None,
    }


def _hand_in(request: AuthenticatedHttpRequest, attempt: Attempt) -> HttpResponse:
    try:
        save_answers(answers_of(attempt), request.POST)
    except DomainError as error:
        messages.error(request, error.message)
    with error_as_message(request, _("The test has been handed in.")):
        finish(by=request.user.as_actor(), attempt=attempt)
    return redirect("attempt", attempt.pk)


@allow(SIGNED_IN)
@require_POST
@never_cache
def save_attempt(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Answers as they are given, for js/answers.js: ``position`` names each that was changed."""
    numbers = map(whole_number, request.POST.getlist("position"))
    sent = {number for number in numbers if number is not None}
    answers = own_answers(request.user, pk, sent)
    if not answers:
        raise Http404
    try:
        saved = save_answers(answers, request.POST)
    except DomainError as error:
        return JsonResponse({"error": error.message}, status=error.status)
    return JsonResponse({"saved": saved, "at": formats.time_of_day(clock.now())})


def _own_attempt(request: AuthenticatedHttpRequest, pk: int) -> Attempt:
    own = Attempt.objects.of_user(request.user.pk).filter(is_on_paper=False)
    return get_object_or_404(own.select_related("enrollment__run__course", "test"), pk=pk)
