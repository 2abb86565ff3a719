"""What is published so that others can verify without us: lists of states."""

from typing import Any

from django.utils.translation import gettext as _

from certificates.choices import Register
from certificates.credential import Issuer, StatusPurpose, status_list
from certificates.errors import CertificateError, CertificateInputError
from certificates.models import Certificate, RegisterYear
from certificates.services import keys
from certificates.services.register_numbers import status_list_address
from common import clock


def published_status_list(register: str, year: int, purpose: StatusPurpose) -> dict[str, Any]:
    """The signed list of a register's year; a certificate's index is its register number.

    ``REVOCATION`` marks what is not in force any more, superseded ones too: their words are not
    true any more, and most verifiers ask for nothing else. ``REFRESH`` marks those alone that
    have a successor. Errors: ``unknown_register``, ``no_credential_key``.
    """
    known = RegisterYear.objects.exclude(register=Register.CONFIRMATIONS)
    if not known.filter(register=register, year=year).exists():
        raise CertificateInputError("unknown_register", _("Register not found."))
    found = keys.credential_key()
    if found is None:
        raise CertificateError("no_credential_key", _("There is no key to sign it with."))
    key, did = found
    rows = Certificate.objects.filter(register=register, year=year)
    marked = rows.superseded() if purpose == StatusPurpose.REFRESH else rows.not_in_force()
    now = clock.now()
    address = status_list_address(register, year)
    bare = status_list(
        f"{address}/{purpose}" if purpose == StatusPurpose.REFRESH else address,
        issuer=Issuer(did, ""),
        marked=marked.values_list("register_number", flat=True),
        valid_from=clock.start_of_day(clock.today()),
        purpose=purpose,
    )
    return key.sign(bare, created=now)
