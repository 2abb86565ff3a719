"""Notify people of their certificates, once somebody has confirmed the number of recipients."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import Language
from audit.services import Actor, audit_details, audited
from certificates.errors import CertificateError
from certificates.message_kinds import CERTIFICATE_READY
from certificates.models import Certificate
from certificates.services.printed_fields import verification_url
from common import clock
from courses.models import CourseRun
from notices.services.messages import Messages
from notices.services.texts import compose, wording_of
from people.models import Letter
from people.services.letters import letter_to
from people.services.recipients import recipients_of

_REACHABLE = Q(completion__trainee__user__isnull=False) | ~Q(completion__trainee__email="")


def awaiting_notification(run: CourseRun) -> QuerySet[Certificate]:
    return _unnotified(run).filter(_REACHABLE)


def _unnotified(run: CourseRun) -> QuerySet[Certificate]:
    live = Certificate.objects.live().filter(completion__run=run, notified_at=None)
    return live.exclude(file="").select_related("completion__trainee__user")


@audited("certificate_holders_notified")
def notify_holders(*, by: Actor, run: CourseRun, confirmed: int) -> int:
    """Put one message to each holder into the outbox; nobody gets a second one.

    Holders who cannot be reached get a letter, which is not counted.

    ``confirmed`` is the number that the sender saw and agreed to. Error:
    ``recipients_changed`` where it is another one by now; then nothing is sent.
    """
    recipients = list(awaiting_notification(run).select_for_update(of=("self",)))
    if len(recipients) != confirmed:
        message = _(
            "There are now %(now)s recipients, not %(confirmed)s: review and confirm again."
        )
        values = {"now": len(recipients), "confirmed": confirmed}
        raise CertificateError("recipients_changed", message % values)
    messages = Messages()
    for certificate in recipients:
        _tell(messages, certificate)
    messages.send()
    unreachable = list(_unnotified(run).exclude(_REACHABLE).select_for_update(of=("self",)))
    Letter.objects.bulk_create(_letter(certificate) for certificate in unreachable)
    Certificate.objects.filter(pk__in=[one.pk for one in (*recipients, *unreachable)]).update(
        notified_at=clock.now()
    )
    audit_details(run=run.code, messages=len(recipients), letters=len(unreachable))
    return len(recipients)


def _tell(messages: Messages, certificate: Certificate) -> None:
    recipient = recipients_of([certificate.completion.trainee])[0]
    values = _values(certificate)
    messages.add(CERTIFICATE_READY, recipient, lambda: values, path=reverse("my_record"))


def _letter(certificate: Certificate) -> Letter:
    wording = wording_of(CERTIFICATE_READY, Language.VIETNAMESE)
    message = compose(
        CERTIFICATE_READY,
        _values(certificate),
        to="",
        language=Language.VIETNAMESE,
        wording=wording,
    )
    return letter_to(certificate.completion.trainee, message)


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
