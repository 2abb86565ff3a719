"""Averages against a slow count, what is hidden, and who may read what."""

import datetime as dt
import io
import time
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from courses.models import CourseRun
from evaluations.choices import Source
from evaluations.errors import EvaluationError
from evaluations.layouts import FilledForm, layout_of
from evaluations.models import Evaluation, FreeText
from evaluations.results import results_for, results_of
from evaluations.services.counters import count_forms
from evaluations.services.evaluations import close_evaluation
from evaluations.services.paper import discard_paper_forms, enter_paper_forms
from evaluations.services.texts import hold_back_text, release_text
from evaluations.services.yearly import by_course, year_of
from evaluations.sheets import read_paper_sheet, write_paper_sheet
from people.services.merges import merge
from tests.evaluations.factories import (
    MORNING,
    answer_all,
    answer_as,
    filled_with,
    make_evaluation,
    make_form,
)
from tests.factories import make_course, make_run, make_trainer, make_user
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _last_day() -> Any:
    with clock.set_to(MORNING):
        yield


def closed(values: tuple[int, ...], run: CourseRun | None = None, **fields: Any) -> Evaluation:
    evaluation, people = make_evaluation(run, people=max(6, len(values)), **fields)
    answer_all(evaluation, people, *values)
    close_evaluation(by=SYSTEM, evaluation=evaluation)
    return Evaluation.objects.with_run().get(pk=evaluation.pk)


class AveragesEqualASlowCount(TestCase):
    @settings(max_examples=25)
    @given(
        forms=st.lists(
            st.tuples(
                st.lists(st.integers(1, 10), min_size=5, max_size=5),
                st.integers(0, 2),
                st.sampled_from(Source.values),
            ),
            max_size=12,
        )
    )
    def test_of_indicators_criteria_groups_and_index(self, forms: Any) -> None:
        with clock.set_to(MORNING):
            run = make_run()
            make_trainer(run), make_trainer(run)
            evaluation, _people = make_evaluation(run, people=0, form=make_form(most_unanswered=20))
            layout = layout_of(evaluation)
            keys = [prompt.key for prompt in layout.indicators()]
            answered, valid = defaultdict[Any, list[int]](list), 0
            for values, left_out, source in forms:
                given_answers = dict(list(zip(keys, values, strict=True))[left_out:])
                count_forms(evaluation, Source(source), [FilledForm(given_answers)], layout)
                if left_out <= 1:  # one of five is 20 %
                    valid += 1
                    for key, value in given_answers.items():
                        answered[key].append(value)
            evaluation.refresh_from_db()
            results = results_of(evaluation, layout)
        assert evaluation.valid == valid
        assert evaluation.invalid == len(forms) - valid
        assert results.index.exact == slow_index(layout, answered if valid >= 5 else {})


def slow_index(layout: Any, answered: Any) -> Fraction | None:
    def mean(values: Any) -> Fraction | None:
        known = [value for value in values if value is not None]
        return sum(known, Fraction(0)) / len(known) if known else None

    by_group: dict[Any, list[Any]] = {}
    for section in layout.sections:
        criteria = [
            mean(
                Fraction(sum(found), len(found)) if len(found) >= 5 else None
                for found in (answered.get(prompt.key, []) for prompt in criterion.indicators)
            )
            for criterion in section.criteria
        ]
        by_group.setdefault(section.group, []).append(mean(criteria))
    groups = [(group.weight, mean(found)) for group, found in by_group.items()]
    shown = [(weight, value) for weight, value in groups if value is not None]
    weights = sum(weight for weight, _value in shown)
    return sum((w * v for w, v in shown), Fraction(0)) / weights if weights else None


@pytest.mark.parametrize(
    ("value", "word"),
    [(1, "poor"), (2, "weak"), (3, "weak"), (4, "average"), (6, "good"), (8, "excellent")],
)
def test_an_average_at_a_bound_has_the_word_of_the_level_above(value: int, word: str) -> None:
    evaluation = closed((value,) * 5)
    with override("en"):
        index = results_of(evaluation, layout_of(evaluation)).index
    assert (index.value, index.level) == (Decimal(value), word)


def test_results_of_fewer_than_five_valid_forms_are_hidden_everywhere(client: Any) -> None:
    evaluation = closed((9, 9, 9, 9))
    assert evaluation.index is None
    results = results_of(evaluation, layout_of(evaluation))
    assert results.index.value is None
    assert all(section.average.value is None for section in results.sections)


