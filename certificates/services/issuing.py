"""Issuing: numbers first, in one short transaction; bytes afterwards, one file at a time.

A batch that dies in between is taken up by running it again: rows without bytes get them,
under the same name, from the same frozen fields. So numbers are gapless, nothing is
issued twice, and no file lies about that no row knows.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from certificates.choices import CertificateState
from certificates.errors import CertificateError
from certificates.models import (
    Certificate,
    CertificateDesign,
    RegisterYear,
    Signer,
    new_verification_code,
)
from certificates.pdf import CertificateFields, CertificateRenderer, missing_glyphs, prepare
from certificates.services.printing import body_and_signer, fields_of
from common import clock
from common.errors import DomainError
from courses.models import CourseRun
from enrollment.models import Completion
from people.models import Merge, Trainee
from people.querysets import resolved

REGISTER = "AI"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A completion that got no certificate, and what to mend first."""

    trainee_code: str
    full_name: str
    code: str
    message: str


@dataclass(slots=True)
class Issuing:
    """What became of a run's completions."""

    issued: list[Certificate] = field(default_factory=list)
    already: int = 0
    held_back: list[HeldBack] = field(default_factory=list)


@deed("certificates_issued")
def register_certificates(*, by: Actor, run: CourseRun) -> Issuing:
    """Give every standing completion of a run that has none a numbered certificate.

    The bytes are made by ``write_files``. Completions that must not be printed as they
    are stay without one and are listed.
    """
    design, signer = _design(), _signer()
    year = clock.today().year
    # Whoever numbers holds the register's year: gapless, and nothing is issued twice.
    RegisterYear.objects.get_or_create(register=REGISTER, year=year)
    counter = RegisterYear.objects.select_for_update().get(register=REGISTER, year=year)
    result = Issuing(already=_standing(run).filter(certificates__state="issued").count())
    people = _people_behind(run)
    for completion in _without_certificate(run):
        trainee = people[completion.trainee_id]
        certificate = _numbered(completion, counter, design, signer)
        if problem := _preflight(certificate, trainee, design):
            result.held_back.append(
                HeldBack(trainee.code, trainee.full_name, problem.code, problem.message)
            )
            continue
        certificate.printed = fields_of(certificate, trainee).to_json()
        counter.last_number = certificate.register_number
        result.issued.append(certificate)
    Certificate.objects.bulk_create(result.issued, batch_size=500)
    counter.save(update_fields=["last_number"])
    note(run=run.code, issued=len(result.issued), held_back=len(result.held_back))
    return result


def _standing(run: CourseRun) -> QuerySet[Completion]:
    return run.completions.standing()


def _without_certificate(run: CourseRun) -> Iterator[Completion]:
    """In roster order, so that the register reads like the class list."""
    waiting = (
        _standing(run)
        .filter(certificates=None)
        .select_related("run__course", "enrollment", "sending_agency")
        .prefetch_related("run__decisions")
    )
    return iter(waiting.order_by("trainee__sort_key", "id"))


def _people_behind(run: CourseRun) -> dict[int, Trainee]:
    """The one human being behind each row of the run: merges believed now."""
    survivors = Merge.objects.believed(clock.now()).survivor_by_absorbed()
    ids = _standing(run).values_list("trainee_id", flat=True)
    last = {row: resolved(row, survivors) for row in ids}
    people = Trainee.objects.in_bulk(set(last.values()))
    return {row: people[person] for row, person in last.items()}


def _design() -> CertificateDesign:
    design = CertificateDesign.objects.filter(is_default=True).first()
    if design is None:
        raise CertificateError(
            "no_design", _("There is no certificate design yet: run load_reference.")
        )
    return design


def _signer() -> Signer:
    _body, signer = body_and_signer(clock.today())
    if signer is None:
        raise CertificateError(
            "no_signer",
            _("Nobody may sign on this day: enter an issuing body and a signer in force."),
        )
    return signer


def _numbered(
    completion: Completion, counter: RegisterYear, design: CertificateDesign, signer: Signer
) -> Certificate:
    number = counter.last_number + 1
    return Certificate(
        completion=completion,
        register=counter.register,
        year=counter.year,
        register_number=number,
        serial_number=f"{counter.register}{counter.year % 100:02d}{number:06d}",
        verification_code=new_verification_code(),
        design=design,
        signer=signer,
        issued_at=clock.now(),
    )


