from common.throttle import Limit, key_of_row

HOUR = 3600

# Key of an advisory lock: two merges at once would not see each other, and could close a circle.
MERGING_LOCK = 699_2027

# Also counted where nobody has the number: a limit on hits alone would reveal them.
NUMBERS_AN_HOUR = 300
NUMBERS = Limit(
    name="personal numbers",
    times=lambda: NUMBERS_AN_HOUR,
    seconds=HOUR,
    by_visitor=False,
    target=(key_of_row,),
)
