"""What is published so that others can verify without us: keys and lists of states."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from certificates.credential import Issuer, status_list
from certificates.errors import CertificateError, CertificateInputError
from certificates.models import Certificate, RegisterYear
from certificates.services import keys
from certificates.services.register_numbers import status_list_address
from common import clock


def published_status_list(register: str, year: int) -> dict[str, Any]:
    """The signed list of what is not in force any more in a register's year.

    A certificate's index in it is its register number. Superseded ones are marked too: their
    words are not true any more. Errors: ``unknown_register``, ``no_credential_key``.
    """
    if not RegisterYear.objects.filter(register=register, year=year).exists():
        raise CertificateInputError("unknown_register", _("Register not found."))
    found = keys.credential_key()
    if found is None:
        raise CertificateError("no_credential_key", _("There is no key to sign it with."))
    key, did = found
    gone = Certificate.objects.not_in_force().filter(register=register, year=year)
    now = clock.now()
    bare = status_list(
        status_list_address(register, year),
        issuer=Issuer(did, ""),
        revoked=gone.values_list("register_number", flat=True),
        valid_from=dt.datetime.combine(now.date(), dt.time(), tzinfo=dt.UTC),
    )
    return key.sign(bare, created=now)
