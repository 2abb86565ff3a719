"""Whether people of a running class can still attend enough of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext as _

from common import clock
from courses.models import CourseRun, Session
from enrollment.models import Attendance
from enrollment.services.completion import COUNTS_AS_ATTENDED, minutes_of


class Reach(Enum):
    """The value is the tone of its badge."""

    ON_TRACK = "good"
    NO_MORE_ABSENCE = "wait"
    OUT_OF_REACH = "bad"


@dataclass(frozen=True, slots=True)
class Progress:
    """``held``: sessions that have begun, or in which somebody has a mark."""

    attended: int
    held: int
    reach: Reach
    minimum: int

    @property
    def sentence(self) -> str:
        texts = {
            Reach.ON_TRACK: _("%(attended)s of %(held)s sessions, can still reach %(minimum)s%%"),
            Reach.NO_MORE_ABSENCE: _(
                "%(attended)s of %(held)s sessions, reaches %(minimum)s%% without another absence"
            ),
            Reach.OUT_OF_REACH: _(
                "%(attended)s of %(held)s sessions, can no longer reach %(minimum)s%%"
            ),
        }
        values = {"attended": self.attended, "held": self.held, "minimum": self.minimum}
        return texts[self.reach] % values


def progress_of(run: CourseRun) -> dict[int, Progress]:
    """By enrollment; whoever has no mark yet is under the key 0.

    A session whose attendance nobody has taken yet can still be attended by all.
    """
    sessions, now = list(run.sessions.all()), clock.now()
    marks: dict[int, dict[int, str]] = defaultdict(dict)
    taken: set[int] = set()
    rows = Attendance.objects.filter(session__run=run)
    for enrollment, session, mark in rows.values_list("enrollment_id", "session_id", "mark"):
        marks[enrollment][session] = mark
        taken.add(session)
    begun = [one for one in sessions if one.starts_at <= now or one.pk in taken]
    marks.setdefault(0, {})
    found = {}
    for enrollment, own in marks.items():
        attended = [one for one in sessions if own.get(one.pk) in COUNTS_AS_ATTENDED]
        ahead = [
            one
            for one in sessions
            if one.pk not in own and (one.ends_at > now or one.pk not in taken)
        ]
        count = sum(one in begun for one in attended)
        reach = _reach(run.course.minimum_attendance, sessions, attended, ahead)
        found[enrollment] = Progress(count, len(begun), reach, run.course.minimum_attendance)
    return found


def _reach(
    minimum: int, sessions: Iterable[Session], attended: list[Session], ahead: list[Session]
) -> Reach:
    needed, possible = minimum * minutes_of(sessions), [*attended, *ahead]
    missed = any(one.is_mandatory and one not in possible for one in sessions)
    # In whole minutes, as completion counts.
    reachable = minutes_of(possible)
    if missed or reachable * 100 < needed:
        return Reach.OUT_OF_REACH
    shortest = min((minutes_of([one]) for one in ahead), default=0)
    if ahead and (reachable - shortest) * 100 < needed:
        return Reach.NO_MORE_ABSENCE
    return Reach.ON_TRACK
