"""Certificates of several classes, or of a period, as files that a job makes and that expire."""

import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mail import Recipient
from accounts.models import User
from audit.services import Actor, audit_details, audited
from certificates.errors import CertificateError
from certificates.job_types import BUNDLE_CERTIFICATES, BundlePayload
from certificates.message_kinds import CERTIFICATES_BUNDLED
from certificates.models import Bundle, Certificate
from certificates.querysets import CertificateQuerySet
from certificates.services.bundles import archive_name, merged_file, zip_chunks
from certificates.services.stored_files import opened, opened_file
from common import clock
from common.bulk import in_list
from common.dates import format_date
from jobs import services as jobs
from notices.services.messages import send_each

MOST: Final = 10_000  # certificates, some 2 GB
RETENTION: Final = dt.timedelta(days=7)
RECORD_RETENTION: Final = dt.timedelta(days=180)  # that there was a file, and no more
_ORDER: Final = ("completion__run__code", "completion__trainee__sort_key", "pk")
FILES: Final = ("archive", "merged")
_UNSAFE: Final = re.compile(r"[^\w.-]+")


def chosen_certificates(user: User, wanted: Mapping[str, Any]) -> CertificateQuerySet:
    """Live certificates with a file that a user may see and has chosen, by class and name.

    ``wanted`` may narrow by ``runs`` (codes), ``agency`` (slug of the sender), ``since`` and
    ``until`` (ISO days of completion).
    """
    narrowed = {
        "completion__run__code__in": wanted.get("runs"),
        "completion__sending_agency__slug": wanted.get("agency"),
        "completion__completed_on__gte": wanted.get("since"),
        "completion__completed_on__lte": wanted.get("until"),
    }
    live = Certificate.objects.visible_to(user).live().exclude(file="")
    found = live.filter(
        completion__voided_at=None, **{name: value for name, value in narrowed.items() if value}
    )
    return found.order_by(*_ORDER)


@audited("certificate_bundle_requested")
def request_bundle(*, by: Actor, user: User, wanted: Mapping[str, Any]) -> Bundle:
    """Start the job that makes the files; a second request for the same meanwhile starts none.

    Errors: ``no_certificates``, ``too_many_certificates``.
    """
    found = chosen_certificates(user, wanted).count()
    if not found:
        raise CertificateError("no_certificates", _("There are no certificates to combine."))
    if found > MOST:
        message = _("%(count)s certificates are too many for one file; at most %(most)s.")
        raise CertificateError("too_many_certificates", message % {"count": found, "most": MOST})
    waiting = user.certificate_bundles.filter(archive="", wanted=dict(wanted))
    for bundle in waiting.select_related("job"):
        if bundle.job is not None and not bundle.job.is_over:
            return bundle
    bundle = Bundle.objects.create(
        owner=user, wanted=dict(wanted), expires_at=clock.now() + RETENTION
    )
    payload = BundlePayload(bundle=str(bundle.pk))
    bundle.job = jobs.start(BUNDLE_CERTIFICATES, payload=payload, owner=user, by=by)
    bundle.save(update_fields=["job"])
    audit_details(certificates=found, **{name: value for name, value in wanted.items() if value})
    return bundle


def make_bundle(progress: jobs.Progress[BundlePayload]) -> Bundle:
    """Make the files of a bundle; after a kill it begins again, and leaves one of each.

    Errors: ``bundle_gone``, ``no_certificates``.
    """
    bundle = Bundle.objects.select_related("owner").filter(pk=progress.payload["bundle"]).first()
    if bundle is None or not bundle.wanted or bundle.expires_at <= clock.now():
        raise _gone()
    if bundle.archive:
        return bundle
    ids = list(chosen_certificates(bundle.owner, bundle.wanted).values_list("pk", flat=True))
    if not ids:
        raise CertificateError("no_certificates", _("There are no certificates to combine."))
    progress.advance(0, 2 * len(ids))
    with tempfile.TemporaryFile() as packed:
        for done, chunk in enumerate(zip_chunks(_named_files(ids))):
            packed.write(chunk)
            progress.advance(min(done, len(ids)))
        _store(bundle, "archive", packed)
    certificates = Certificate.objects.filter(pk__in=in_list(ids)).order_by(*_ORDER)
    with merged_file(certificates.iterator(chunk_size=100), progress.advance) as merged:
        _store(bundle, "merged", merged)
    _finish(bundle, ids, progress)
    progress.advance(2 * len(ids))
    return bundle


