"""Two agencies, two runs, one of everything in each; the visitors of the table of rights."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Agency, Succession
from audit.services import SYSTEM
from certificates.models import AttendanceConfirmation, Certificate
from courses.models import CalendarAddress, CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Attendance
from jobs.models import Job
from lms.reference import load_reference
from notices.models import Notice
from people.models import Trainee, TransferRequest
from retention.models import ArchivePackage
from rosters.models import RosterImport
from targets.models import AgencyTask
from tests.architecture.world import (
    make_certificate,
    make_class_message,
    make_confirmation,
    make_follow_ups,
    make_learning,
    make_open_evaluation,
    make_package,
    make_report,
    make_roster,
    make_task,
)
from tests.competencies.factories import make_audience, teach
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)


@dataclass
class World:
    """What stands in ``own`` belongs to the trainee, trainer and coordinator; see TABLE."""

    agency: Agency
    run: CourseRun
    open_run: CourseRun
    trainee: Trainee
    certificate: Certificate
    nominee: Trainee
    transfer: TransferRequest
    roster: RosterImport
    task: AgencyTask
    job: Job
    visitors: dict[str, User | None] = field(default_factory=dict)

    @property
    def calendar_address(self) -> CalendarAddress:
        address, _new = CalendarAddress.objects.get_or_create(
            user=self.visitors["trainee"], scope="own", defaults={"digest": "0" * 64}
        )
        return address

    def address(self, pattern: str) -> str:
        """``runs/{run}/`` with the keys of this world."""
        return pattern.format(
            agency=self.agency.slug,
            course=self.run.course.code,
            run=self.run.code,
            open_run=self.open_run.code,
            trainee=self.trainee.code,
            nominee=self.nominee.code,
            transfer=self.transfer.pk,
            roster=self.roster.pk,
            certificate=self.certificate.verification_code,
            confirmation=AttendanceConfirmation.objects.get().verification_code,
            bundle=uuid.UUID(int=0),
            package=ArchivePackage.objects.get().pk,
            indicator="trained_officials",
            percentage="open_data_agencies",
            report="2026-03-31-v1",
            succession=Succession.objects.earliest("pk").pk,
            task=self.task.pk,
            unit=self.task.units.values_list("agency__slug", flat=True).get(),
            progress=self.task.reports.get().pk,
            job=self.job.pk,
            test=self.run.course.tests.get().pk,
            learning_unit=self.run.course.units.get().pk,
            audience="group",
            form=self.run.evaluation.form.slug,
            batch=self.run.batches.get().pk,
            calendar=self.calendar_address.pk,
            message=self.run.messages.get().pk,
            notification=Notice.objects.get(account=self.trainee.user).pk,
        )


def make_world() -> World:
    load_reference(by=SYSTEM)
    agency, elsewhere = make_agency("own", name_vi="Bộ Y tế"), make_agency("other")
    course = make_course("API-1", minimum_attendance=0, approval="agency")
    run = make_run(course, code="RUN-PAST")
    open_run = make_run(
        course,
        code="RUN-OPEN",
        starts_on=dt.date(2090, 5, 6),
        ends_on=dt.date(2090, 5, 7),
    )
    trainee = make_trainee(agency, user=make_user(Role.TRAINEE), full_name="Đặng Thị Ngọc Ánh")
    nominee = make_trainee(agency)
    place = make_enrollment(run, trainee, state=EnrollmentState.COMPLETED)
    make_enrollment(open_run, nominee, state=EnrollmentState.NOMINATED)
    for session in run.sessions.all():
        Attendance.objects.create(
            enrollment=place,
            session=session,
            mark="present",
            evidence="trainers_mark",
            recorded_by="test",
        )
    completion = make_completion(trainee, run, enrollment=place)
    certificate = make_certificate(completion, number=900)
    run.batches.create()
    make_confirmation(place, certificate.signer)
    make_class_message(run, place)
    make_open_evaluation(run)
    make_follow_ups(completion)
    make_learning(place)
    teach(course)
    make_audience(courses=[course])
    make_report()
    transfer = TransferRequest.objects.create(
        trainee=trainee, to_agency=elsewhere, name_as_sent="Người được cử", asked_by="test"
    )
    task = make_task(agency)
    roster = make_roster(open_run, agency, make_coordinator(agency))
    job = Job.objects.create(kind="reconcile", actor_label="test")
    Notice.objects.create(
        recipient="an@bo-y-te.example", account=trainee.user, subject="Lớp mới", body="Kính gửi"
    )
    make_package()
    world = World(agency, run, open_run, trainee, certificate, nominee, transfer, roster, task, job)
    office, auditor = make_user(Role.PROGRAMME_OFFICE), make_user(Role.AUDITOR)
    for user in (office, auditor):
        create_second_factor(by=SYSTEM, user=user)
    trainer = make_trainer(run)
    open_run.trainers.create(user=trainer)
    world.visitors = {
        "nobody": None,
        "trainee": trainee.user,
        "trainer": trainer,
        "other_trainer": make_trainer(make_run(make_course("API-2"))),
        "coordinator": make_coordinator(agency),
        "other_coord": make_coordinator(elsewhere),
        "office": office,
        "office_no_2f": make_user(Role.PROGRAMME_OFFICE),
        "auditor": auditor,
    }
    return world
