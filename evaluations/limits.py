"""Rate limits for saying who one is before evaluating a class."""

from common.throttle import Limit, key_of_row
from common.vietnamese import match_key

# A hall of a thousand shares one address; one person needs few tries.
ANSWERERS = Limit(
    name="evaluations by name", times=1_500, seconds=600, by_visitor=True, target=(key_of_row,)
)
# By class and by the name as it is matched: its three digits have only a thousand values.
ANSWERERS_AS_SOMEBODY = Limit(
    name="evaluations as somebody",
    times=10,
    seconds=86_400,
    by_visitor=False,
    target=(key_of_row, match_key),
    is_guess=True,
)
