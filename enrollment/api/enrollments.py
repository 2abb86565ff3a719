"""Enrollments and their steps."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.generics import (
    ActionAPIView,
    GenericAPIView,
    ListCreateAPIView,
    PreparedListMixin,
    RetrieveAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import ENROLLERS, PEOPLE_MANAGERS, Role
from agencies.models import Agency
from common import clock
from common.access import SIGNED_IN
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.choices import Approver
from enrollment.errors import EnrollmentError
from enrollment.filters import EnrollmentFilter
from enrollment.models import Enrollment
from enrollment.serializers import (
    EnrollmentSerializer,
    EnrollSerializer,
    NewEnrollmentSerializer,
    StepSerializer,
)
from enrollment.services.conflicts import warnings_for
from enrollment.services.details import DETAIL_FIELDS, details_of
from enrollment.services.enrollments import (
    Nominee,
    approve,
    nominate,
    reject,
    request_enrollment,
    withdraw,
)
from enrollment.services.nominations import next_step
from enrollment.services.people import people_nominable_by
from people.models import Trainee
from people.querysets import reader_of


def may_act_for_sender(user: Any, enrollment: Enrollment) -> bool:
    kept = Agency.objects.manageable_by(user)
    return bool(kept.filter(pk=enrollment.sending_agency_id).exists())


class MayDecide(BasePermission):
    """An agency decides on its own people where the course leaves it to agencies."""

    def has_object_permission(self, request: Request, view: Any, obj: Enrollment) -> bool:
        user: Any = request.user
        if user.has_role(Role.PROGRAMME_OFFICE):
            return True
        step = next_step(obj)
        is_of_agency = step is None or step.who == Approver.AGENCY
        return is_of_agency and may_act_for_sender(user, obj)


class MayWithdraw(BasePermission):
    def has_object_permission(self, request: Request, view: Any, obj: Enrollment) -> bool:
        own = Enrollment.objects.of_user(request.user.pk).filter(pk=obj.pk)
        return own.exists() or may_act_for_sender(request.user, obj)


class _Enrollments(GenericAPIView):
    queryset = Enrollment.objects.all()
    serializer_class = EnrollmentSerializer

    @classmethod
    def rows_for(cls, reader: Any) -> QuerySet[Enrollment]:
        # The latest first: of a person's enrollments in a run, the live one where there is one.
        seen = Enrollment.objects.visible_to(reader).with_person_for(reader)
        return seen.order_by("-pk")


def _require_no_details(data: dict[str, Any]) -> None:
    text = _("Leave this out: your own request uses what is on your record.")
    if given := [name for name in DETAIL_FIELDS if data.get(name)]:
        raise ValidationError({name: [text] for name in given})


@extend_schema_view(
    get=extend_schema(summary="Enrollments, the latest first"),
    post=extend_schema(
        summary="Nominate a person for a run, or request a seat for oneself",
        description="Time clashes and missing prerequisites are warnings; they forbid nothing.",
    ),
)
class EnrollmentList(_Enrollments, PreparedListMixin, ListCreateAPIView):
    reader_of = reader_of
    input_serializer_class = EnrollSerializer
    permission_classes = (permit(get=SIGNED_IN, post=ENROLLERS),)
    filterset_class = EnrollmentFilter
    ordering_fields = {"entered": "pk", "name": "trainee__sort_key"}
    ordering = "-entered"

    def get_serializer_class(self) -> type[EnrollmentSerializer]:
        is_new = self.request.method == "POST"
        return NewEnrollmentSerializer if is_new else EnrollmentSerializer

    def perform_create(self, serializer: Any) -> None:
        data = serializer.validated_data
        run, trainee = data["run"], data["trainee"]
        if trainee.user_id == self.user.pk:
            # Also of a coordinator: nobody nominates, and so approves, themselves.
            _require_no_details(data)
            request_enrollment(by=self.actor, run=run, trainee=trainee)
        elif not people_nominable_by(self.user).filter(pk=trainee.pk).exists():
            # Seen, but not one's own to send: as after a merger, or a row that is another's.
            raise PermissionDenied
        else:
            self._nominate(run, trainee, data)
        found = warnings_for(run, [trainee.pk])
        self.warnings = [{"code": warning.code, "message": warning.message} for warning in found]
        serializer.instance = self.get_queryset().filter(run=run, trainee=trainee).first()

    def _nominate(self, run: CourseRun, trainee: Trainee, data: dict[str, Any]) -> None:
        today = Agency.objects.valid_on(clock.today()).values("pk")
        slug = data.get("sending_agency", trainee.agency.slug)
        sender = Agency.objects.manageable_by(self.user).filter(pk__in=today, slug=slug).first()
        if sender is None:
            raise ValidationError({"sending_agency": [_("Not found.")]})
        given = {name: data[name] for name in DETAIL_FIELDS if name in data}
        nominee = Nominee(trainee.pk, details_of(trainee) | given)
        nominate(by=self.actor, run=run, sending_agency=sender, nominees=[nominee])


class _OfPersonAndRun(_Enrollments):
    lookup_fields = {"run": "run__code", "trainee": "trainee__code"}


@extend_schema_view(get=extend_schema(summary="A person's enrollment in a run"))
class EnrollmentDetail(_OfPersonAndRun, RetrieveAPIView):
    permission_classes = (permit(get=SIGNED_IN),)


class _Step(_OfPersonAndRun, ActionAPIView):
    """A step of one enrollment; the run is locked, so that nobody comes between."""

    input_serializer_class = StepSerializer

    def lock(self, instance: Enrollment) -> Enrollment:
        lock_run(instance.run)
        return Enrollment.objects.select_related("run__course", "trainee").get(pk=instance.pk)

    def perform_action(self, instance: Enrollment, **data: Any) -> None:
        if data.get("expected_state", instance.state) != instance.state:
            text = _("This enrollment has changed in the meantime: reload it; nothing was saved.")
            raise EnrollmentError("stale", text)
        self.take(instance, data.get("reason", ""))

    def take(self, enrollment: Enrollment, reason: str) -> None:
        raise NotImplementedError


@extend_schema_view(post=extend_schema(summary="Approve a nomination or a request"))
class EnrollmentApproval(_Step):
    permission_classes = (permit(post=PEOPLE_MANAGERS), MayDecide)

    def take(self, enrollment: Enrollment, reason: str) -> None:
        approve(by=self.actor, enrollment=enrollment)


@extend_schema_view(post=extend_schema(summary="Turn down a nomination or a request"))
class EnrollmentRejection(_Step):
    permission_classes = (permit(post=PEOPLE_MANAGERS), MayDecide)

    def take(self, enrollment: Enrollment, reason: str) -> None:
        reject(by=self.actor, enrollment=enrollment, reason=reason)


@extend_schema_view(
    post=extend_schema(
        summary="Give a seat back",
        description="It goes to the first on the waiting list.",
    )
)
class EnrollmentWithdrawal(_Step):
    permission_classes = (permit(post=ENROLLERS), MayWithdraw)

    def take(self, enrollment: Enrollment, reason: str) -> None:
        withdraw(by=self.actor, enrollment=enrollment, reason=reason)
