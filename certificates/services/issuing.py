"""Issuing: numbers first, in one short transaction; bytes afterwards, one file at a time.

A batch that dies in between is taken up by running it again: rows without bytes get them,
under the same name, from the same frozen fields. So numbers are gapless, nothing is
issued twice, and no file lies about that no row knows.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates.choices import SignedBy
from certificates.errors import CertificateError
from certificates.models import Certificate
from certificates.services import keys
from certificates.services.making import Look, Made, Maker, Order
from certificates.services.numbering import numbering, supersede_what_it_corrects
from certificates.services.preflight import (
    HeldBack,
    Preflight,
    issued_before,
    preflight,
    without_certificate,
)
from certificates.services.printing import look_as_issued
from common import clock
from courses.models import CourseRun


@dataclass(slots=True)
class Issuing:
    """What became of a run's completions."""

    issued: list[Certificate] = field(default_factory=list)
    already: int = 0
    held_back: list[HeldBack] = field(default_factory=list)
    warnings: list[HeldBack] = field(default_factory=list)


# Numbering ------------------------------------------------------------------------------


def register_certificates(*, by: Actor, run: CourseRun) -> Issuing:
    """Give every standing completion of a run that has none a numbered certificate.

    The bytes are made by ``write_files``. Completions that must not be printed as they
    are stay without one and are listed. Errors: those of ``preflight``, ``no_signing_key``.
    """
    # Looking at long texts takes time: it comes before the lock that the numbers need.
    return _register(by=by, run=run, checked=preflight(run))


@audited("certificates_issued")
def _register(*, by: Actor, run: CourseRun, checked: Preflight) -> Issuing:
    result = Issuing(held_back=checked.held_back, warnings=checked.warnings)
    with numbering(checked) as number:
        result.already = issued_before(run)
        still = set(without_certificate(run).values_list("id", flat=True))
        owed = [ready for ready in checked.ready if ready.completion.pk in still]
        result.issued = [number(ready) for ready in owed]
        Certificate.objects.bulk_create(result.issued, batch_size=500)
    for certificate in result.issued:
        supersede_what_it_corrects(certificate)
    audit_details(run=run.code, issued=len(result.issued), held_back=len(result.held_back))
    return result


# Bytes ----------------------------------------------------------------------------------


class Press:
    """Turns certificates into orders and keeps a maker per signing key."""

    def __init__(self) -> None:
        self._makers: dict[int | None, Maker] = {}
        self._looks: dict[tuple[int, str, str], Look] = {}
        self._key_id: int | None = None

    def make(self, certificate: Certificate) -> Made:
        """The certificate's bytes. Errors: of rendering and signing."""
        return self._makers_of(certificate).make(self.order(certificate))

    def unsigned(self, certificate: Certificate) -> bytes:
        """The form before signing, which needs no key."""
        return Maker().unsigned(self.order(certificate))

    def order(self, certificate: Certificate) -> Order:
        """What is to be made; ``make`` on any maker of the same key gives its bytes."""
        signs = certificate.signed_by == SignedBy.OWN_KEY
        return Order(
            id=certificate.pk,
            look=self._look(certificate),
            printed=certificate.printed,
            credential=certificate.credential,
            sign_at=clock.now() if signs else None,
        )

    def key_id(self, certificate: Certificate) -> int | None:
        """Which key signs it now: that of its numbering may have been retired since."""
        if certificate.signed_by != SignedBy.OWN_KEY:
            return None
        if self._key_id is None:
            found = keys.signature_key(clock.now())
            if found is None:
                message = _("There is no key to sign with any more.")
                raise CertificateError("no_signing_key", message)
            self._key_id = found[0].pk
            self._makers[self._key_id] = Maker(key=found[1], stamper=keys.stamper())
        return self._key_id

    def makers(self) -> dict[int | None, Maker]:
        """The makers needed so far, by the id of their key; without a key: unsigned."""
        return {None: Maker()} | self._makers

    def _makers_of(self, certificate: Certificate) -> Maker:
        certificate.signing_key_id = self.key_id(certificate)
        return self.makers()[certificate.signing_key_id]

    def _look(self, certificate: Certificate) -> Look:
        printed = certificate.printed
        pictures = printed.get("signature_image", ""), printed.get("seal_image", "")
        name = (certificate.design_id, *pictures)
        if name not in self._looks:
            self._looks[name] = look_as_issued(certificate)
        return self._looks[name]


def waiting_for_bytes(run: CourseRun) -> QuerySet[Certificate]:
    """The run's certificates without a file, as ``write_files`` takes them."""
    waiting = Certificate.objects.waiting_for_bytes().filter(completion__run=run)
    return waiting.select_related("design").in_register_order()


def write_files(run: CourseRun) -> Iterator[Certificate]:
    """Make and store the bytes of the run's certificates that have none, one by one."""
    return write_each(waiting_for_bytes(run))


def write_each(
    certificates: Iterable[Certificate], made: Callable[[Certificate], Made] | None = None
) -> Iterator[Certificate]:
    """Store the bytes of each; ``made`` is who makes them, by default a press of its own."""
    made = made or Press().make
    for certificate in certificates:
        store(certificate, made(certificate))
        yield certificate


def store(certificate: Certificate, made: Made) -> None:
    """Keep a certificate's bytes with their hash, unless somebody else just did."""
    with transaction.atomic():
        waiting = Certificate.objects.waiting_for_bytes().select_for_update(of=("self",))
        if not waiting.filter(pk=certificate.pk).exists():
            certificate.refresh_from_db(fields=["file", "sha256"])
            return
        certificate.unsigned_sha256 = made.unsigned_sha256
        certificate.unsigned_size = made.unsigned_size
        if certificate.signed_by != SignedBy.OUTSIDE:
            keep_file(certificate, made.content)
            certificate.signed_at = made.signed_at
        certificate.save(
            update_fields=[
                "file", "sha256", "unsigned_sha256", "unsigned_size", "signed_at", "signing_key",
            ]
        )  # fmt: skip


def keep_file(certificate: Certificate, content: bytes) -> None:
    """Put the bytes under the certificate's own name; the caller saves the row."""
    name = (
        f"certificates/{certificate.year}/"
        f"{certificate.register}-{certificate.year}-{certificate.register_number:06d}.pdf"
    )
    # A batch that died may have left this very file: it is written again, not beside it.
    default_storage.delete(name)
    certificate.file.name = default_storage.save(name, ContentFile(content))
    certificate.sha256 = hashlib.sha256(content).hexdigest()


def unsigned_form(certificate: Certificate, press: Press | None = None) -> bytes:
    """The form before signing, made again. Error: ``not_reproduced`` where it differs."""
    content = (press or Press()).unsigned(certificate)
    if hashlib.sha256(content).hexdigest() != certificate.unsigned_sha256:
        message = _("The unsigned form of %(number)s could not be made again byte for byte.")
        raise CertificateError("not_reproduced", message % {"number": certificate.register_label})
    return content


def issue_for_run(*, by: Actor, run: CourseRun) -> Issuing:
    """Number and print everything that the run still owes; safe to repeat and to kill."""
    result = register_certificates(by=by, run=run)
    written = {certificate.pk: certificate for certificate in write_files(run)}
    result.issued = [written[certificate.pk] for certificate in result.issued]
    return result
