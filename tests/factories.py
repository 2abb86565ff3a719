"""Standing people and places for tests; each maker takes what matters to the test."""

import datetime as dt
import itertools
from typing import Any

from accounts.choices import Role
from accounts.models import RoleGrant, SavedFilter, User
from agencies.choices import AgencyKind, SuccessionKind
from agencies.models import Agency, Coordinator, Succession, SuccessionLink
from common import clock
from courses.models import Course, CourseRun, RunTrainer, Session
from courses.services.calendar import record_calendar
from enrollment.choices import EnrollmentState, Evidence, Grade
from enrollment.models import Completion, Enrollment
from people.models import Trainee

_number = itertools.count(1)


def make_user(*roles: Role | str, email: str = "", **fields: Any) -> User:
    n = next(_number)
    user = User.objects.create_user(email or f"user{n}@example.gov.vn", "pw", **fields)
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return user


def make_saved_filter(user: User, page: str, name: str, **asked: str) -> SavedFilter:
    plain: Any = {key: [value] for key, value in asked.items()}
    return SavedFilter.objects.create(user=user, page=page, name=name, asked=plain)


def make_agency(slug: str = "", **fields: Any) -> Agency:
    slug = slug or f"agency-{next(_number)}"
    defaults = {"name_vi": f"Cơ quan {slug}", "kind": AgencyKind.MINISTRY}
    return Agency.objects.create(slug=slug, **(defaults | fields))


def make_coordinator(agency: Agency, **fields: Any) -> User:
    user = make_user(Role.COORDINATOR, **fields)
    Coordinator.objects.create(user=user, agency=agency)
    return user


def make_succession(
    predecessor: Agency,
    *successors: Agency,
    on: dt.date,
    kind: str = SuccessionKind.MERGER,
    recorded_at: dt.datetime | None = None,
) -> Succession:
    succession = Succession.objects.create(
        kind=kind, on=on, recorded_at=recorded_at or clock.start_of_day(on)
    )
    for successor in successors:
        SuccessionLink.objects.create(
            succession=succession, predecessor=predecessor, successor=successor
        )
    return succession


def make_course(code: str = "", **fields: Any) -> Course:
    code = code or f"K-{next(_number):03d}"  # the reference data has AI-101 and on
    defaults = {
        "title_vi": f"Khóa {code}",
        "title_en": f"Course {code}",
        "periods": 16,
        "delivery": "in_person",
    }
    return Course.objects.create(code=code, **(defaults | fields))


def make_run(course: Course | None = None, *, sessions: int = 2, **fields: Any) -> CourseRun:
    """A run of two days from 2026-03-10, with morning sessions."""
    n = next(_number)
    defaults: dict[str, Any] = {
        "code": f"RUN-{n}",
        "starts_on": dt.date(2026, 3, 10),
        "ends_on": dt.date(2026, 3, 11),
        "capacity": 40,
    }
    run = CourseRun.objects.create(course=course or make_course(), **(defaults | fields))
    for number in range(1, sessions + 1):
        start = clock.start_of_day(run.starts_on) + dt.timedelta(days=number - 1, hours=8)
        Session.objects.create(
            run=run, number=number, starts_at=start, ends_at=start + dt.timedelta(hours=3)
        )
    record_calendar(run)
    return run


def make_trainer(run: CourseRun, **fields: Any) -> User:
    user = make_user(Role.TRAINER, **fields)
    RunTrainer.objects.create(run=run, user=user)
    return user


def make_trainee(agency: Agency | None = None, **fields: Any) -> Trainee:
    n = next(_number)
    defaults = {"full_name": f"Nguyễn Văn {n}", "birth_date": dt.date(1985, 1, 1 + n % 28)}
    return Trainee.objects.create(agency=agency or make_agency(), **(defaults | fields))


def make_enrollment(run: CourseRun, trainee: Trainee | None = None, **fields: Any) -> Enrollment:
    """A row as it stands; use the services where seats and ledger matter."""
    trainee = trainee or make_trainee()
    defaults = {"state": EnrollmentState.ENROLLED, "sending_agency": trainee.agency}
    return Enrollment.objects.create(run=run, trainee=trainee, **(defaults | fields))


def make_completion(
    trainee: Trainee | None = None, run: CourseRun | None = None, **fields: Any
) -> Completion:
    """A completion as a row, recorded at the end of its day unless told otherwise."""
    trainee, run = trainee or make_trainee(), run or make_run()
    agency = fields.pop("sending_agency", trainee.agency)
    completed_on = fields.pop("completed_on", run.ends_on)
    defaults = {
        "course_code": run.course.code,
        "periods": run.course.periods,
        "completed_on": completed_on,
        "grade": Grade.PASSED,
        "attendance_percent": 100,
        "rule_met": "≥ 80 %",
        "evidence": Evidence.SIGNED_SHEET,
        "sending_agency": agency,
        "agency_kind": agency.kind,
        "sector": agency.sector,
        "recorded_at": clock.end_of_day(completed_on),
        "recorded_by": "test",
    }
    return Completion.objects.create(trainee=trainee, run=run, **(defaults | fields))
