"""Places in runs, and runs as far as people and seats are concerned."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from agencies.models import Agency
from common import api, clock
from common.access import SIGNED_IN
from courses.api import RunDetail, Runs, made_by, runs_known_to
from courses.models import CourseRun
from courses.serializers import RunSerializer
from courses.services import change_run
from enrollment.choices import Approver
from enrollment.errors import EnrollmentError
from enrollment.filters import EnrollmentFilter
from enrollment.models import Enrollment
from enrollment.serializers import (
    CancelSerializer,
    ClosingSerializer,
    EnrolledSerializer,
    EnrollmentSerializer,
    EnrollSerializer,
    RunChangeSerializer,
    StepSerializer,
    ToldSerializer,
)
from enrollment.services.changes import cancel_run
from enrollment.services.completion import close_run
from enrollment.services.conflicts import doubts
from enrollment.services.nominations import next_step
from enrollment.services.people import may_be_sent_by
from enrollment.services.seating import hold
from enrollment.services.seats import (
    Nominee,
    approve,
    nominate,
    reject,
    request_enrollment,
    withdraw,
)
from enrollment.services.shares import change_capacity
from people.models import Trainee

OFFICE = Role.PROGRAMME_OFFICE
TEACHERS = (Role.TRAINER, OFFICE)
APPROVERS = (Role.COORDINATOR, OFFICE)
ENROLLERS = (Role.TRAINEE, Role.COORDINATOR, OFFICE)


class _Enrollments(Endpoint):
    tag = "enrollments"
    columns = (
        "run__code", "trainee__code", "trainee__full_name", "sending_agency__slug", "state",
        "state_since", "unit", "position", "remarks", "withdrawal_reason", "waiting_number",
        "score", "recorded_at", "person_shown", "name_as_sent",
    )  # fmt: skip

    def enrollment(self, run: str, trainee: str) -> QuerySet[Enrollment]:
        """The latest place of a person in a run: the live one where there is one."""
        enrollments = Enrollment.objects.visible_to(self.user).with_person_for(self.user)
        enrollments = enrollments.order_by("-pk")
        return enrollments.filter(run__code=api.key(run), trainee__code=api.key(trainee))

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "run": row["run__code"],
            "trainee": row["trainee__code"],
            "full_name": row["trainee__full_name"] if row["person_shown"] else row["name_as_sent"],
            "sending_agency": row["sending_agency__slug"],
            "state": row["state"],
            "state_since": api.instant(row["state_since"]),
            "unit": row["unit"],
            "position": row["position"],
            "remarks": row["remarks"],
            "withdrawal_reason": row["withdrawal_reason"],
            "waiting_number": row["waiting_number"],
            "score": api.number(row["score"]),
            "recorded_at": api.instant(row["recorded_at"]),
        }


class EnrollmentList(_Enrollments):
    name = "enrollments"
    filters = EnrollmentFilter
    orderings = {"entered": "pk", "name": "trainee__sort_key"}
    ordering = "-entered"

    @read(SIGNED_IN, gives=EnrollmentSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Enrollment]:
        """Places in runs, the latest first."""
        return Enrollment.objects.visible_to(self.user).with_person_for(self.user)

    @write(*ENROLLERS, takes=EnrollSerializer, gives=EnrolledSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Nominate a person for a run, or ask a place for oneself.

        Time clashes and missing prerequisites are warnings; they forbid nothing.
        """
        run = api.named(runs_known_to(self.user), "run", code=data["run"])
        people = Trainee.objects.visible_to(self.user)
        trainee = api.named(people, "trainee", code=data["trainee"])
        if trainee.user_id == self.user.pk:
            # Also of a coordinator: nobody nominates, and so approves, themselves.
            request_enrollment(by=self.user.as_actor(), run=run, trainee=trainee)
        elif not may_be_sent_by(self.user).filter(pk=trainee.pk).exists():
            # Seen, but not one's own to send: as after a merger, or a row that is another's.
            raise PermissionDenied
        else:
            self._nominate(run, trainee, data)
        found = doubts(run, [trainee.pk])
        warnings = [{"code": doubt.code, "message": doubt.message} for doubt in found]
        return self.body_of(self.enrollment(run.code, trainee.code)) | {"warnings": warnings}

    def _nominate(self, run: CourseRun, trainee: Trainee, data: dict[str, Any]) -> None:
        senders = Agency.objects.manageable_by(self.user).filter(
            pk__in=Agency.objects.valid_on(clock.today()).values("pk")
        )
        slug = data.get("sending_agency", trainee.agency.slug)
        sender = api.named(senders, "sending_agency", slug=slug)
        nominee = Nominee(
            trainee.pk,
            unit=data.get("unit", trainee.unit),
            position=data.get("position", trainee.position),
            remarks=data.get("remarks", ""),
        )
        actor = self.user.as_actor()
        nominate(by=actor, run=run, sending_agency=sender, nominees=[nominee])


