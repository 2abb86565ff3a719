"""The question bank: typed, imported, changed, withdrawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import bounded, clock
from common.deferred_messages import message_from_json
from courses.models import Course
from learning.errors import LearningInputError
from learning.models import AttemptAnswer, Question
from learning.parsers import read_questions
from learning.sheets.drafts import Draft, require_answerable
from learning.sheets.gift import Problem
from learning.sheets.workbooks import read_workbook

MOST_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    already: int


def read_bank(content: bytes, name: str) -> tuple[list[Draft], list[Problem]]:
    """The questions of a file and what is wrong, by line or row."""
    ending = name.rpartition(".")[2].lower()
    if ending not in ("gift", "txt", "xml"):
        return read_workbook(content)
    found = bounded.run(read_questions, content, "xml" if ending == "xml" else "gift")
    problems = [(line, message_from_json(sentence)) for line, sentence in found["problems"]]
    return [Draft(**draft) for draft in found["drafts"]], problems


@audited("questions_imported")
def add_questions(*, by: Actor, course: Course, drafts: Iterable[Draft]) -> Imported:
    """Add what the bank does not have yet."""
    drafts = list(drafts)
    if len(drafts) > MOST_AT_ONCE:
        text = _("A file holds at most %(most)s questions: split it.")
        raise LearningInputError("too_many", text % {"most": MOST_AT_ONCE})
    Course.objects.select_for_update().get(pk=course.pk)
    known = {_key(one.text_vi, one.kind, one.answers) for one in course.questions.in_use()}
    new = []
    for draft in drafts:
        key = _key(draft.text_vi, draft.kind, draft.answers)
        if key not in known:
            known.add(key)
            new.append(Question(course=course, recorded_by=by.label, **draft.fields()))
    Question.objects.bulk_create(new, batch_size=500)
    audit_details(course=course.code, questions=len(new))
    return Imported(len(new), len(drafts) - len(new))


def _key(text: str, kind: str, answers: Any) -> tuple[str, str, str]:
    return text, kind, repr(sorted(answers.items()))


@audited("question_added")
def add_question(*, by: Actor, course: Course, draft: Draft) -> Question:
    require_answerable(draft)
    question = Question.objects.create(course=course, recorded_by=by.label, **draft.fields())
    audit_details(course=course.code, question=question.pk)
    return question


@audited("question_changed")
def change_question(*, by: Actor, question: Question, draft: Draft) -> Question:
    """One that has been asked stays as it was; the changed one replaces it in the bank."""
    require_answerable(draft)
    question = Question.objects.select_for_update().get(pk=question.pk)
    new = Question(
        course=question.course, recorded_by=by.label, recorded_at=clock.now(), **draft.fields()
    )
    if AttemptAnswer.objects.filter(question=question).exists():
        Question.objects.filter(pk=question.pk).update(withdrawn_at=clock.now())
        new.replaces = question
    else:
        new.pk, new.replaces = question.pk, question.replaces
    new.save()
    audit_details(course=question.course.code, question=new.pk, replaces=new.replaces_id)
    return new


@audited("question_withdrawn")
def withdraw_question(*, by: Actor, question: Question) -> None:
    Question.objects.filter(pk=question.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    audit_details(course=question.course.code, question=question.pk)


def drafts_of(course: Course) -> list[Draft]:
    names = (
        "kind", "part", "difficulty", "text_vi", "text_en", "explanation_vi", "explanation_en",
        "answers",
    )  # fmt: skip
    return [Draft(**row) for row in course.questions.in_use().values(*names)]
