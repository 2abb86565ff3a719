"""demo: a believable programme to look at, made from a seed."""

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from lms.demo.programme import PEOPLE, SEED, make_demo


class Command(DomainCommand):
    help = (
        "Fill a database that holds nothing but reference data with a made-up programme: "
        "classes since 2024, people, results, certificates, and one sign-in per role."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--people", type=int, default=PEOPLE, help="people trained so far (%(default)s)"
        )
        parser.add_argument(
            "--seed", type=int, default=SEED, help="the same seed, the same people (%(default)s)"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        made = make_demo(people=options["people"], seed=options["seed"], report=_show)
        return asdict(made)

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(
            _(
                "%(runs)s classes, %(people)s people (%(trained)s trained), "
                "%(completions)s completions, %(certificates)s certificates."
            )
            % answer
        )


def _show(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what:<40}")
