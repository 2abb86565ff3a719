"""Issuing: numbers first, in one short transaction; files afterwards, a few at a time.

An interrupted batch is finished by running it again: certificates without a file get one, under
the same name, from the same frozen fields. So numbers have no gaps, nothing is issued twice, and
every file belongs to a row.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from audit.services import Actor, audit_details, audited_action
from certificates.choices import SignedBy
from certificates.errors import CertificateError
from certificates.models import Certificate
from certificates.pdf import Appearance
from certificates.services import keys
from certificates.services.documents import (
    BuiltDocument,
    DocumentBuilder,
    DocumentError,
    DocumentSource,
)
from certificates.services.preflight import (
    HeldBack,
    issued_before,
    preflight,
    without_certificate,
)
from certificates.services.printed_fields import appearance_as_issued
from certificates.services.register_numbers import register_lock, supersede_corrected
from certificates.services.stamping import Built, with_time_stamps
from common import clock
from common.bulk import insert_many, update_many
from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError
from courses.models import CourseRun

# A broken design fails for everybody: the first sentences suffice.
MOST_SENTENCES = 12
# So many files, or those made in so many seconds, are stored in one transaction: other writers
# wait for it, and a worker that dies loses them.
STORED_AT_ONCE = 20
SECONDS_AT_ONCE = 0.2
_MADE = (
    "made_with", "unsigned_sha256", "unsigned_size", "signing_key", "file", "sha256", "signed_at",
)  # fmt: skip


@dataclass(slots=True)
class IssueResult:
    """``warnings`` are about certificates that were issued all the same."""

    issued: list[Certificate] = field(default_factory=list)
    already: int = 0
    held_back: list[HeldBack] = field(default_factory=list)
    warnings: list[HeldBack] = field(default_factory=list)


# Numbering ------------------------------------------------------------------------------


def register_certificates(*, by: Actor, run: CourseRun) -> IssueResult:
    """Number a certificate for every completion of a run that is not void and has none.

    The files are made by ``write_files``. Completions that cannot be printed as they are get no
    certificate and are listed in ``held_back``. Errors: those of ``preflight``, ``no_signing_key``.
    """
    # The preflight may take seconds: it comes before the lock on the register.
    checked = preflight(run)
    result = IssueResult(held_back=checked.held_back, warnings=checked.warnings)
    with audited_action("certificates_issued", by=by):
        with register_lock(checked) as number:
            result.already = issued_before(run)
            still = set(without_certificate(run).values_list("id", flat=True))
            owed = [ready for ready in checked.ready if ready.completion.pk in still]
            result.issued = [number(ready) for ready in owed]
            insert_many(result.issued)
        for certificate in result.issued:
            supersede_corrected(certificate)
        audit_details(run=run.code, issued=len(result.issued), held_back=len(result.held_back))
    return result


# Files ----------------------------------------------------------------------------------


class Problems:
    """Certificates whose documents could not be made: they keep their numbers, others go on."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, certificate: Certificate, error: DomainError) -> None:
        self.sentences.append(file_owed(certificate, error).message)

    def raise_if_any(self) -> None:
        """Error: ``file_owed``, a sentence for each certificate up to ``MOST_SENTENCES``."""
        if self.sentences:
            raise CertificateError("file_owed", " ".join(self.sentences[:MOST_SENTENCES]))


def file_owed(certificate: Certificate, error: DomainError) -> CertificateError:
    message = _(
        "%(number)s is in the register, but its file could not be created: "
        "%(problem)s Once this is fixed, create it from the page of the class."
    ) % {"number": certificate.register_label, "problem": error.sentence}
    return CertificateError("file_owed", message)


class CertificateBuilder:
    """Builds documents of certificates; keeps designs, pictures and the signing key loaded."""

    def __init__(self) -> None:
        self._builders: dict[int | None, DocumentBuilder] = {}
        self._appearances: dict[tuple[int, str, str], Appearance] = {}
        self._key_id: int | None = None

    def build(self, certificate: Certificate) -> BuiltDocument:
        return self._builder_for(certificate).build(self.source(certificate))

    def unsigned(self, certificate: Certificate) -> bytes:
        source = replace(self.source(certificate), made_with=certificate.made_with)
        return DocumentBuilder().unsigned(source)

    def source(self, certificate: Certificate) -> DocumentSource:
        signs = certificate.signed_by == SignedBy.OWN_KEY
        return DocumentSource(
            id=certificate.pk,
            appearance=self._appearance(certificate),
            printed=certificate.printed,
            credential=certificate.credential,
            sign_at=clock.now() if signs else None,
        )

    def key_id(self, certificate: Certificate) -> int | None:
        """The key that signs now: the key recorded at numbering may have been retired since."""
        if certificate.signed_by != SignedBy.OWN_KEY:
            return None
        if self._key_id is None:
            found = keys.signature_key(clock.now())
            if found is None:
                message = _("The signing key no longer exists.")
                raise CertificateError("no_signing_key", message)
            self._key_id = found[0].pk
            stamped = bool(settings.TSA_URL)
            self._builders[self._key_id] = DocumentBuilder(key=found[1], is_stamped=stamped)
        return self._key_id

    def builders(self) -> dict[int | None, DocumentBuilder]:
        return {None: DocumentBuilder()} | self._builders

    def _builder_for(self, certificate: Certificate) -> DocumentBuilder:
        certificate.signing_key_id = self.key_id(certificate)
        return self.builders()[certificate.signing_key_id]

    def _appearance(self, certificate: Certificate) -> Appearance:
        printed = certificate.printed
        pictures = printed.get("signature_image", ""), printed.get("seal_image", "")
        name = (certificate.design_id, *pictures)
        if name not in self._appearances:
            self._appearances[name] = appearance_as_issued(certificate)
        return self._appearances[name]