def _named_files(ids: list[int]) -> Iterator[tuple[str, bytes]]:
    """A folder for each class; names are plain letters and unique by their register number."""
    found = Certificate.objects.filter(pk__in=in_list(ids)).select_related("completion__run")
    for certificate in found.order_by(*_ORDER).iterator(chunk_size=100):
        folder = _UNSAFE.sub("-", certificate.completion.run.code)
        with opened(certificate) as file:
            yield f"{folder}/{archive_name(certificate)}", file.read()


def _stored_name(bundle: Any, field: str) -> str:
    # No ".pdf": below MEDIA_ROOT that ending means a certificate.
    return f"bundles/{bundle}.{field}"


def _store(bundle: Bundle, field: str, content: Any) -> None:
    name = _stored_name(bundle.pk, field)
    default_storage.delete(name)
    content.seek(0)
    setattr(bundle, field, default_storage.save(name, File(content)))


@audited("certificates_bundled")
def _record(*, by: Actor, bundle: Bundle) -> None:
    audit_details(bundle=str(bundle.pk), certificates=len(bundle.certificate_ids))


def _finish(bundle: Bundle, ids: list[int], progress: jobs.Progress[BundlePayload]) -> None:
    bundle.certificate_ids = ids
    with transaction.atomic(), translation.override(bundle.owner.language or progress.language):
        stored = Bundle.objects.filter(pk=bundle.pk, archive="")
        if stored.update(
            archive=bundle.archive.name, merged=bundle.merged.name, certificate_ids=ids
        ):
            _record(by=progress.actor, bundle=bundle)
            _notify(bundle)
    if _stale(bundle):  # somebody was erased, or a certificate revoked, while it was made
        erase_files(Bundle.objects.filter(pk=bundle.pk))
        raise _stale_error()


def _notify(bundle: Bundle) -> None:
    values = {
        "link": f"{settings.SITE_URL}{reverse('certificate_bundles')}",
        "until": format_date(timezone.localdate(bundle.expires_at)),
    }
    owner = Recipient(bundle.owner.email, bundle.owner.language)
    send_each(CERTIFICATES_BUNDLED, [owner], lambda: values)


def is_open_to(user: User, bundle: Bundle) -> bool:
    """Whether a user may still see every certificate in the files."""
    if not bundle.certificate_ids:
        return True
    seen = Certificate.objects.visible_to(user).filter(pk__in=in_list(bundle.certificate_ids))
    return seen.count() == len(bundle.certificate_ids)


def file_of(bundle: Bundle, field: str) -> Any:
    """The stored file. Errors: ``file_gone``, ``not_made``, ``bundle_stale``, ``file_lost``."""
    if bundle.expires_at <= clock.now():
        raise CertificateError("file_gone", _("This file has expired; request it again."))
    if not bundle.archive:
        raise CertificateError("not_made", _("This file is not ready yet."))
    if _stale(bundle):
        raise _stale_error()
    return opened_file(getattr(bundle, field), _("the archive"))


def _stale(bundle: Bundle) -> bool:
    ids = bundle.certificate_ids
    valid = Certificate.objects.live().filter(completion__voided_at=None, erased_at=None)
    return valid.filter(pk__in=in_list(ids)).count() < len(ids) if ids else False


def _stale_error() -> CertificateError:
    message = _("A certificate in this file has been revoked or replaced since; request it again.")
    return CertificateError("bundle_stale", message)


def _none() -> CertificateError:
    return CertificateError("no_certificates", _("There are no certificates to combine."))


def _gone() -> CertificateError:
    return CertificateError("bundle_gone", _("This file has expired; request it again."))


def erase_expired() -> int:
    now = clock.now()
    Bundle.objects.filter(expires_at__lte=now - RECORD_RETENTION).delete()
    return erase_files(Bundle.objects.filter(expires_at__lte=now))


def erase_files(bundles: QuerySet[Bundle]) -> int:
    """The files go first, also those of a job that was killed: an interrupted run finds the rows
    again.
    """
    stored = bundles.exclude(wanted={})
    for pk in stored.values_list("pk", flat=True):
        for field in FILES:
            default_storage.delete(_stored_name(pk, field))
    return stored.update(archive="", merged="", certificate_ids=[], wanted={})


def erase_files_with(certificates: set[int]) -> int:
    """Erase the files that hold one of the certificates."""
    found = [
        pk
        for pk, ids in Bundle.objects.exclude(archive="").values_list("pk", "certificate_ids")
        if not certificates.isdisjoint(ids)
    ]
    return erase_files(Bundle.objects.filter(pk__in=found))