def _preflight(
    certificate: Certificate, trainee: Trainee, design: CertificateDesign
) -> DomainError | None:
    """The first reason why this certificate must not be printed as it is."""
    if not trainee.full_name.strip():
        return CertificateError("no_name", _("The person has no name."))
    fields = fields_of(certificate, trainee)
    for text in fields.texts().values():
        if missing := missing_glyphs(text, design):
            return CertificateError(
                "missing_glyphs",
                _("The certificate's fonts cannot print %(letters)s in “%(text)s”.")
                % {"letters": missing[:10], "text": text[:80]},
            )
    return None


def write_files(run: CourseRun) -> Iterator[Certificate]:
    """Make and store the bytes of the run's certificates that have none, one by one."""
    pending = (
        Certificate.objects.live()
        .filter(completion__run=run, sha256="")
        .select_related("design")
        .in_register_order()
    )
    renderers: dict[int, CertificateRenderer] = {}
    for certificate in pending:
        if certificate.design_id not in renderers:
            renderers[certificate.design_id] = prepare(certificate.design)
        write_file(certificate, renderers[certificate.design_id])
        yield certificate


def write_file(certificate: Certificate, renderer: CertificateRenderer) -> None:
    """Make a certificate's bytes from its frozen fields and store them with their hash."""
    content = renderer.render(CertificateFields.from_json(certificate.printed))
    name = (
        f"certificates/{certificate.year}/"
        f"{certificate.register}-{certificate.year}-{certificate.register_number:06d}.pdf"
    )
    # A batch that died may have left this very file: it is written again, not beside it.
    default_storage.delete(name)
    certificate.file.name = default_storage.save(name, ContentFile(content))
    certificate.sha256 = hashlib.sha256(content).hexdigest()
    certificate.save(update_fields=["file", "sha256"])


def issue_for_run(*, by: Actor, run: CourseRun) -> Issuing:
    """Number and print everything that the run still owes; safe to repeat and to kill."""
    result = register_certificates(by=by, run=run)
    written = {certificate.pk: certificate for certificate in write_files(run)}
    result.issued = [written[certificate.pk] for certificate in result.issued]
    return result


@deed("certificate_revoked")
def revoke(*, by: Actor, certificate: Certificate, reason: str) -> Certificate:
    """Revoke a certificate: it stays on the register, with the reason and the day."""
    if not reason.strip():
        raise CertificateError("reason_missing", _("Say why the certificate is revoked."))
    revoked = Certificate.objects.live().filter(pk=certificate.pk)
    if not revoked.update(
        state=CertificateState.REVOKED, revoked_at=clock.now(), revocation_reason=reason[:250]
    ):
        raise CertificateError("not_live", _("Only a valid certificate can be changed."))
    certificate.refresh_from_db()
    note(register_number=certificate.register_label)
    return certificate


@deed("certificate_reissued")
def reissue(*, by: Actor, certificate: Certificate) -> Certificate:
    """Issue a corrected certificate under a new number; the old one points to it."""
    design, signer = _design(), _signer()
    year = clock.today().year
    RegisterYear.objects.get_or_create(register=REGISTER, year=year)
    counter = RegisterYear.objects.select_for_update().get(register=REGISTER, year=year)
    superseded = Certificate.objects.live().filter(pk=certificate.pk)
    if not superseded.update(state=CertificateState.SUPERSEDED):
        raise CertificateError("not_live", _("Only a valid certificate can be changed."))
    successor = _numbered(certificate.completion, counter, design, signer)
    trainee = _people_behind(certificate.completion.run)[certificate.completion.trainee_id]
    if problem := _preflight(successor, trainee, design):
        raise problem
    successor.printed = fields_of(successor, trainee).to_json()
    successor.save()
    counter.last_number = successor.register_number
    counter.save(update_fields=["last_number"])
    Certificate.objects.filter(pk=certificate.pk).update(superseded_by=successor)
    note(superseded=certificate.register_label, successor=successor.register_label)
    transaction.on_commit(lambda: write_file(successor, prepare(design)))
    return successor
