"""Which rows each visitor sees and may act on: one table of querysets and visitors.

``all`` or ``none`` of the rows of a small programme, else how many. The pages, the API and every
file ask these querysets, so this holds also where a view's own rule is wide.
"""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from enrollment.models import Attendance
from tests.architecture.world import World, make_world
from tests.factories import make_course, make_run

# Only ``visible_to`` is asked for somebody who is not signed in.
TABLE = """
                            nobody trainee trainer other_trainer coordinator other_coord office office_no_2f auditor
Agency.visible_to_coordinator - none     none    none          1           1           none   none         none
Agency.manageable_by          -      none    none    none          1           1           all    all          none
AgencyTask.manageable_by      -      none    none    none          all         none        all    all          none
AgencyTask.visible_to       none   none    none    none          all         none        all    all          all
Attempt.visible_to          none   all     all     none          none        none        all    all          all
ArchivePackage.visible_to   none   none    none    none          none        none        all    all          all
Attendance.visible_to       none   all     all     none          all         none        all    all          all
AttendanceConfirmation.issued_to - all  none    none          none        none        none   none         none
AttendanceConfirmation.visible_to none all all     none          all         none        all    all          all
AuditEntry.visible_to       none   none    none    none          none        none        all    all          all
Batch.visible_to            none   none    none    none          none        none        all    all          all
CandidatePair.visible_to    none   none    none    none          none        none        all    all          all
Certificate.issued_to       -      all     none    none          none        none        none   none         none
Certificate.visible_to      none   all     all     none          all         none        all    all          all
ClassMessage.visible_to     none   none    all     none          none        none        all    all          all
Completion.visible_to       none   all     all     none          all         none        all    all          all
CooperatingUnit.answerable_by - none    none    none          none        none        all    all          none
Course.visible_to           3      3       all     all           3           3           all    all          all
CourseRun.visible_to        3      3       3       3             3           3           all    all          all
CourseRun.taught_by         -      none    1       1             none        none        none   none         none
CourseTest.visible_to       none   none    all     none          none        none        all    all          all
DataRequest.visible_to      none   all     none    none          none        none        all    all          all
Enrollment.manageable_by      -      none    none    none          all         none        all    all          none
Enrollment.markable_by      -      none    all     none          none        none        all    all          none
Enrollment.messageable_by     -      none    all     none          all         none        all    all          none
Enrollment.own_or_taught      -      all     all     none          none        none        none   none         none
Enrollment.taught_by        -      none    all     none          none        none        none   none         none
Enrollment.visible_to       none   all     all     none          all         none        all    all          all
Evaluation.visible_to       none   none    all     none          none        none        all    all          all
FollowUp.visible_to         none   none    none    none          all         none        all    all          all
IndicatorValue.visible_to   none   none    none    none          all         none        all    all          all
Job.visible_to              none   none    none    none          all         none        all    all          all
Letter.manageable_by          -      none    none    none          all         none        all    all          none
Letter.visible_to           none   none    none    none          all         none        all    all          all
Merge.visible_to            none   none    none    none          none        none        all    all          all
NominationLetter.visible_to none   none    all     none          all         none        all    all          all
Notice.visible_to           none   none    none    none          none        none        none   none         none
PeriodReport.visible_to     none   none    none    none          none        none        all    all          all
Question.visible_to         none   none    all     none          none        none        all    all          all
Quota.visible_to            none   none    none    none          all         none        all    all          all
RosterImport.manageable_by    -      none    none    none          all         none        all    all          none
RosterImport.visible_to     none   none    none    none          all         none        all    all          all
Session.visible_to          4      4       4       4           4           4           all    all          all
TaskReport.visible_to       none   none    none    none          all         none        all    all          all
Trainee.manageable_by         -      none    none    none          all         none        all    all          none
Trainee.of_people_manageable_by - none   none    none          all         none        all    all          none
Trainee.visible_to          none   1       none    none          all         none        all    all          all
TransferRequest.answerable_by -    all     none    none          all         none        all    all          none
TransferRequest.visible_to  none   all     none    none          all         all         all    all          all
Unit.manageable_by            -      none    all     none          none        none        all    all          none
UnitDone.visible_to         none   all     all     none          all         none        all    all          all
User.visible_to             none   none    none    none          none        none        all    all          all
"""  # noqa: E501

BY_USER = {
    "visible_to", "manageable_by", "visible_to_coordinator", "answerable_by", "issued_to",
    "markable_by", "messageable_by", "of_people_manageable_by", "own_or_taught",
    "taught_by",
}  # fmt: skip
_VISITORS, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
# By queryset and visitor.
ROWS_SEEN = {name: dict(zip(_VISITORS, cells, strict=True)) for name, *cells in _ROWS}


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    enrollment = made.run.enrollments.get()
    session = made.run.sessions.first() or make_session(made)
    Attendance.objects.create(enrollment=enrollment, session=session, mark="present")
    make_course(is_offered=False)
    make_run(state="draft")
    return made


def make_session(world: World) -> Any:
    day = world.run.starts_on.isoformat()
    return world.run.sessions.create(
        number=1, starts_at=f"{day}T08:00+07:00", ends_at=f"{day}T11:00+07:00"
    )


def test_each_visitor_has_the_rows_of_the_table(world: World) -> None:
    wrong = []
    for name, *expected in _ROWS:
        model, _dot, method = name.partition(".")
        rows = next(m for m in apps.get_models() if m.__name__ == model)._default_manager
        found = [
            count_of(rows.all(), method, user) if answer != "-" else "-"
            for user, answer in zip(world.visitors.values(), expected, strict=True)
        ]
        wrong += [(name, found)] if found != expected else []
    assert wrong == []


def count_of(rows: Any, method: str, user: Any) -> str:
    found, every = getattr(rows, method)(user or AnonymousUser()).count(), rows.count()
    assert every, f"{rows.model.__name__}: the world has none"
    return {0: "none", every: "all"}.get(found, str(found))


def test_the_table_has_every_queryset_by_user() -> None:
    declared = {
        f"{model.__name__}.{method}"
        for model in apps.get_models()
        for method in BY_USER
        if hasattr(model._default_manager.all(), method)
    }
    assert declared == {name for name, *_answers in _ROWS}
