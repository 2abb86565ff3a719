"""Notify people of their certificates, once somebody has confirmed the number of recipients."""

from functools import partial

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import is_mailbox
from audit.services import Actor, audit_details, audited
from certificates.errors import CertificateError
from certificates.message_kinds import CERTIFICATE_READY
from certificates.models import Certificate
from certificates.services.printed_fields import verification_url
from common import clock
from courses.models import CourseRun
from notices.services.messages import Messages
from people.models import Letter
from people.services.letters import letter_to
from people.services.recipients import Reach, reach_of, recipients_of

_REACHABLE = Q(completion__trainee__user__isnull=False) | ~Q(completion__trainee__email="")


def awaiting_notification(run: CourseRun) -> QuerySet[Certificate]:
    return _unnotified(run).filter(_REACHABLE)


def reach_of_notification(run: CourseRun) -> Reach:
    return reach_of(one.completion.trainee for one in _unnotified(run))


def _unnotified(run: CourseRun) -> QuerySet[Certificate]:
    live = Certificate.objects.live().filter(completion__run=run, notified_at=None)
    return live.exclude(file="").select_related("completion__trainee__user")


@audited("certificate_holders_notified")
def notify_holders(*, by: Actor, run: CourseRun, confirmed: int) -> int:
    """Put one message to each holder into the outbox; nobody gets a second one.

    Holders without a mailbox get a letter, which is not counted.

    ``confirmed`` is the number that the sender saw and agreed to. Error:
    ``recipients_changed`` where it is another one by now; then nothing is sent.
    """
    unnotified = list(_unnotified(run).select_for_update(of=("self",)))
    recipients = recipients_of([one.completion.trainee for one in unnotified])
    reachable = sum(bool(recipient.address) for recipient in recipients)
    if reachable != confirmed:
        message = _(
            "There are now %(now)s recipients, not %(confirmed)s: review and confirm again."
        )
        values = {"now": reachable, "confirmed": confirmed}
        raise CertificateError("recipients_changed", message % values)
    messages, letters = Messages(), list[Letter]()
    for certificate, to in zip(unnotified, recipients, strict=True):
        values_of = partial(_values, certificate)
        mail = messages.add(CERTIFICATE_READY, to, values_of, path=reverse("my_record"))
        if not is_mailbox(to.address):
            letters.append(letter_to(certificate.completion.trainee, mail))
    messages.send()
    Letter.objects.bulk_create(letters)
    Certificate.objects.filter(pk__in=[one.pk for one in unnotified]).update(
        notified_at=clock.now()
    )
    audit_details(run=run.code, messages=reachable, letters=len(letters))
    return reachable


def _values(certificate: Certificate) -> dict[str, str]:
    return {
        "full_name": certificate.printed_value("full_name"),
        "course": certificate.printed_value("course_title"),
        "number": certificate.register_label,
        "site": settings.SITE_URL,
        "claim": verification_url("claim"),
        "code": certificate.verification_code,
        "link": verification_url(certificate.verification_code),
    }
