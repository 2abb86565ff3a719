"""How often somebody may try what opens accounts. Sign-in itself: ACCOUNT_RATE_LIMITS."""

from django.conf import settings

from accounts.services.invitations import canonical_login
from common.throttle import Limit, key_of_row

_MINUTE, _TEN_MINUTES, _HOUR = 60, 600, 3600

CLAIM_LINKS = Limit(name="claim links", times=60, seconds=_HOUR, by_visitor=True)
LETTERS = Limit(name="letters", times=20, seconds=_TEN_MINUTES, by_visitor=True, is_guess=True)
# By visitor, else a stranger who reads a trainee code keeps its bearer from their account. The
# codes of letters have 57 bits: no number of visitors gets near one in the 45 days that it lives.
LETTERS_OF_AN_ACCOUNT = Limit(
    name="letters of an account",
    times=6,
    seconds=_HOUR,
    by_visitor=True,
    target=(canonical_login,),
    is_guess=True,
)
API_CALLS_OF_AN_ADDRESS = Limit(
    name="API calls of an address",
    times=lambda: int(settings.API_CALLS_PER_ADDRESS),
    seconds=_MINUTE,
    by_visitor=True,
)
API_CALLS_OF_A_USER = Limit(
    name="API calls of a user",
    times=lambda: int(settings.API_CALLS_PER_MINUTE),
    seconds=_MINUTE,
    by_visitor=False,
    target=(key_of_row,),
)
SINGLE_SIGN_ONS = Limit(name="single sign-ons", times=60, seconds=_TEN_MINUTES, by_visitor=True)
NEW_ADDRESSES = Limit(
    name="new addresses",
    times=5,
    seconds=_HOUR,
    by_visitor=False,
    target=(key_of_row,),
    is_guess=True,
)
# One's own password and codes, asked for again in a session: by the account alone, since whoever
# took over a session may come from anywhere.
OWN_SECRETS = Limit(
    name="own secrets", times=10, seconds=900, by_visitor=False, target=(key_of_row,), is_guess=True
)
