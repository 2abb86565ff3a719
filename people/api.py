"""People: oneself, the people of one's agencies, or all. Numbers are masked for everybody."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.generics import (
    ActionAPIView,
    GenericAPIView,
    ListAPIView,
    ListCreateAPIView,
    PreparedListMixin,
    RetrieveAPIView,
    RetrieveUpdateAPIView,
)
from accounts.api.permissions import permit
from accounts.choices import PEOPLE_MANAGERS, Role
from agencies.models import Agency
from common.access import SIGNED_IN
from common.api.serializers import EmptySerializer, ReasonSerializer
from people.choices import TransferState
from people.filters import TraineeFilter, TransferRequestFilter
from people.limits import HOUR, NUMBERS
from people.models import Merge, Trainee, TransferRequest
from people.querysets import reader_of
from people.serializers import (
    ContactSerializer,
    NewTraineeSerializer,
    TraineeSerializer,
    TransferSerializer,
)
from people.services.bulk import PersonData, amend, move, save_amended
from people.services.corrections import lock_trainee
from people.services.registration import enter_person
from people.services.transfer_requests import accept_transfer, decline_transfer, withdraw_transfers


class MayChangePerson(BasePermission):
    """Of the people of one's own agencies."""

    def has_object_permission(self, request: Request, view: Any, obj: Trainee) -> bool:
        return bool(Agency.objects.manageable_by(request.user).filter(pk=obj.agency_id).exists())


class _Trainees(GenericAPIView):
    queryset = Trainee.objects.all()
    serializer_class = TraineeSerializer

    @classmethod
    def rows_for(cls, reader: Any) -> QuerySet[Trainee]:
        absorbed = Merge.objects.filter(absorbed=OuterRef("pk"), undone_at=None)
        return Trainee.objects.visible_to(reader).annotate(is_merged=Exists(absorbed))


@extend_schema_view(
    get=extend_schema(summary="People in the order of rosters: by given name"),
    post=extend_schema(
        summary="Enter a new person",
        description="Somebody whom you may see and who bears the same number is not entered "
        "twice. Whether anybody else bears it changes nothing of the answer: the office compares "
        "such rows.",
    ),
)
class TraineeList(_Trainees, PreparedListMixin, ListCreateAPIView):
    reader_of = reader_of
    input_serializer_class = NewTraineeSerializer
    permission_classes = (permit(get=SIGNED_IN, post=PEOPLE_MANAGERS),)
    filterset_class = TraineeFilter
    ordering_fields = {"name": "sort_key", "entered": "pk"}
    ordering = "name"

    def perform_create(self, serializer: Any) -> None:
        data = serializer.validated_data
        agency = data.pop("agency")
        if data.get("personal_number") and not NUMBERS.allows(None, self.user.pk):
            raise exceptions.Throttled(wait=HOUR)
        serializer.instance = enter_person(
            by=self.actor,
            agency=agency,
            person=PersonData(**data),
            seen=Trainee.objects.visible_to(self.user),
        )


@extend_schema_view(
    get=extend_schema(summary="One person"),
    patch=extend_schema(
        summary="Change how a person can be reached, what they do, or where they work now",
        description="Where they work is changed by the programme office alone.",
    ),
)
class TraineeDetail(_Trainees, RetrieveUpdateAPIView):
    input_serializer_class = ContactSerializer
    permission_classes = (permit(get=SIGNED_IN, patch=PEOPLE_MANAGERS), MayChangePerson)
    lookup_fields = {"code": "code"}

    def lock(self, instance: Trainee) -> Trainee:
        return lock_trainee(instance)

    def perform_update(self, serializer: Any) -> None:
        trainee, data = serializer.instance, serializer.validated_data
        changed: dict[str, Any] = {}
        if "agency" in data:
            if not self.user.has_role(Role.PROGRAMME_OFFICE):
                raise PermissionDenied
            changed |= move(trainee, data.pop("agency"))
        changed |= amend(trainee, PersonData(full_name=trainee.full_name, **data))
        if changed:
            save_amended(by=self.actor, amended=[(trainee, changed)])


