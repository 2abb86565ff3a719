"""People: oneself, the people of one's agencies, or all. Numbers are masked for everybody."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request

from accounts.api import Endpoint, read, write
from accounts.choices import Role
from agencies.models import Agency
from common import api, clock
from common.access import SIGNED_IN
from people.choices import TransferState
from people.filters import TraineeFilter, TransferRequestFilter
from people.limits import HOUR, NUMBERS
from people.models import Merge, Trainee, TransferRequest
from people.serializers import (
    ContactSerializer,
    DeclineSerializer,
    NewTraineeSerializer,
    TraineeSerializer,
    TransferRequestSerializer,
)
from people.services import (
    PersonData,
    accept_transfer,
    amend,
    decline_transfer,
    enter_person,
    lock_trainee,
    move,
    save_amended,
    withdraw_transfers,
)

KEEPERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)


class _Trainees(Endpoint):
    tag = "trainees"
    columns = (
        "code", "full_name", "birth_date", "birth_year", "sex", "agency__slug", "unit", "position",
        "email", "phone", "personal_number_tail", "is_merged", "recorded_at",
    )  # fmt: skip

    def known(self) -> QuerySet[Trainee]:
        """Whom the visitor may see."""
        absorbed = Merge.objects.filter(absorbed=OuterRef("pk"), undone_at=None)
        return Trainee.objects.visible_to(self.user).annotate(is_merged=Exists(absorbed))

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        tail = row["personal_number_tail"]
        return {
            "code": row["code"],
            "full_name": row["full_name"],
            "birth_date": api.day(row["birth_date"]),
            "birth_year": row["birth_year"],
            "sex": row["sex"],
            "agency": row["agency__slug"],
            "unit": row["unit"],
            "position": row["position"],
            "email": row["email"],
            "phone": row["phone"],
            "personal_number": f"{'*' * 9}{tail}" if tail else "",
            "is_merged": row["is_merged"],
            "recorded_at": api.instant(row["recorded_at"]),
        }


class TraineeList(_Trainees):
    name = "trainees"
    filters = TraineeFilter
    orderings = {"name": "sort_key", "entered": "pk"}
    ordering = "name"

    @read(SIGNED_IN, gives=TraineeSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[Trainee]:
        """People in the order of rosters: by given name."""
        return self.known()

    @write(*KEEPERS, takes=NewTraineeSerializer, gives=TraineeSerializer, status=201)
    def post(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Enter a new person.

        Somebody whom you may see and who bears the same number is not entered twice. Whether
        anybody else bears it changes nothing of the answer: the office compares such rows.
        """
        today = Agency.objects.manageable_by(self.user).valid_on(clock.today())
        agency = api.named(today, "agency", slug=data.pop("agency"))
        if data.get("personal_number") and not NUMBERS.allows(None, self.user.pk):
            raise exceptions.Throttled(wait=HOUR)
        trainee = enter_person(
            by=self.user.as_actor(),
            agency=agency,
            person=PersonData(**data),
            seen=Trainee.objects.visible_to(self.user),
        )
        return self.body_of(self.known().filter(pk=trainee.pk))


class TraineeDetail(_Trainees):
    name = "trainee"

    @read(SIGNED_IN, gives=TraineeSerializer)
    def get(self, request: Request, code: str) -> dict[str, Any]:
        """One person."""
        return self.body_of(self.known().filter(code=api.key(code)))

    @write(*KEEPERS, takes=ContactSerializer, gives=TraineeSerializer, is_matched=True)
    def patch(self, request: Request, data: dict[str, Any], code: str) -> dict[str, Any]:
        """Change how a person can be reached, what they do, or where they work now.

        Where they work is changed by the programme office alone.
        """
        rows = self.known().filter(code=api.key(code))
        api.require_match(request, self.body_of(rows))
        trainee = lock_trainee(rows.get())
        # Again under the lock: somebody may have come between.
        api.require_match(request, self.body_of(rows))
        if not Agency.objects.manageable_by(self.user).filter(pk=trainee.agency_id).exists():
            raise PermissionDenied
        changed: dict[str, Any] = {}
        if "agency" in data:
            if not self.user.has_role(Role.PROGRAMME_OFFICE):
                raise PermissionDenied
            today = Agency.objects.valid_on(clock.today())
            there = api.named(today, "agency", slug=data.pop("agency"))
            changed |= move(trainee, there)
        changed |= amend(trainee, PersonData(full_name=trainee.full_name, **data))
        if changed:
            save_amended(by=self.user.as_actor(), amended=[(trainee, changed)])
        return self.body_of(rows)


