"""What all management commands share: one line of reason, a JSON answer, progress."""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.dates import DateError, parse_date
from common.errors import DomainError

Item = TypeVar("Item")


class DomainCommand(BaseCommand):
    """A command that calls services and prints for people or, with ``--json``, machines.

    A refused action prints one line of reason (or ``{"error": …}``) and exits with 1.
    """

    # The checks load every page of the site; the server and the tests run them.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = self.work(**options)
        except DomainError as error:
            self._refuse(error, as_json=options.get("json", False))
            return
        if options.get("json"):
            self.stdout.write(json.dumps(answer, ensure_ascii=False, default=str))
        else:
            self.print_answer(answer)
        if code := self.exit_code(answer):
            sys.exit(code)

    def work(self, **options: Any) -> dict[str, Any]:
        """Returns what ``--json`` prints."""
        raise NotImplementedError

    def print_answer(self, answer: dict[str, Any]) -> None:
        """For people, without ``--json``."""
        for key, value in answer.items():
            self.stdout.write(f"{key}: {value}")

    def exit_code(self, answer: dict[str, Any]) -> int:
        """Non-zero if the work was done but its result is bad news."""
        return 0

    def _refuse(self, error: DomainError, *, as_json: bool) -> None:
        if as_json:
            reason = {"error": {"code": error.code, "message": error.message}}
            self.stdout.write(json.dumps(reason, ensure_ascii=False))
            sys.exit(1)
        raise CommandError(error.message) from error


def with_progress(items: Iterable[Item], total: int, stream: Any = None) -> Iterator[Item]:
    stream = stream or sys.stderr
    live = stream.isatty()
    for done, item in enumerate(items, start=1):
        yield item
        if live:
            stream.write(f"\r{done}/{total}" + ("\n" if done == total else ""))


def day(text: str) -> dt.date:
    try:
        return parse_date(text)
    except DateError as error:
        raise argparse.ArgumentTypeError(error.message) from error