class _TransferRequests(GenericAPIView):
    queryset = TransferRequest.objects.all()
    serializer_class = TransferSerializer

    def get_queryset(self) -> QuerySet[TransferRequest]:
        return TransferRequest.objects.visible_to(self.user).with_person_for(self.user)

    def get_written_queryset(self) -> QuerySet[TransferRequest]:
        # Whoever may not see it any more has answered it.
        return TransferRequest.objects.with_person_for(self.user)


@extend_schema_view(
    get=extend_schema(
        summary="Transfers that agencies ask for, the latest first",
        description="Asked by or of one's agencies.",
    )
)
class TransferRequestList(_TransferRequests, ListAPIView):
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = TransferRequestFilter
    ordering_fields = {"asked": "pk"}
    ordering = "-asked"


@extend_schema_view(get=extend_schema(summary="One request for a transfer"))
class TransferRequestDetail(_TransferRequests, RetrieveAPIView):
    permission_classes = (permit(get=SIGNED_IN),)
    lookup_fields = {"pk": "pk"}


class MayAnswer(BasePermission):
    """403 for who only sees it; what was settled before is refused by the service."""

    def has_object_permission(self, request: Request, view: Any, obj: TransferRequest) -> bool:
        answerable = TransferRequest.objects.answerable_by(request.user).filter(pk=obj.pk)
        return obj.state != TransferState.PENDING or answerable.exists()


class MayTakeBack(BasePermission):
    def has_object_permission(self, request: Request, view: Any, obj: TransferRequest) -> bool:
        sent = TransferRequest.objects.sent_by(request.user).filter(pk=obj.pk)
        return obj.state != TransferState.PENDING or sent.exists()


class _Answer(_TransferRequests, ActionAPIView):
    lookup_fields = {"pk": "pk"}


@extend_schema_view(post=extend_schema(summary="Move the person to the agency that asked"))
class TransferAcceptance(_Answer):
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=SIGNED_IN), MayAnswer)

    def perform_action(self, instance: TransferRequest, **data: Any) -> None:
        accept_transfer(by=self.actor, request=instance)


@extend_schema_view(
    post=extend_schema(
        summary="Leave the person where they are",
        description="The agency that asked reads the reason.",
    )
)
class TransferRefusal(_Answer):
    input_serializer_class = ReasonSerializer
    permission_classes = (permit(post=SIGNED_IN), MayAnswer)

    def perform_action(self, instance: TransferRequest, **data: Any) -> None:
        decline_transfer(by=self.actor, request=instance, **data)


@extend_schema_view(
    post=extend_schema(
        summary="Take a request of one's agency back", description="The enrollment stays."
    )
)
class TransferWithdrawal(_Answer):
    input_serializer_class = EmptySerializer
    permission_classes = (permit(post=PEOPLE_MANAGERS), MayTakeBack)

    def perform_action(self, instance: TransferRequest, **data: Any) -> None:
        withdraw_transfers(by=self.actor, ids=[instance.pk])


urlpatterns = [
    path("trainees/", TraineeList.as_view(), name="trainees"),
    path("trainees/<str:code>/", TraineeDetail.as_view(), name="trainee"),
    path("transfers/", TransferRequestList.as_view(), name="transfers"),
    path("transfers/<int:pk>/", TransferRequestDetail.as_view(), name="transfer"),
    path("transfers/<int:pk>/accept/", TransferAcceptance.as_view(), name="transfer_accept"),
    path("transfers/<int:pk>/decline/", TransferRefusal.as_view(), name="transfer_decline"),
    path("transfers/<int:pk>/withdraw/", TransferWithdrawal.as_view(), name="transfer_withdraw"),
]