def test_an_indicator_that_too_few_answered_is_in_no_average_above_it() -> None:
    evaluation, people = make_evaluation(form=make_form(most_unanswered=40))
    layout = layout_of(evaluation)
    for person in people[:4]:
        answer_as(person, evaluation, filled_with(layout, 2))
    last = filled_with(layout, 2, without=1)  # 1.2.1
    answer_as(people[4], evaluation, last)
    close_evaluation(by=SYSTEM, evaluation=evaluation)
    evaluation.refresh_from_db()
    (programme,) = results_of(evaluation, layout).sections
    hidden = programme.criteria[1]
    assert hidden.indicators[0].average.value is None
    assert hidden.average.value is None
    assert programme.average.exact == 2


def test_a_course_and_a_year_leave_out_classes_whose_own_results_are_hidden() -> None:
    """Else the hidden class could be told from the difference of two figures."""
    course, form = make_course(), make_form()
    closed((8,) * 5, make_run(course), form=form)
    closed((2,) * 4, make_run(course), form=form)
    (row,) = by_course(Evaluation.objects.of_year(2026))
    assert (row.classes, row.forms, row.index) == (1, 5, Decimal("8.00"))


def test_the_share_of_classes_evaluated_is_compared_with_the_duty() -> None:
    form = make_form()
    closed((8,) * 2, form=form)
    for _number in range(4):
        make_run()
    make_run(state="cancelled")
    year = year_of(2026)
    assert (year.classes, year.evaluated, year.percent, year.is_met) == (5, 1, 20, True)
    make_run()
    year = year_of(2026)
    assert (year.percent, year.is_met, year.missing) == (16, False, 1)


# Who reads what -------------------------------------------------------------------------


def test_a_trainer_reads_own_results_only_after_evaluation_and_class_are_closed(
    client: Any,
) -> None:
    run = make_run()
    trainer, other = make_trainer(run, full_name="Bùi Giảng"), make_trainer(run, full_name="Vũ Dạy")
    evaluation = closed((8,) * 5, run)
    client.force_login(trainer)
    address = reverse("evaluation_results", args=[run.code])
    before = client.get(address).content.decode()
    assert "8,00" not in before
    assert client.get(reverse("evaluation_report", args=[run.code, "pdf"])).status_code == 403
    run.state = "closed"
    run.save()
    after = client.get(address).content.decode()
    assert "8,00" in after
    assert str(trainer) in after
    assert str(other) not in after.replace(str(trainer), "")
    assert evaluation.trainers.count() == 2


def test_no_index_tells_a_trainer_what_was_said_of_a_colleague(client: Any) -> None:
    run = make_run()
    trainer, _colleague = make_trainer(run), make_trainer(run)
    evaluation, people = make_evaluation(run)
    layout = layout_of(evaluation)
    of_colleague = {
        prompt.key
        for section in layout.sections
        if section.trainer and section.trainer.user_id != trainer.pk
        for criterion in section.criteria
        for prompt in criterion.indicators
    }
    marks = {prompt.key: 8 for prompt in layout.indicators()} | dict.fromkeys(of_colleague, 2)
    for person in people:
        answer_as(person, evaluation, FilledForm(marks))
    close_evaluation(by=SYSTEM, evaluation=evaluation)
    run.state = "closed"
    run.save()
    evaluation = Evaluation.objects.with_run().get(pk=evaluation.pk)
    assert evaluation.index is not None
    assert evaluation.index < 8
    assert results_for(trainer, evaluation).index.value == Decimal("8.00")
    client.force_login(trainer)
    listed = client.get(reverse("evaluations"), {"year": run.ends_on.year})
    assert listed.context["rows"][0]["index"] == "–"


def test_nobody_reads_results_before_the_evaluation_is_closed(client: Any) -> None:
    """Else whoever looks twice sees what the form between has changed."""
    evaluation, people = make_evaluation()
    answer_all(evaluation, people, *(9,) * 6)
    client.force_login(make_trainer(evaluation.run))
    page = client.get(reverse("evaluation_results", args=[evaluation.run.code]))
    assert "9,00" not in page.content.decode()


