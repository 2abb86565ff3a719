"""Rate limits for check-in by name and for finding walk-ins."""

from common.throttle import Limit, key_of_row
from common.vietnamese import match_key

_TEN_MINUTES, _HOUR, _DAY = 600, 3600, 86_400

# Calendar programs ask a few times an hour, on each of a person's devices.
CALENDARS = Limit(
    name="readings of a calendar", times=60, seconds=_HOUR, by_visitor=True, target=(key_of_row,)
)
UNKNOWN_CALENDARS = Limit(
    name="unknown calendars", times=20, seconds=_TEN_MINUTES, by_visitor=True, is_guess=True
)
# A whole class shares one address; one person needs few tries.
CHECK_INS = Limit(
    name="check-ins by name",
    times=120,
    seconds=_TEN_MINUTES,
    by_visitor=True,
    target=(key_of_row,),
)
# By session and by the name as it is matched: its three digits have only a thousand values.
# Anybody refused here can sign in instead, or ask the trainer.
CHECK_INS_AS_SOMEBODY = Limit(
    name="check-ins as somebody",
    times=5,
    seconds=_TEN_MINUTES,
    by_visitor=False,
    target=(key_of_row, match_key),
    is_guess=True,
)
CHECK_INS_AS_SOMEBODY_A_DAY = Limit(
    name="check-ins as somebody in a day",
    times=20,
    seconds=_DAY,
    by_visitor=False,
    target=(key_of_row, match_key),
    is_guess=True,
)
# Anybody in the programme can be searched for as a walk-in, by name and three digits.
WALK_INS_AN_HOUR = 60
WALK_INS = Limit(
    name="walk-ins",
    times=lambda: WALK_INS_AN_HOUR,
    seconds=_HOUR,
    by_visitor=False,
    target=(key_of_row,),
    is_guess=True,
)
WALK_INS_AS_SOMEBODY = Limit(
    name="walk-ins as somebody",
    times=10,
    seconds=_DAY,
    by_visitor=False,
    target=(key_of_row, match_key),
    is_guess=True,
)
