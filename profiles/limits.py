from common.throttle import Limit, key_of_row

_HOUR = 3600

REVEALS = Limit(
    name="revealed numbers",
    times=30,
    seconds=_HOUR,
    by_visitor=False,
    target=(key_of_row,),
    is_guess=True,  # each look counts, whichever process answers it
)
OWN_DATA = Limit(name="own data", times=20, seconds=_HOUR, by_visitor=False, target=(key_of_row,))
