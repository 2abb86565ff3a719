"""One session: whoever moves it or takes it off writes to those concerned."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.api.generics import ActionAPIView, GenericAPIView, RetrieveUpdateAPIView
from accounts.api.permissions import permit
from accounts.choices import RUN_MANAGERS
from common.access import SIGNED_IN
from courses.api import MayChangeRun
from courses.models import Session
from courses.serializers import SessionSerializer
from courses.services.timetables import lock_run
from enrollment.serializers import AgreedSerializer, SessionMoveSerializer
from enrollment.services.run_changes import cancel_session, reschedule_session


class _Session(GenericAPIView):
    queryset = Session.objects.select_related("run")
    serializer_class = SessionSerializer
    lookup_fields = {"run": "run__code", "number": "number"}

    def lock(self, instance: Session) -> Session:
        lock_run(instance.run)
        return instance


@extend_schema_view(
    get=extend_schema(summary="One session of a run"),
    patch=extend_schema(
        summary="Change a session's time, topic or whether it is mandatory",
        description="Where its time changes, those concerned are written to.",
    ),
)
class SessionDetail(_Session, RetrieveUpdateAPIView):
    input_serializer_class = SessionMoveSerializer
    permission_classes = (permit(get=SIGNED_IN, patch=RUN_MANAGERS), MayChangeRun)

    def perform_update(self, serializer: Any) -> None:
        session = serializer.instance
        reschedule_session(by=self.actor, session=session, **serializer.validated_data)


@extend_schema_view(
    post=extend_schema(
        summary="Take a session off the timetable",
        description="Unless attendance was taken there. Where it was still to come, those "
        "concerned are written to.",
    )
)
class SessionRemoval(_Session, ActionAPIView):
    input_serializer_class = AgreedSerializer
    permission_classes = (permit(post=RUN_MANAGERS), MayChangeRun)

    def perform_action(self, instance: Session, **data: Any) -> dict[str, Any]:
        body = self.represent_instance(instance)
        cancel_session(by=self.actor, session=instance, **data)
        return body
