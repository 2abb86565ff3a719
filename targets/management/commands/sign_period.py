import argparse
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.models import Signer
from common import clock, formats
from common.commands import DomainCommand, day
from targets.errors import TargetInputError
from targets.services.reports import RECIPIENTS, letter_of, sign_off


class Command(DomainCommand):
    help = "Sign off a period: freeze its figure with the list of names, the rule and the instant."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--starts-on", metavar="D", type=day, required=True)
        parser.add_argument("--ends-on", metavar="D", type=day, required=True)
        parser.add_argument("--number", metavar="TEXT", required=True, help="12/BC-BKHCN")
        parser.add_argument("--signer", metavar="NAME", required=True)
        parser.add_argument("--dated", metavar="D", type=day, help="day of the report; today")
        parser.add_argument("--recipients", metavar="TEXT", default=RECIPIENTS, type=_lines)
        parser.add_argument("--agreed", metavar="N", type=int, help="refuse any other figure")

    def work(self, **options: Any) -> dict[str, Any]:
        dated = options["dated"] or clock.today()
        signers = Signer.objects.in_force_on(dated).filter(name=options["signer"].strip())
        signer = signers.first()
        if signer is None:
            message = _("No signer named %(name)s has authority on %(day)s.")
            what = {"name": options["signer"], "day": formats.day(dated)}
            raise TargetInputError("unknown_signer", message % what)
        letter = letter_of(
            signer, number=options["number"], dated=dated, recipients=options["recipients"]
        )
        report = sign_off(
            by=PROGRAMME_OFFICE,
            starts_on=options["starts_on"],
            ends_on=options["ends_on"],
            letter=letter,
            agreed_persons=options["agreed"],
        )
        return {
            "report": report.code,
            "persons": report.persons,
            "completions": report.completions,
            "known_as_of": report.known_as_of.isoformat(),
            "pack_sha256": report.pack_sha256,
        }


def _lines(text: str) -> str:
    """One recipient a line, also where they are separated by ``;``."""
    if not text.strip():
        raise argparse.ArgumentTypeError(_("Name at least one recipient."))
    return text.replace(";", "\n")
