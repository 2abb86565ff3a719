"""Evaluations for tests: a small form, a class, filled-in forms."""

import datetime as dt
from decimal import Decimal
from typing import Any

from audit.services import SYSTEM
from courses.models import CourseRun
from enrollment.models import Enrollment
from evaluations.layouts import LEVEL, FilledForm, FormRow, Layout, layout_of
from evaluations.models import Evaluation, EvaluationForm
from evaluations.services import answering
from evaluations.services.evaluations import lay_out, plan_evaluation
from evaluations.services.form_versions import publish_form
from tests.factories import make_enrollment, make_run, make_trainee

LEVELS = [
    FormRow(LEVEL, "", "Kém", "poor", value=Decimal(2)),
    FormRow(LEVEL, "", "Yếu", "weak", value=Decimal(4)),
    FormRow(LEVEL, "", "Trung bình", "average", value=Decimal(6)),
    FormRow(LEVEL, "", "Khá", "good", value=Decimal(8)),
    FormRow(LEVEL, "", "Tốt", "excellent"),
]
ROWS = [
    FormRow("group", "1", "Chương trình", "Programme", "course", Decimal(2)),
    FormRow("criterion", "1.1", "Phù hợp", "Relevance"),
    FormRow("indicator", "1.1.1", "Mục tiêu rõ", "Clear aims"),
    FormRow("indicator", "1.1.2", "Nội dung phù hợp", "Fitting contents"),
    FormRow("criterion", "1.2", "Ứng dụng", "Use"),
    FormRow("indicator", "1.2.1", "Dùng được", "Usable"),
    FormRow("question", "1.3", "Cần bổ sung gì?", "What is missing?"),
    FormRow("group", "2", "Giảng viên", "Trainer", "trainer", Decimal(1)),
    FormRow("criterion", "2.1", "Phương pháp", "Methods"),
    FormRow("indicator", "2.1.1", "Dễ hiểu", "Clear"),
    FormRow("question", "2.2", "Ý kiến khác", "Remarks"),
    *LEVELS,
]
LAST_DAY = dt.date(2026, 3, 11)  # of ``make_run``
MORNING = dt.datetime(2026, 3, 11, 3, 0, tzinfo=dt.UTC)


def make_form(slug: str = "class", rows: list[FormRow] = ROWS, **fields: Any) -> EvaluationForm:
    return publish_form(by=SYSTEM, slug=slug, rows=rows, title_vi="Phiếu", **fields)


def make_evaluation(
    run: CourseRun | None = None, people: int = 6, **fields: Any
) -> tuple[Evaluation, list[Enrollment]]:
    """Of a class whose last day is today (``MORNING``), with its form laid out."""
    run = run or make_run()
    enrollments = [
        make_enrollment(run, make_trainee(full_name=f"Trần Văn {number}", personal_number_tail=""))
        for number in range(people)
    ]
    form = fields.pop("form", None) or EvaluationForm.objects.first() or make_form()
    evaluation = plan_evaluation(by=SYSTEM, run=run, form=form, **fields)
    lay_out(evaluation)
    return evaluation, enrollments


def filled_with(layout: Layout, value: int, text: str = "", without: int = 0) -> FilledForm:
    """Every indicator with one value, but the last so many."""
    prompts = list(layout.indicators())
    answers = {prompt.key: value for prompt in prompts[: len(prompts) - without]}
    texts = {prompt.key: text for prompt in layout.questions()} if text else {}
    return FilledForm(answers, texts)


def answer_as(enrollment: Enrollment, evaluation: Evaluation, filled: FilledForm) -> bool:
    ticket = answering._ticket(evaluation, Enrollment.objects.filter(pk=enrollment.pk))
    return answering.hand_in(evaluation=evaluation, ticket=ticket, filled=filled, as_it_is=True)


def answer_all(evaluation: Evaluation, enrollments: list[Enrollment], *values: int) -> None:
    layout = layout_of(evaluation)
    for enrollment, value in zip(enrollments, values, strict=False):
        answer_as(enrollment, evaluation, filled_with(layout, value))