def test_a_text_held_back_stays_on_record_and_out_of_pages_and_reports(client: Any) -> None:
    evaluation, people = make_evaluation()
    layout = layout_of(evaluation)
    for person in people:
        answer_as(person, evaluation, filled_with(layout, 8, "Giờ nghỉ hơi ngắn"))
    close_evaluation(by=SYSTEM, evaluation=evaluation)
    for text in FreeText.objects.all()[1:]:
        hold_back_text(by=SYSTEM, text=text, reason="Nêu tên một học viên")
    with pytest.raises(EvaluationError):
        hold_back_text(by=SYSTEM, text=FreeText.objects.shown()[0], reason=" ")
    shown_again = FreeText.objects.exclude(held_back_at=None)[0]
    release_text(by=SYSTEM, text=shown_again)
    hold_back_text(by=SYSTEM, text=shown_again, reason="Nêu tên một học viên")
    entry = AuditEntry.objects.filter(action="evaluation_text_held_back").last()
    assert entry
    assert entry.details["reason"] == "Nêu tên một học viên"
    run = evaluation.run
    run.state = "closed"
    run.save()
    client.force_login(make_trainer(run))
    page = client.get(reverse("evaluation_results", args=[run.code])).content.decode()
    assert page.count("Giờ nghỉ hơi ngắn") == 1
    report = client.get(reverse("evaluation_report", args=[run.code, "pdf"]))
    assert text_of(report.content).count("Giờ nghỉ hơi ngắn") == 1


def test_the_report_says_forms_index_and_level_in_pdf_and_excel(client: Any) -> None:
    run = make_run(state="open")
    evaluation = closed((8, 8, 8, 8, 9), run)
    run.state = "closed"
    run.save()
    client.force_login(make_trainer(run))
    report = client.get(reverse("evaluation_report", args=[run.code, "pdf"]))
    text = " ".join(text_of(report.content).split())
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "8,20/10 (Tốt)" in text
    assert "5 phiếu hợp lệ và 0 phiếu không hợp lệ" in text
    content = b"".join(
        client.get(reverse("evaluation_report", args=[run.code, "xlsx"])).streaming_content
    )
    sheet: Any = load_workbook(io.BytesIO(content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert any(row[3] == 8.2 and row[4] == "Tốt" for row in rows)
    assert evaluation.valid == 5


# On paper -------------------------------------------------------------------------------


def sheet_with(layout: Any, rows: list[dict[str, Any]]) -> bytes:
    book = load_workbook(io.BytesIO(b"".join(write_paper_sheet(layout))))
    sheet: Any = book.active
    heads = {str(cell.value).split(" ")[0]: cell.column for cell in sheet[1]}
    for at, row in enumerate(rows, start=2):
        for number, value in row.items():
            sheet.cell(at, heads[number], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ALL_EIGHT = {"1.1.1": 8, "1.1.2": 8, "1.2.1": 8}


def test_forms_on_paper_come_back_by_the_sheet_that_was_downloaded() -> None:
    evaluation, _people = make_evaluation()
    layout = layout_of(evaluation)
    content = sheet_with(layout, [ALL_EIGHT, ALL_EIGHT | {"1.3": "Thêm giờ"}, {"1.1.1": 5}])
    filled, problems = read_paper_sheet(content, layout)
    assert problems == []
    entered = enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="k")
    assert (entered.valid, entered.invalid) == (2, 1)
    evaluation.refresh_from_db()
    assert (evaluation.valid_paper, evaluation.invalid_paper) == (2, 1)
    assert FreeText.objects.get().text == "Thêm giờ"


@pytest.mark.parametrize("bad", [0, 11, "tám", "8,5", -3, "٣"])
def test_a_bad_answer_on_a_sheet_names_row_indicator_and_remedy(bad: Any) -> None:
    evaluation, _people = make_evaluation()
    layout = layout_of(evaluation)
    _filled, problems = read_paper_sheet(
        sheet_with(layout, [ALL_EIGHT, ALL_EIGHT | {"1.1.2": bad}]), layout
    )
    (problem,) = problems
    assert "3" in problem
    assert "1.1.2" in problem


def test_the_same_file_again_changes_nothing() -> None:
    evaluation, _people = make_evaluation()
    filled = [filled_with(layout_of(evaluation), 8)]
    enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="one")
    with pytest.raises(EvaluationError) as refused:
        enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="one")
    assert refused.value.code == "entered_already"
    evaluation.refresh_from_db()
    assert evaluation.forms == 1


def test_there_are_no_more_forms_than_people_with_a_seat() -> None:
    evaluation, people = make_evaluation(people=2)
    answer_all(evaluation, people, 8)
    filled = [filled_with(layout_of(evaluation), 8)] * 2
    with pytest.raises(EvaluationError) as refused:
        enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="two")
    assert refused.value.code == "more_forms_than_seats"
    evaluation.refresh_from_db()
    assert evaluation.forms == 1


def test_forms_from_paper_can_be_taken_back_without_touching_those_online() -> None:
    evaluation, people = make_evaluation()
    answer_all(evaluation, people, 4)
    filled = [filled_with(layout_of(evaluation), 10, "Nhầm")]
    enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="wrong")
    assert discard_paper_forms(by=SYSTEM, evaluation=evaluation, reason="Nhầm lớp") == 1
    evaluation.refresh_from_db()
    assert (evaluation.valid_online, evaluation.valid_paper) == (1, 0)
    assert not evaluation.counts.filter(value=10, count__gt=0).exists()
    assert not evaluation.texts.exists()
    enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="wrong")


