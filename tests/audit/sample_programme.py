"""A small programme for the actions of ``test_every_action`` to be done to."""

import datetime as dt
from typing import Any

from accounts.models import Invitation, SignOnIdentity, User
from accounts.openid import Assertion
from audit.services import Actor
from certificates.models import Batch, Certificate, ShareLink
from common import clock
from courses.models import CourseRun, Session
from enrollment.models import Completion, Enrollment
from jobs.models import Job
from people.models import Trainee
from rosters.models import RosterImport
from targets.models import AgencyTask, CooperatingUnit, TaskReport
from tests.architecture.world import World
from tests.factories import make_agency, make_enrollment, make_run, make_trainee

ANNA = Actor(7_000_000, "Anna")  # no account of the sample has this id
FUTURE = dt.date(2090, 5, 8)
NOON = clock.start_of_day(FUTURE) + dt.timedelta(hours=12)


class Things:
    """What the actions are done to, read again for each of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.other = make_agency("bo-khac")
        self.future = make_run(
            world.run.course, code="FUTURE", starts_on=FUTURE, ends_on=FUTURE, sessions=1
        )
        self.draft = make_run(world.run.course, code="DRAFT", state="draft")
        self.nominee = make_trainee(world.agency, personal_number="001085012345")
        make_enrollment(self.future, self.nominee, state="nominated")
        make_enrollment(self.future, make_trainee(world.agency), state="enrolled")

    def run(self, code: str = "FUTURE") -> CourseRun:
        return CourseRun.objects.get(code=code)

    @property
    def past(self) -> CourseRun:
        return self.run(self.world.run.code)

    def place(self, state: str) -> Enrollment:
        return Enrollment.objects.filter(run__code="FUTURE", state=state).get()

    @property
    def done(self) -> Enrollment:
        return Enrollment.objects.get(run=self.past)

    @property
    def session(self) -> Session:
        return self.run().sessions.get()

    assertion = Assertion("https://login.example", "42", "", ())

    def known_at_the_provider(self) -> User:
        user = self.trainer
        SignOnIdentity.objects.create(
            user=user, issuer=self.assertion.issuer, subject=self.assertion.subject
        )
        return user

    @property
    def trainer(self) -> User:
        return self._visitor("trainer")

    @property
    def coordinator(self) -> User:
        return self._visitor("coordinator")

    @property
    def auditor(self) -> User:
        return self._visitor("auditor")

    def _visitor(self, name: str) -> User:
        user: User = User.objects.get(pk=getattr(self.world.visitors[name], "pk", 0))
        return user

    @property
    def person(self) -> Trainee:
        return Trainee.objects.get(pk=self.nominee.pk)

    @property
    def result(self) -> Completion:
        return Completion.objects.get(run=self.past)

    @property
    def certificate(self) -> Certificate:
        return Certificate.objects.get()

    @property
    def batch(self) -> Batch:
        return Batch.objects.get()

    @property
    def upload(self) -> RosterImport:
        return RosterImport.objects.get()

    def job(self, state: str) -> Job:
        Job.objects.filter(pk=self.world.job.pk).update(state=state)
        return Job.objects.get(pk=self.world.job.pk)

    def invitation(self) -> Invitation:
        return Invitation.objects.create(
            user=self.trainer, digest="0" * 64, recorded_by="x", expires_at=NOON
        )

    def link(self) -> ShareLink:
        return ShareLink.objects.create(
            certificate=self.certificate, token_sha256="0" * 64, expires_at=NOON
        )

    def finished_task(self) -> AgencyTask:
        AgencyTask.objects.update(done_on=clock.today())
        return AgencyTask.objects.get()

    def task_report(self) -> TaskReport:
        return TaskReport.objects.create(task=self.world.task, day=clock.today(), text="Đã làm")

    def cooperating_unit(self) -> CooperatingUnit:
        return CooperatingUnit.objects.create(task=self.world.task, other="Viện A")

    @property
    def term(self) -> Any:
        return self.world.agency.coordinators.get()
