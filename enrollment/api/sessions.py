"""One session: whoever moves it or takes it off tells those concerned."""

from typing import Any

from rest_framework.request import Request

from accounts.api import write
from common import api
from courses.api import MAKERS, OneSession, SessionDetail
from courses.serializers import SessionSerializer
from courses.services.timetables import lock_run
from enrollment.serializers import AgreedSerializer, SessionMoveSerializer
from enrollment.services.changes import cancel_session, reschedule_session


class SessionWithNotices(SessionDetail):
    @write(*MAKERS, takes=SessionMoveSerializer, gives=SessionSerializer, is_matched=True)
    def patch(
        self, request: Request, data: dict[str, Any], run: str, number: int
    ) -> dict[str, Any]:
        """Change a session's time, topic or whether it is mandatory.

        Where its time changes, those concerned are told.
        """
        session, rows = self.made(run, number), self.known(run, number)
        lock_run(session.run)
        api.require_match(request, self.body_of(rows))
        reschedule_session(by=self.user.as_actor(), session=session, **data)
        return self.body_of(rows)


class SessionRemoval(OneSession):
    name = "session_remove"

    @write(*MAKERS, takes=AgreedSerializer, gives=SessionSerializer)
    def post(self, request: Request, data: dict[str, Any], run: str, number: int) -> dict[str, Any]:
        """Take a session off the timetable, unless attendance has been taken there.

        Where it was still to come, those concerned are told.
        """
        session, body = self.made(run, number), self.body_of(self.known(run, number))
        cancel_session(by=self.user.as_actor(), session=session, **data)
        return body
