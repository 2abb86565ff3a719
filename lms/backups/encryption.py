"""Encryption of a backup for whoever holds a private key that this machine does not know."""

import subprocess
from pathlib import Path

from django.utils.translation import gettext as _

from lms.backups.errors import BackupError

SUFFIX = ".gpg"


def encrypt(source: Path, target: Path, recipient_file: Path) -> None:
    """For the public key in ``recipient_file`` (OpenPGP)."""
    _gpg("--trust-model", "always", "--recipient-file", str(recipient_file),
         "--output", str(target), "--encrypt", str(source))  # fmt: skip


def decrypt(source: Path, target: Path) -> None:
    """With the private key of the account's own key ring."""
    _gpg("--output", str(target), "--decrypt", str(source))


def _gpg(*arguments: str) -> None:
    command = ["gpg", "--batch", "--yes", "--quiet", "--compress-algo", "none", *arguments]
    try:
        subprocess.run(command, capture_output=True, check=True, text=True)
    except FileNotFoundError as error:
        raise BackupError("no_gpg", _("gpg is missing: install gnupg.")) from error
    except subprocess.CalledProcessError as error:
        raise BackupError(
            "gpg_failed", _("gpg failed: %(reason)s") % {"reason": error.stderr.strip()[-500:]}
        ) from error
