"""verify_archive: whether an archive package is as it was made."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from retention.manifest import digest, verify_package
from retention.models import ArchivePackage


class Command(DomainCommand):
    help = (
        "Compare every file of an archive package with its manifest, and the package with the "
        "record of it here, if there is one. Exit 1: it is not as it was made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("package", type=Path)

    def work(self, **options: Any) -> dict[str, Any]:
        problems = verify_package(options["package"])
        with options["package"].open("rb") as content:
            sha256 = digest(content)
        known = ArchivePackage.objects.filter(sha256=sha256).first()
        return {
            "sound": not problems,
            "problems": problems,
            "sha256": sha256,
            "package": str(known.pk) if known else None,
        }

    def print_answer(self, answer: dict[str, Any]) -> None:
        for problem in answer["problems"]:
            self.stdout.write(problem)
        if answer["sound"]:
            self.stdout.write(_("The package is intact."))
        self.stdout.write(f"SHA-256: {answer['sha256']}")
        if answer["package"] is None:
            self.stdout.write(_("This database has no record of a package with this hash."))

    def exit_code(self, answer: dict[str, Any]) -> int:
        return 0 if answer["sound"] else 1