def test_a_closed_evaluation_takes_no_paper() -> None:
    evaluation = closed((8,) * 5)
    filled = [filled_with(layout_of(evaluation), 8)]
    with pytest.raises(EvaluationError) as refused:
        enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="late")
    assert refused.value.code == "evaluation_closed"


def test_typing_a_form_twice_by_a_second_click_counts_it_once(client: Any) -> None:
    evaluation, _people = make_evaluation()
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    address = reverse("type_evaluation", args=[evaluation.run.code])
    assert client.get(address).status_code == 200
    sent = {f"a-{p.key}": "7" for p in layout_of(evaluation).indicators()} | {"key": "page"}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 400
    evaluation.refresh_from_db()
    assert evaluation.valid_paper == 1


def test_the_form_to_print_names_every_indicator_and_all_ten_numbers(client: Any) -> None:
    evaluation, _people = make_evaluation()
    client.force_login(make_trainer(evaluation.run))
    page = client.post(reverse("evaluation_paper", args=[evaluation.run.code]))
    text = text_of(page.content)
    assert "Mục tiêu rõ" in text
    assert "10" in text


def test_results_of_ten_thousand_forms_are_read_from_as_many_rows_as_of_ten() -> None:
    evaluation, _people = make_evaluation()
    layout = layout_of(evaluation)
    many = [filled_with(layout, 1 + number % 10) for number in range(10_000)]
    count_forms(evaluation, Source.PAPER, many, layout)
    evaluation.refresh_from_db()
    rows = evaluation.counts.count()
    began = time.perf_counter()
    index = results_of(evaluation, layout).index
    assert time.perf_counter() - began < 1
    assert index.value == Decimal("5.50")
    assert rows == 2 * 10 * sum(1 for _place in layout.indicators())
    assert dt.date(2026, 3, 11) == clock.today()


def test_people_of_a_class_are_counted_once_though_a_merge_left_them_two_seats() -> None:
    evaluation, people = make_evaluation(people=3)
    merge(by=SYSTEM, survivor=people[0].trainee, absorbed=people[1].trainee)
    filled = [filled_with(layout_of(evaluation), 8)] * 3
    with pytest.raises(EvaluationError) as refused:
        enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="k")
    assert refused.value.code == "more_forms_than_seats"
    enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled[:2], key="k")
    assert close_evaluation(by=SYSTEM, evaluation=evaluation).seats_at_closing == 2


def test_nobody_enters_or_takes_back_forms_about_themselves(client: Any) -> None:
    evaluation, _people = make_evaluation()
    filled = [filled_with(layout_of(evaluation), 10)]
    trainer = make_trainer(evaluation.run)
    client.force_login(trainer)
    page = client.get(reverse("run_evaluation", args=[evaluation.run.code])).content.decode()
    assert reverse("type_evaluation", args=[evaluation.run.code]) not in page
    assert client.get(reverse("type_evaluation", args=[evaluation.run.code])).status_code == 403
    # Also where a trainer belongs to the office.
    enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="office")
    for action in (
        partial(enter_paper_forms, filled=filled, key="own"),
        partial(discard_paper_forms, reason="Nhầm"),
    ):
        with pytest.raises(EvaluationError) as refused:
            action(by=trainer.as_actor(), evaluation=evaluation)
        assert refused.value.code == "own_evaluation"


def test_more_forms_than_people_stands_on_the_page(client: Any) -> None:
    evaluation, people = make_evaluation(people=3)
    filled = [filled_with(layout_of(evaluation), 8)] * 2
    client.force_login(make_trainer(evaluation.run))
    address = reverse("run_evaluation", args=[evaluation.run.code])
    enter_paper_forms(by=SYSTEM, evaluation=evaluation, filled=filled, key="k")
    answer_as(people[0], evaluation, filled[0])
    assert not client.get(address).context["more_forms_than_people"]
    answer_as(people[1], evaluation, filled[0])
    assert client.get(address).context["more_forms_than_people"]


def test_the_report_is_in_vietnamese_alone_whoever_reads_it(client: Any) -> None:
    evaluation = closed((8, 9, 7, 8, 9))
    CourseRun.objects.update(state="closed")
    client.force_login(make_trainer(evaluation.run))
    address = reverse("evaluation_report", args=[evaluation.run.code, "pdf"])
    report = client.get(address, headers={"Accept-Language": "en"})
    text = text_of(report.content)
    assert "Tốt" in text
    assert "excellent" not in text
