"""How often the chain may be recomputed on a page."""

from common.throttle import Limit, key_of_row

CHAINS = Limit(name="chains checked", times=20, seconds=600, by_visitor=False, target=(key_of_row,))
