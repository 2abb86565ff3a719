"""load_reference: create what is missing of agencies, courses, indicators, rule, designs."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from common.commands import DomainCommand
from lms.reference import load_reference


class Command(DomainCommand):
    help = "Create the reference data that is missing; what stands there is left as it is."

    def work(self, **options: Any) -> dict[str, Any]:
        tallies = load_reference(by=PROGRAMME_OFFICE)
        return {name: asdict(tally) for name, tally in tallies.items()}

    def print_answer(self, answer: dict[str, Any]) -> None:
        line = _("%(name)s: %(created)s created, %(present)s already present")
        for name, tally in answer.items():
            self.stdout.write(line % {"name": name, **tally})