class EnrollmentDetail(_Enrollments):
    name = "enrollment"

    @read(SIGNED_IN, gives=EnrollmentSerializer)
    def get(self, request: Request, run: str, trainee: str) -> dict[str, Any]:
        """A person's place in a run."""
        return self.body_of(self.enrollment(run, trainee))


class _Step(_Enrollments):
    """A deed on one place; the run is held, so nobody comes between check and deed."""

    def held(self, run: str, trainee: str, data: dict[str, Any]) -> Enrollment:
        found = self.enrollment(run, trainee).select_related("run").first()
        if found is None:
            raise exceptions.NotFound
        hold(found.run)
        enrollment = Enrollment.objects.select_related("run__course", "trainee").get(pk=found.pk)
        if not self.may(enrollment):
            raise PermissionDenied
        if data.get("expected_state", enrollment.state) != enrollment.state:
            raise EnrollmentError(
                "stale", _("This place has changed meanwhile: read it again; nothing was changed.")
            )
        return enrollment

    def may(self, enrollment: Enrollment) -> bool:
        return (
            Agency.objects.manageable_by(self.user).filter(pk=enrollment.sending_agency_id).exists()
        )


class _Decision(_Step):
    def may(self, enrollment: Enrollment) -> bool:
        """An agency decides on its own people where the course leaves it to agencies."""
        if self.user.has_role(OFFICE):
            return True
        step = next_step(enrollment)
        return (step is None or step.who == Approver.AGENCY) and super().may(enrollment)


class EnrollmentApproval(_Decision):
    name = "enrollment_approve"

    @write(*APPROVERS, takes=StepSerializer, gives=EnrollmentSerializer)
    def post(
        self, request: Request, data: dict[str, Any], run: str, trainee: str
    ) -> dict[str, Any]:
        """Approve a nomination or a request."""
        approve(by=self.user.as_actor(), enrollment=self.held(run, trainee, data))
        return self.body_of(self.enrollment(run, trainee))


class EnrollmentRejection(_Decision):
    name = "enrollment_reject"

    @write(*APPROVERS, takes=StepSerializer, gives=EnrollmentSerializer)
    def post(
        self, request: Request, data: dict[str, Any], run: str, trainee: str
    ) -> dict[str, Any]:
        """Turn down a nomination or a request."""
        enrollment = self.held(run, trainee, data)
        reject(by=self.user.as_actor(), enrollment=enrollment, reason=data.get("reason", ""))
        return self.body_of(self.enrollment(run, trainee))


class EnrollmentWithdrawal(_Step):
    name = "enrollment_withdraw"

    def may(self, enrollment: Enrollment) -> bool:
        own = Enrollment.objects.held_by(self.user.pk).filter(pk=enrollment.pk)
        return own.exists() or super().may(enrollment)

    @write(*ENROLLERS, takes=StepSerializer, gives=EnrollmentSerializer)
    def post(
        self, request: Request, data: dict[str, Any], run: str, trainee: str
    ) -> dict[str, Any]:
        """Give a place back; a freed seat goes to the first on the waiting list."""
        enrollment = self.held(run, trainee, data)
        withdraw(by=self.user.as_actor(), enrollment=enrollment, reason=data.get("reason", ""))
        return self.body_of(self.enrollment(run, trainee))


# ── Runs, as far as people and seats are concerned ────────────────────────────────────


class _Run(Runs):
    def held(self, code: str) -> CourseRun:
        """The run, locked, for those who may change it."""
        run = runs_known_to(self.user).filter(code=api.key(code)).first()
        if run is None:
            raise exceptions.NotFound
        return hold(made_by(self.user, run))


class RunWithSeats(_Run, RunDetail):
    @write(*TEACHERS, takes=RunChangeSerializer, gives=RunSerializer, is_matched=True)
    def patch(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Change a run; what is not sent stays. New seats go to the waiting list at once."""
        run = self.held(code)
        rows = CourseRun.objects.filter(pk=run.pk)
        api.require_match(request, self.body_of(rows))
        capacity = data.pop("capacity", None)
        if data:
            change_run(by=self.user.as_actor(), run=run, **data)
        if capacity is not None:
            change_capacity(by=self.user.as_actor(), run=run, capacity=capacity)
        return self.body_of(rows)


class RunClosing(_Run):
    name = "run_close"

    @write(*TEACHERS, takes=api.Nothing, gives=ClosingSerializer)
    def post(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Close a run by its course's rule and record who completed."""
        return asdict(close_run(by=self.user.as_actor(), run=self.held(code)))


class RunCancellation(_Run):
    name = "run_cancel"

    @write(*TEACHERS, takes=CancelSerializer, gives=ToldSerializer)
    def post(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Cancel a run: every place ends, those concerned are told."""
        told = cancel_run(by=self.user.as_actor(), run=self.held(code), **data)
        return {"told": told}
