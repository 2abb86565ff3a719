"""How often a stranger may look up, and guess at, certificates."""

from functools import partial

from django.http import HttpRequest

from certificates.models import Certificate
from certificates.services.verification import normalised_code
from common.throttle import Limit

_MINUTE, _TEN_MINUTES, _HOUR, _DAY = 60, 600, 3600, 86_400

LOOK_UPS = Limit(name="look-ups of codes", times=60, seconds=_MINUTE, by_visitor=True)
FILES = Limit(name="files compared", times=20, seconds=_MINUTE, by_visitor=True)
UNKNOWN_CODES = Limit(
    name="unknown codes", times=20, seconds=_TEN_MINUTES, by_visitor=True, is_guess=True
)
# Of numbers that run in order: whoever knows a name and a birth could try them one after another.
NUMBERS = Limit(
    name="numbers with name and birth date",
    times=20,
    seconds=_TEN_MINUTES,
    by_visitor=True,
    is_guess=True,
)
NAME_LINKS = Limit(
    name="links to confirm a name", times=30, seconds=_TEN_MINUTES, by_visitor=True, is_guess=True
)
CLAIMS = Limit(name="claims", times=20, seconds=_TEN_MINUTES, by_visitor=True)

_Births = partial(Limit, target=(normalised_code,), is_guess=True)

# A visitor's wrong dates use up the visitor's own tries. When many addresses together have used
# up what a certificate has for a day, each visitor is left a try or two: too few to guess with,
# and enough for the holder, who knows the date.
BIRTHS = _Births(name="birth dates", times=5, seconds=_TEN_MINUTES, by_visitor=True)
BIRTHS_A_DAY = _Births(name="birth dates in a day", times=25, seconds=_DAY, by_visitor=True)
BIRTHS_OF_A_CERTIFICATE = _Births(
    name="birth dates of a certificate", times=40, seconds=_DAY, by_visitor=False
)
BIRTHS_UNDER_ATTACK = _Births(
    name="birth dates under attack",
    times=2,
    seconds=_HOUR,
    by_visitor=True,
    ipv6_prefix=48,  # whoever has one holds 65,536 networks of single visitors
)


def may_try_birth(request: HttpRequest, code: str) -> bool:
    # Whether a visitor may try a birth date; the holder, once signed in, always may.
    if request.user.is_authenticated:
        own = Certificate.objects.issued_to(request.user)
        if own.filter(verification_code=normalised_code(code)).exists():
            return True
    if not BIRTHS.allows(request, code) or not BIRTHS_A_DAY.allows(request, code):
        return False
    return BIRTHS_OF_A_CERTIFICATE.allows(request, code) or BIRTHS_UNDER_ATTACK.allows(
        request, code
    )
