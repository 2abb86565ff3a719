"""issue_duplicate: the same certificate once more, marked, after it was lost."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.errors import CertificateInputError
from certificates.models import Certificate
from certificates.services.duplicates import number_duplicate, write_duplicate
from certificates.services.verification import normalised_code
from common.commands import DomainCommand


class Command(DomainCommand):
    help = (
        "Issue a duplicate of a lost certificate: the same number and words, marked on the paper. "
        "Repeated after a failure, it makes the file of the same duplicate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("code", help="the verification code of the certificate")
        parser.add_argument("reason", help="how it was lost, for the record")

    def work(self, **options: Any) -> dict[str, Any]:
        rows = Certificate.objects.select_related("completion", "design")
        certificate = rows.filter(verification_code=normalised_code(options["code"])).first()
        if certificate is None:
            raise CertificateInputError("unknown_code", _("No certificate has this code."))
        duplicate = number_duplicate(
            by=PROGRAMME_OFFICE, certificate=certificate, reason=options["reason"]
        )
        write_duplicate(duplicate)
        return {"certificate": certificate.register_label, "number": duplicate.number}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("%(certificate)s: duplicate %(number)s.") % answer)
