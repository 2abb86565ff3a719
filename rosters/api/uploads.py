"""Uploaded rosters: what was found in them, and their import."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError

from accounts.api.generics import ActionAPIView, GenericAPIView, RetrieveAPIView
from accounts.api.permissions import permit
from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS
from enrollment.models import Enrollment
from enrollment.services.enrollments import require_withdrawable
from rosters.importing.staging import confirm
from rosters.models import RosterImport
from rosters.serializers.uploads import RosterConfirmationSerializer, RosterSerializer


class _Roster(GenericAPIView):
    queryset = RosterImport.objects.all()
    serializer_class = RosterSerializer
    lookup_fields = {"roster": "pk"}

    def get_queryset(self) -> QuerySet[RosterImport]:
        return RosterImport.objects.visible_to(self.user)


@extend_schema_view(get=extend_schema(summary="An uploaded roster: rows by result, who is missing"))
class RosterDetail(_Roster, RetrieveAPIView):
    permission_classes = (permit(get=PEOPLE_READERS),)


@extend_schema_view(
    post=extend_schema(
        summary="Import a checked roster",
        description="People who were nominated before and are no longer on it stay, or are "
        "withdrawn with a reason.",
    )
)
class RosterConfirmation(_Roster, ActionAPIView):
    input_serializer_class = RosterConfirmationSerializer
    permission_classes = (permit(post=PEOPLE_MANAGERS),)

    def perform_action(self, instance: RosterImport, **data: Any) -> None:
        if not RosterImport.objects.manageable_by(self.user).filter(pk=instance.pk).exists():
            raise PermissionDenied
        reasons = _reasons(instance, data)
        if reasons:
            require_withdrawable(self.actor, instance.run)
        confirm(
            by=self.actor,
            user=self.user,
            upload=instance,
            partial=data["without_rejected"],
            withdraw=reasons,
        )


def _reasons(upload: RosterImport, data: dict[str, Any]) -> dict[int, str]:
    """Enrollment id → why it is withdrawn. Raises ValidationError for people not missing."""
    missing = Enrollment.objects.filter(pk__in=(upload.report or {}).get("missing", ()))
    by_code = dict(missing.values_list("trainee__code", "pk"))
    everybody = by_code.values() if data["missing"] == "withdraw" else ()
    reasons = dict.fromkeys(everybody, data.get("reason", ""))
    for at, one in enumerate(data.get("withdraw", ())):
        if one["trainee"] not in by_code:
            message = _("This person is not missing from the roster.")
            raise ValidationError({f"withdraw.{at}.trainee": [message]})
        reasons[by_code[one["trainee"]]] = one["reason"]
    return reasons


urlpatterns = [
    path("rosters/<int:roster>/", RosterDetail.as_view(), name="roster"),
    path("rosters/<int:roster>/import/", RosterConfirmation.as_view(), name="roster_import"),
]