class _TransferRequests(Endpoint):
    tag = "transfers"
    columns = (
        "pk", "trainee__code", "trainee__full_name", "name_as_sent", "is_open", "to_agency__slug",
        "state", "asked_at", "settled_at", "reason",
    )  # fmt: skip

    def known(self) -> QuerySet[TransferRequest]:
        """Those that the visitor may see, each with what of the person they may read."""
        requests = TransferRequest.objects.visible_to(self.user)
        return requests.with_person_for(self.user)

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        is_open = row["is_open"]
        return {
            "id": row["pk"],
            "trainee": row["trainee__code"] if is_open else "",
            "full_name": row["trainee__full_name"] if is_open else row["name_as_sent"],
            "to_agency": row["to_agency__slug"],
            "state": row["state"],
            "asked_at": api.instant(row["asked_at"]),
            "settled_at": api.instant(row["settled_at"]),
            "reason": row["reason"],
        }

    def asked(self, pk: int, rights: QuerySet[TransferRequest]) -> TransferRequest:
        """The request for those who have these rights; 403 for who only sees it."""
        seen = self.known().filter(pk=pk).first()
        if seen is None:
            raise exceptions.NotFound
        if seen.state == TransferState.PENDING and not rights.filter(pk=pk).exists():
            raise PermissionDenied
        return seen

    def answered(self, pk: int) -> dict[str, Any]:
        """As it stands now; whoever may not see it any more has answered it."""
        return self.body_of(TransferRequest.objects.with_person_for(self.user).filter(pk=pk))


class TransferRequestList(_TransferRequests):
    name = "transfers"
    filters = TransferRequestFilter
    orderings = {"asked": "pk"}
    ordering = "-asked"

    @read(SIGNED_IN, gives=TransferRequestSerializer, is_list=True)
    def get(self, request: Request) -> QuerySet[TransferRequest]:
        """Transfers that agencies ask for, the latest first: asked by or of one's agencies."""
        return self.known()


class TransferRequestDetail(_TransferRequests):
    name = "transfer"

    @read(SIGNED_IN, gives=TransferRequestSerializer)
    def get(self, request: Request, pk: int) -> dict[str, Any]:
        """One request."""
        return self.body_of(self.known().filter(pk=pk))


class TransferAcceptance(_TransferRequests):
    name = "transfer_accept"

    @write(SIGNED_IN, takes=api.Nothing, gives=TransferRequestSerializer)
    def post(self, request: Request, data: dict[str, Any], pk: int) -> dict[str, Any]:
        """Move the person to the agency that asked."""
        asked = self.asked(pk, TransferRequest.objects.answerable_by(self.user))
        accept_transfer(by=self.user.as_actor(), request=asked)
        return self.answered(pk)


class TransferRefusal(_TransferRequests):
    name = "transfer_decline"

    @write(SIGNED_IN, takes=DeclineSerializer, gives=TransferRequestSerializer)
    def post(self, request: Request, data: dict[str, Any], pk: int) -> dict[str, Any]:
        """Leave the person where they are; the agency that asked is told why."""
        asked = self.asked(pk, TransferRequest.objects.answerable_by(self.user))
        decline_transfer(by=self.user.as_actor(), request=asked, reason=data["reason"])
        return self.answered(pk)


class TransferWithdrawal(_TransferRequests):
    name = "transfer_withdraw"

    @write(*KEEPERS, takes=api.Nothing, gives=TransferRequestSerializer)
    def post(self, request: Request, data: dict[str, Any], pk: int) -> dict[str, Any]:
        """Take a request of one's agency back; the enrollment stands."""
        asked = self.asked(pk, TransferRequest.objects.sent_by(self.user))
        withdraw_transfers(by=self.user.as_actor(), ids=[asked.pk])
        return self.answered(pk)


urlpatterns = [
    path("trainees/", TraineeList.as_view(), name="trainees"),
    path("trainees/<str:code>/", TraineeDetail.as_view(), name="trainee"),
    path("transfers/", TransferRequestList.as_view(), name="transfers"),
    path("transfers/<int:pk>/", TransferRequestDetail.as_view(), name="transfer"),
    path("transfers/<int:pk>/accept/", TransferAcceptance.as_view(), name="transfer_accept"),
    path("transfers/<int:pk>/decline/", TransferRefusal.as_view(), name="transfer_decline"),
    path("transfers/<int:pk>/withdraw/", TransferWithdrawal.as_view(), name="transfer_withdraw"),
]