def without_file(run: CourseRun) -> QuerySet[Certificate]:
    waiting = Certificate.objects.without_file().filter(completion__run=run)
    return waiting.select_related("design").in_register_order()


def write_files(run: CourseRun) -> Iterator[Certificate]:
    """Build and store the files that the run still owes, one by one.

    Error: ``file_owed`` at the end, where some documents could not be made.
    """
    return write_each(without_file(run))


def write_each(certificates: Iterable[Certificate]) -> Iterator[Certificate]:
    problems = Problems()
    yield from store_each(with_time_stamps(build_each(certificates)), problems.add)
    problems.raise_if_any()


def build_each(certificates: Iterable[Certificate]) -> Iterator[Built]:
    builder = CertificateBuilder()
    for certificate in certificates:
        try:
            yield certificate, builder.build(certificate)
        except DocumentError as error:
            yield certificate, error


def store_each(
    documents: Iterable[Built], refused: Callable[[Certificate, DocumentError], None]
) -> Iterator[Certificate]:
    """The certificates whose documents are stored; ``refused`` is told of the others."""
    for group in _groups(documents):
        made = []
        for certificate, built in group:
            if isinstance(built, DocumentError):
                refused(certificate, built)
            else:
                made.append((certificate, built))
        store(made)
        yield from (certificate for certificate, _built in made)


def _groups(documents: Iterable[Built]) -> Iterator[list[Built]]:
    group: list[Built] = []
    begun = time.monotonic()
    try:
        for document in documents:
            group.append(document)
            if len(group) >= STORED_AT_ONCE or time.monotonic() - begun >= SECONDS_AT_ONCE:
                yield group
                group, begun = [], time.monotonic()
    except DomainError:  # no further one can be made; these are
        yield group
        raise
    yield group


def store(made: Sequence[tuple[Certificate, BuiltDocument]]) -> None:
    """Store documents, all of them or none, but those that somebody else just stored."""
    ids = [certificate.pk for certificate, _built in made]
    with transaction.atomic():
        # The rows are locked, so nobody else writes these files meanwhile.
        waiting = Certificate.objects.without_file().filter(pk__in=ids).order_by("pk")
        owed = set(waiting.select_for_update().values_list("pk", flat=True))
        for certificate, built in made:
            if certificate.pk in owed:
                _write(certificate, built)
        update_many([certificate for certificate, _built in made if certificate.pk in owed], _MADE)
    for certificate, _built in made:
        if certificate.pk not in owed:
            certificate.refresh_from_db(fields=["file", "sha256"])


def _write(certificate: Certificate, built: BuiltDocument) -> None:
    certificate.made_with = built.made_with
    certificate.unsigned_sha256 = built.unsigned_sha256
    certificate.unsigned_size = built.unsigned_size
    # Signed outside: the unsigned form is made again when asked for, and never stored.
    if certificate.signed_by != SignedBy.OUTSIDE:
        certificate.file, certificate.sha256 = write_file(certificate, built.content)
        certificate.signed_at = built.signed_at


def write_file(certificate: Certificate, content: bytes) -> tuple[str, str]:
    """Under the certificate's own name; name and SHA-256, for the row."""
    return write_under(_file_name(certificate), content)


def write_under(name: str, content: bytes) -> tuple[str, str]:
    # An interrupted try may have left this file: replace it, else storage adds a suffix.
    default_storage.delete(name)
    if default_storage.save(name, ContentFile(content)) != name:
        raise OSError(f"{name} was written by another process")
    return name, hashlib.sha256(content).hexdigest()


def _file_name(certificate: Certificate) -> str:
    return (
        f"certificates/{certificate.year}/"
        f"{certificate.register}-{certificate.year}-{certificate.register_number:06d}.pdf"
    )


def unsigned_form(certificate: Certificate, builder: CertificateBuilder | None = None) -> bytes:
    """The form before signing, made again. Error: ``not_reproduced`` where it differs."""
    content = (builder or CertificateBuilder()).unsigned(certificate)
    if hashlib.sha256(content).hexdigest() != certificate.unsigned_sha256:
        message = _("The unsigned version of %(number)s could not be reproduced byte for byte.")
        raise CertificateError("not_reproduced", message % {"number": certificate.register_label})
    return content
