"""verify_certificate: whether a PDF is one of ours, unaltered and still valid."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from certificates.errors import CertificateError
from certificates.services.verification import FileState, Verification, verify_file
from common import clock
from common.bounded import BoundedError
from common.commands import DomainCommand


class Command(DomainCommand):
    help = "Check a certificate file offline: valid, superseded, revoked, unknown or altered."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE.pdf")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            content = Path(options["file"]).read_bytes()
        except OSError as error:
            raise CertificateError(
                "unreadable_file",
                _("The file %(file)s cannot be read.") % {"file": options["file"]},
            ) from error
        try:
            return _answer(verify_file(content))
        except BoundedError as error:  # not ours byte for byte, and nothing else can be told
            return {"state": str(FileState.UNKNOWN), "reason": error.message, "differences": []}

    def print_answer(self, answer: dict[str, Any]) -> None:
        for key, value in answer.items():
            if key == "checked":
                for check, result in value.items():
                    self.stdout.write(f"{check}: {_shown(result)}")
            elif key == "differences":
                for one in value:
                    self.stdout.write(f"! {one['label']}: {one['issued']} → {one['in_file']}")
            elif value not in (None, ""):
                self.stdout.write(f"{key}: {value}")

    def exit_code(self, answer: dict[str, Any]) -> int:
        return 0 if answer["state"] == FileState.VALID else 1


def _answer(found: Verification) -> dict[str, Any]:
    answer: dict[str, Any] = {"state": str(found.state)}
    if evidence := found.evidence:
        answer["checked"] = asdict(evidence)
    answer["differences"] = [asdict(difference) for difference in found.differences]
    if certificate := found.certificate:
        successor = certificate.superseded_by
        answer |= {
            "register_number": certificate.register_label,
            "serial_number": certificate.serial_number,
            "verification_code": certificate.verification_code,
            "full_name": certificate.printed_value("full_name"),
            "course_title": certificate.printed_value("course_title"),
            "issued_on": certificate.printed_value("issued_on"),
            "signed_outside_by": certificate.outside_signer or None,
            "superseded_by": successor.register_label if successor else None,
            "revoked_on": _day(certificate.revoked_at),
        }
    return answer


def _shown(result: object) -> str:
    if isinstance(result, bool):
        return _("good") if result else _("spoiled")
    return _("none") if result is None else str(result)


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(clock.HANOI).date() if moment else None
