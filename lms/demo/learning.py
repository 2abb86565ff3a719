"""A course to learn at one's own pace: units, a test before and after, people on their way."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final

from django.http import QueryDict

from accounts.models import User
from audit.services import Actor
from common import clock
from courses.models import ENDLESS_SEATS, Course, CourseRun
from courses.services import open_run
from courses.services.teaching import add_trainer
from enrollment.models import Enrollment
from enrollment.services.enrollments import request_enrollment
from learning.choices import QuestionKind, Stage
from learning.models import AttemptAnswer, CourseTest
from learning.services.attempts import answers_of, finish, save_answers, start
from learning.services.course_tests import save_test
from learning.services.progress import set_done
from learning.services.questions import add_questions
from learning.services.units import add_unit, units_of
from learning.sheets.drafts import Draft
from lms.demo.classes import Attendee, Hosts, at, seat
from lms.demo.story import Story
from people.models import Merge, Trainee
from people.querysets import resolved

COURSE: Final = "AI-101"
PEOPLE: Final = 12
_DATA: Final = Path(__file__).parent / "data"


def make_learning(story: Story, trainer: User, person: Trainee | None) -> CourseRun:
    course, begun = story.courses[COURSE], story.today - dt.timedelta(days=10)
    with clock.set_to(at(begun - dt.timedelta(days=10), 9)):
        test = _fill(course, story.hosts.office)
        run = open_run(
            by=story.hosts.office,
            course=course,
            code=f"{COURSE}-TH-{begun.year}",
            starts_on=begun,
            ends_on=begun + dt.timedelta(days=60),
            capacity=ENDLESS_SEATS,
            is_self_paced=True,
        )
        add_trainer(by=story.hosts.office, run=run, user=trainer)
        seat(run, _attendees(story, person), story.hosts)
        if person:
            request_enrollment(by=story.hosts.office, run=run, trainee=person)
    for turn, enrollment in enumerate(run.enrollments.holding_a_seat().order_by("id")):
        is_own = person is not None and enrollment.trainee_id == person.pk
        _learn(enrollment, test, begun, story.hosts, turn, stops=is_own)
    return run


def _fill(course: Course, by: Actor) -> CourseTest:
    content: dict[str, Any] = json.loads((_DATA / "learning.json").read_text(encoding="utf-8"))
    for unit in content["units"]:
        add_unit(by=by, course=course, **unit)
    add_questions(by=by, course=course, drafts=[Draft(**one) for one in content["questions"]])
    parts = sorted({(one["part"], one["difficulty"]) for one in content["questions"]})
    draws = [{"part": part, "difficulty": level, "count": 2} for part, level in parts]
    return save_test(by=by, course=course, draws=draws, **content["test"])


def _attendees(story: Story, person: Trainee | None) -> list[Attendee]:
    directory, known = story.cast.directory, story.cast.again(story.cast.trained, PEOPLE)
    survivors = Merge.objects.present_survivor_by_absorbed()
    own = person and resolved(person.pk, survivors)
    return [
        Attendee(directory.carried(one.agency_id, story.today), one)
        for one in known
        if one.birth_date and one.pk not in survivors and one.pk != own
    ]


def _learn(
    enrollment: Enrollment,
    test: CourseTest,
    begun: dt.date,
    hosts: Hosts,
    turn: int,
    *,
    stops: bool,
) -> None:
    """The test before on the first day, a unit a day, the test after; some are not that far."""
    by = hosts.office
    with clock.set_to(at(begun, 8, turn)):
        _take(enrollment, test, Stage.BEFORE, by, wrong=2 + turn % 3)
    units = units_of(enrollment.run)
    far = 2 if stops else len(units) - turn % 3
    for day, shown in enumerate(units[:far], start=1):
        with clock.set_to(at(begun + dt.timedelta(days=day), 8, turn)):
            set_done(by=by, enrollment=enrollment, unit=shown.unit)
    if far == len(units):
        with clock.set_to(at(begun + dt.timedelta(days=far + 1), 9, turn)):
            _take(enrollment, test, Stage.AFTER, by, wrong=turn % 2)


def _take(enrollment: Enrollment, test: CourseTest, stage: str, by: Actor, *, wrong: int) -> None:
    attempt = start(by=by, enrollment=enrollment, test=test, stage=stage)
    fields = QueryDict(mutable=True)
    answers = attempt.answers.select_related("question").order_by("position")
    for answer in answers:
        if answer.position > wrong:
            _answer(fields, answer)
    save_answers(answers_of(attempt), fields)
    finish(by=by, attempt=attempt)


def _answer(fields: QueryDict, answer: AttemptAnswer) -> None:
    """Fill in the right answer."""
    name, question, shown = f"q{answer.position}", answer.question, answer.shown
    options = question.answers.get("options", [])
    if question.kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        right = (slot for slot, at in enumerate(shown["options"]) if options[at]["right"])
        fields.setlist(name, [str(slot) for slot in right])
    elif question.kind == QuestionKind.TRUE_FALSE:
        fields[name] = str(question.answers["right"]).lower()
    elif question.kind in (QuestionKind.ORDERING, QuestionKind.MATCHING):
        to = shown.get("matches", sorted(shown["options"]))
        for slot, at in enumerate(shown["options"]):
            fields[f"{name}-{slot}"] = str(to.index(at))
    else:
        fields[name] = question.answers.get("value") or question.answers["accepted"][0]
