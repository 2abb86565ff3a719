"""The question bank of a course and its tests, for its trainers and the office."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from common.downloads import attachment
from common.form_errors import domain_errors_on, error_as_message, render_form, valid_data
from learning.forms import CourseTestForm, QuestionFileForm, QuestionForm
from learning.models import CourseTest, Question
from learning.services.course_tests import available, save_test, withdraw_test
from learning.services.questions import (
    add_question,
    add_questions,
    change_question,
    drafts_of,
    read_bank,
    withdraw_question,
)
from learning.sheets.drafts import write_answers
from learning.sheets.written import BANK_FORMS
from learning.views.shared import course_for_staff, may_manage_course

PAGE_SIZE = 50
MAX_MESSAGES = 20


@allow(*RUN_READERS)
@require_GET
def question_bank(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    course = course_for_staff(request.user, code, reading=True)
    page = Paginator(course.questions.in_use(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "course": course,
        "page": page,
        "questions": [(one, write_answers(one.kind, one.answers)) for one in page],
        "tests": course.tests.filter(withdrawn_at=None),
        "may_manage": may_manage_course(request.user, course),
        "form": QuestionFileForm(),
        "forms": {"xlsx": "Excel", "gift": "Moodle GIFT", "xml": "Moodle XML"},
    }
    return render(request, "learning/questions.html", context)


@allow(*RUN_MANAGERS)
@require_GET
def export_questions(request: AuthenticatedHttpRequest, code: str, form: str) -> HttpResponseBase:
    course = course_for_staff(request.user, code)
    media_type, write = BANK_FORMS[form]
    headers = attachment(f"questions-{course.code}.{form}")
    drafts = drafts_of(course)
    return StreamingHttpResponse(write(drafts), content_type=media_type, headers=headers)


@allow(*RUN_MANAGERS)
@require_POST
def import_questions(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """All of the file's questions, or none and what to correct."""
    course = course_for_staff(request.user, code)
    with error_as_message(request):
        file = valid_data(QuestionFileForm(request.POST, request.FILES))["file"]
        drafts, problems = read_bank(file.read(), file.name)
        for line, sentence in problems[:MAX_MESSAGES]:
            messages.error(request, _("Line %(line)s: %(problem)s") % _problem(line, sentence))
        if problems:
            text = _("No question was taken over: correct the file and upload it again.")
            messages.error(request, text)
        elif not drafts:
            messages.error(request, _("The file holds no question."))
        else:
            result = add_questions(by=request.user.as_actor(), course=course, drafts=drafts)
            text = _("%(added)s questions added; %(already)s were there already.")
            counts = {"added": result.added, "already": result.already}
            messages.success(request, text % {k: formats.number(v) for k, v in counts.items()})
    return redirect("question_bank", code)


def _problem(line: int, sentence: Any) -> dict[str, str]:
    return {"line": formats.number(line), "problem": str(sentence)}


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def new_question(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    course = course_for_staff(request.user, code)
    form = QuestionForm(request.POST or None)
    if form.is_valid():
        with domain_errors_on(form):
            add_question(by=request.user.as_actor(), course=course, draft=form.draft())
            messages.success(request, _("Question added."))
            return redirect("question_bank", code)
    return _asked(request, code, form, _("New question"))


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def question_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    question = _managed(request, Question, pk)
    stored = {name: getattr(question, name) for name in QuestionForm.base_fields}
    stored["answers"] = write_answers(question.kind, question.answers)
    form = QuestionForm(request.POST or None, initial=stored)
    if form.is_valid():
        with domain_errors_on(form):
            change_question(by=request.user.as_actor(), question=question, draft=form.draft())
            messages.success(request, _("Question changed."))
            return redirect("question_bank", question.course.code)
    return _asked(request, question.course.code, form, _("Change the question"))


@allow(*RUN_MANAGERS)
@require_POST
def remove_question(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    question = _managed(request, Question, pk)
    with error_as_message(request, _("Question withdrawn.")):
        withdraw_question(by=request.user.as_actor(), question=question)
    return redirect("question_bank", question.course.code)


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def new_test(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    course = course_for_staff(request.user, code)
    return _saved(request, CourseTest(course=course), _("New test"))


@allow(*RUN_MANAGERS)
@require_http_methods(["GET", "POST"])
def test_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return _saved(request, _managed(request, CourseTest, pk), _("Change the test"))


@allow(*RUN_MANAGERS)
@require_POST
def remove_test(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    test = _managed(request, CourseTest, pk)
    with error_as_message(request, _("Test withdrawn. Results stay.")):
        withdraw_test(by=request.user.as_actor(), test=test)
    return redirect("question_bank", test.course.code)


def _saved(request: AuthenticatedHttpRequest, test: CourseTest, heading: str) -> HttpResponse:
    course = test.course
    stored = CourseTest.objects.get(pk=test.pk) if test.pk else CourseTest(course=course)
    form = CourseTestForm(request.POST or None, instance=test, bank=available(course))
    if form.is_valid():
        with domain_errors_on(form):
            save_test(by=request.user.as_actor(), course=course, test=stored, **form.values())
            messages.success(request, _("Test saved."))
            return redirect("question_bank", course.code)
    return _asked(request, course.code, form, heading)


def _managed(request: AuthenticatedHttpRequest, model: Any, pk: int) -> Any:
    found = get_object_or_404(model.objects.select_related("course"), pk=pk, withdrawn_at=None)
    course_for_staff(request.user, found.course.code)
    return found


def _asked(request: AuthenticatedHttpRequest, code: str, form: Any, heading: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "label": _("Save"),
        "cancel": reverse("question_bank", args=[code]),
        "parent": _("Questions and tests"),
        "code": code,
    }
    return render_form(request, "learning/unit_form.html", context)
