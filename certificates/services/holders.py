"""What the person named on a certificate does: confirm the name, claim the file."""

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates.choices import CertificateState
from certificates.errors import CertificateError
from certificates.message_kinds import NAME_UNCONFIRMED
from certificates.models import Certificate, NameConfirmation
from certificates.services.verification import is_birth_of, normalised_code
from common import clock
from enrollment.models import Completion
from notices.services.reminders import forget
from people.models import Trainee


@audited("certificate_claimed")
def claim(*, by: Actor, code: str, birth: object) -> Certificate:
    """Find a certificate by its code and the printed birth date.

    Errors: ``no_match``, the same whichever of the two is wrong; ``not_in_force``.
    """
    with_file = Certificate.objects.exclude(file="").select_related("completion")
    certificate = with_file.filter(verification_code=normalised_code(code)).first()
    if certificate is None or not is_birth_of(certificate, birth):
        raise CertificateError("no_match", _("The code and the birth date do not match."))
    if certificate.public_state != CertificateState.ISSUED:
        message = _("This certificate is no longer valid. Look it up to see which one replaced it.")
        raise CertificateError("not_in_force", message)
    audit_details(register_number=certificate.register_label)
    return certificate


@audited("printed_name_confirmed")
def confirm_name(*, by: Actor, trainee: Trainee) -> NameConfirmation:
    """The person has seen their name as it will be printed. It is valid until the name changes."""
    confirmation, _created = NameConfirmation.objects.update_or_create(
        trainee=trainee,
        defaults={
            "full_name": trainee.full_name,
            "confirmed_at": clock.now(),
            "confirmed_by": by.label,
        },
    )
    # What was asked is answered: a name that is corrected later is asked about again.
    completions = Completion.objects.filter(trainee=trainee).values_list("pk", flat=True)
    forget(NAME_UNCONFIRMED, map(str, completions))
    audit_details(trainee=trainee.code)
    return confirmation
