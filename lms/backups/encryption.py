"""Encryption of a backup for whoever holds a private key that this machine does not know."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from django.utils.translation import gettext as _

from lms.backups.errors import BackupError

SUFFIX = ".gpg"
_GPG: Final = ("gpg", "--batch", "--yes", "--quiet", "--compress-algo", "none")


@contextmanager
def encrypting(target: IO[bytes], recipient_file: Path) -> Iterator[IO[bytes]]:
    """What is written here reaches ``target``, for the public key in a file (OpenPGP)."""
    command = [*_GPG, "--trust-model", "always", "--recipient-file", str(recipient_file)]
    with _known_failures(), TemporaryFile() as errors:
        process = subprocess.Popen(
            [*command, "--encrypt"], stdin=subprocess.PIPE, stdout=target, stderr=errors
        )
        assert process.stdin
        with process, suppress(BrokenPipeError):  # gpg has ended, and says why
            yield process.stdin
        if process.returncode:
            errors.seek(0)
            raise _failed(errors.read().decode(errors="replace"))


def decrypt(source: Path, target: Path) -> None:
    """With the private key of the account's own key ring."""
    _gpg("--output", str(target), "--decrypt", str(source))


def _gpg(*arguments: str) -> None:
    with _known_failures():
        done = subprocess.run([*_GPG, *arguments], capture_output=True, check=False, text=True)
    if done.returncode:
        raise _failed(done.stderr)


@contextmanager
def _known_failures() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if error.filename != _GPG[0]:
            raise
        raise BackupError("no_gpg", _("gpg is missing: install gnupg.")) from error


def _failed(reason: str) -> BackupError:
    return BackupError(
        "gpg_failed", _("gpg failed: %(reason)s") % {"reason": reason.strip()[-500:]}
    )
