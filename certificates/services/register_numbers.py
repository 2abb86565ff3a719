"""Register numbers without gaps, given under a lock on the register's year."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates.choices import CertificateState, Register, SignedBy
from certificates.credential import Document, Issuer, credential
from certificates.errors import CertificateError, CertificateInputError
from certificates.models import (
    Certificate,
    CertificateDesign,
    Key,
    RegisterYear,
    new_verification_code,
)
from certificates.pdf import CertificateFields
from certificates.services import keys
from certificates.services.achievements import achievement_of
from certificates.services.preflight import Preflight, Ready
from certificates.services.printed_fields import verification_url, with_numbers
from common import clock
from courses.models import Course


@contextmanager
def register_lock(checked: Preflight) -> Iterator[Callable[[Ready], Certificate]]:
    """Lock the register's year; yields a function that numbers one certificate.

    The caller saves the certificates inside the block. Error: ``no_signing_key``.
    """
    signing = _signing_for(checked.terms.signed_by) if checked.ready else _Signing()
    with locked_year(Register.CERTIFICATES) as counter:
        before = counter.last_number
        proved = _Credentials(counter)

        def number(ready: Ready) -> Certificate:
            certificate = _numbered(ready, counter, checked, signing)
            fields = with_numbers(ready.fields, certificate)
            certificate.printed = fields.to_json()
            certificate.credential = proved.of(certificate, fields, ready.completion.run.course)
            return certificate

        yield number
        if counter.last_number > before:
            designs = CertificateDesign.objects.filter(pk=checked.design.pk, frozen_at=None)
            designs.update(frozen_at=clock.now())


@contextmanager
def locked_year(register: Register) -> Iterator[RegisterYear]:
    """The register's present year under a lock; whoever counts it on keeps its numbers gapless."""
    counter = _locked_year(register)
    before = counter.last_number
    yield counter
    if counter.last_number > before:
        counter.save(update_fields=["last_number"])


def next_numbers(count: int) -> tuple[str, str]:
    """First and last of the next ``count`` register numbers; another class may come before."""
    year = clock.today().year
    register = Register.CERTIFICATES
    found = RegisterYear.objects.filter(register=register, year=year)
    last = found.values_list("last_number", flat=True).first() or 0
    first, end = (f"{number:04d}/{year}/{register}" for number in (last + 1, last + count))
    return first, end


def supersede_corrected(successor: Certificate) -> None:
    """Supersede the certificate of the result that this one corrects.

    Results may have been corrected several times with no certificate in between.
    """
    corrected = successor.completion.corrects
    while corrected:
        live = Certificate.objects.live().filter(completion=corrected)
        if live.update(
            state=CertificateState.SUPERSEDED,
            superseded_by=successor,
            correction_reason=corrected.void_reason,
        ):
            return
        corrected = corrected.corrects


def status_list_address(register: str, year: int) -> str:
    return verification_url(f"status/{register}-{year}")


def hold_registers() -> None:
    """No number is given until ``continue_register``: for registers that came out of a backup."""
    for register in Register:
        year = _present_year(register)
        RegisterYear.objects.filter(pk=year.pk).update(is_held=True)


@audited("register_continued")
def continue_register(
    *, by: Actor, after: int, reason: str, register: Register = Register.CERTIFICATES
) -> RegisterYear:
    """Give numbers again, the next one being ``after`` + 1.

    Numbers between are of papers that the restored database does not know; they are not given
    again. Errors: ``reason_missing``, ``number_given``.
    """
    if not reason.strip():
        raise CertificateInputError("reason_missing", _("Give the reason."))
    year = _present_year(register)
    if after < year.last_number:
        raise CertificateError(
            "number_given",
            _("The register already contains number %(last)s.") % {"last": year.last_number},
        )
    audit_details(
        register=str(year), after=after, before=year.last_number, reason=reason.strip()[:250]
    )
    year.last_number, year.is_held = after, False
    year.save(update_fields=["last_number", "is_held"])
    return year


def _locked_year(register: Register) -> RegisterYear:
    year = _present_year(register)
    if year.is_held:
        raise CertificateError(
            "register_held",
            _(
                "A backup was restored, and papers with later numbers may exist. Once the last one "
                "is known, the administrator continues the register (continue_register)."
            ),
        )
    return year


def _present_year(register: Register) -> RegisterYear:
    """That of today, locked."""
    year = clock.today().year
    RegisterYear.objects.get_or_create(register=register, year=year)
    return RegisterYear.objects.select_for_update().get(register=register, year=year)


@dataclass(frozen=True, slots=True)
class _Signing:
    by: str = SignedBy.NOBODY
    key: Key | None = None


def _signing_for(wanted: str) -> _Signing:
    if wanted != SignedBy.OWN_KEY:
        return _Signing(wanted)
    if found := keys.signature_key(clock.now()):
        return _Signing(SignedBy.OWN_KEY, found[0])
    if settings.ISSUE_UNSIGNED:
        return _Signing()
    raise CertificateError(
        "no_signing_key",
        _(
            "There is no signing key: add one (manage.py certificate_key), have the "
            "class signed externally, or allow unsigned certificates (ISSUE_UNSIGNED=1)."
        ),
    )


def _numbered(
    ready: Ready, counter: RegisterYear, checked: Preflight, signing: _Signing
) -> Certificate:
    counter.last_number += 1
    number = counter.last_number
    return Certificate(
        completion=ready.completion,
        register=counter.register,
        year=counter.year,
        register_number=number,
        serial_number=f"{counter.register}{counter.year % 100:02d}{number:06d}",
        verification_code=new_verification_code(),
        design=checked.design,
        signer=checked.signer,
        signed_by=signing.by,
        signing_key=signing.key,
        issued_at=clock.now(),
    )


class _Credentials:
    """Writes the credentials of a batch; what they certify is looked up once for a course."""

    def __init__(self, counter: RegisterYear) -> None:
        self._list = status_list_address(counter.register, counter.year)
        self._found = keys.credential_key()
        self._achievements: dict[int, Document] = {}

    def of(
        self, certificate: Certificate, fields: CertificateFields, course: Course
    ) -> Document | None:
        if self._found is None:
            return None
        if course.pk not in self._achievements:
            self._achievements[course.pk] = achievement_of(course)
        key, did = self._found
        bare = credential(
            fields,
            issuer=Issuer(did, fields.issuing_body),
            status_list=self._list,
            status_index=certificate.register_number,
            achievement=self._achievements[course.pk],
        )
        return key.sign(bare, created=certificate.issued_at)
