from common.throttle import Limit, key_of_row

HOUR = 3600

# Counted whether anybody bears the number or not: a limit on hits alone would tell them.
NUMBERS_AN_HOUR = 300
NUMBERS = Limit(
    name="personal numbers",
    times=lambda: NUMBERS_AN_HOUR,
    seconds=HOUR,
    by_visitor=False,
    target=(key_of_row,),
)
