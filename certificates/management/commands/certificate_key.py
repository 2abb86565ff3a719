"""certificate_key: the keys that sign certificates and prove their credentials."""

import os
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.services import PROGRAMME_OFFICE
from certificates.errors import CertificateError, CertificateInputError
from certificates.models import Key
from certificates.services.keys import (
    add_credential_key,
    add_signature_key,
    add_token_key,
    retire_key,
)
from certificates.signing import read_certificates
from common.commands import DomainCommand

PASSWORD = "SIGNING_KEY_PASSWORD"  # noqa: S105 - the name of a variable


class Command(DomainCommand):
    help = "List keys, add one (PKCS#12 or in a token), make a credential key, or retire one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("action", choices=("list", "add", "make-credential", "retire"))
        parser.add_argument("name", nargs="?", default="", help="what to call the key")
        parser.add_argument(
            "--pkcs12",
            metavar="FILE",
            help=f"the key to add; its password comes from {PASSWORD} or is asked for",
        )
        parser.add_argument(
            "--token-key",
            metavar="LABEL",
            help="the key to add, in the token that SIGNING_TOKEN_… name",
        )
        parser.add_argument(
            "--certificates",
            metavar="FILE",
            help="its certificate and those of its authorities (PEM), if the token has none",
        )
        parser.add_argument(
            "--leave-in-folder",
            action="store_true",
            help="keep the key in KEY_FOLDER, only its password in the database",
        )

    def work(self, **options: Any) -> dict[str, Any]:
        action, name = options["action"], options["name"]
        if action != "list" and not name:
            raise CertificateError("no_name", _("Give the key a name."))
        if action == "add" and options["token_key"]:
            self._add_token_key(name, options["token_key"], options["certificates"])
        elif action == "add":
            self._add(name, options["pkcs12"], leave=options["leave_in_folder"])
        elif action == "make-credential":
            add_credential_key(by=PROGRAMME_OFFICE, name=name)
        elif action == "retire":
            key = Key.objects.filter(name=name).first()
            if key is None:
                message = _("There is no key named %(name)s.") % {"name": name}
                raise CertificateInputError("unknown_key", message)
            retire_key(by=PROGRAMME_OFFICE, key=key)
        return {"keys": [_facts(key) for key in Key.objects.defer("secret")]}

    def _add(self, name: str, file: str | None, *, leave: bool) -> None:
        content = _content(file or "--pkcs12")
        password = os.environ.get(PASSWORD) or getpass(_("Password of the key: "))
        add_signature_key(
            by=PROGRAMME_OFFICE,
            name=name,
            pkcs12=content,
            password=password,
            file=Path(file or "").name if leave else "",
        )

    def _add_token_key(self, name: str, label: str, file: str | None) -> None:
        certificates = read_certificates(_content(file)) if file else ()
        add_token_key(by=PROGRAMME_OFFICE, name=name, label=label, certificates=certificates)

    def print_answer(self, answer: dict[str, Any]) -> None:
        for key in answer["keys"]:
            self.stdout.write(" ".join(str(value) for value in key.values()))


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError:
        message = _("The file %(file)s cannot be read.") % {"file": file}
        raise CertificateError("unreadable_file", message) from None


def _facts(key: Key) -> dict[str, Any]:
    return {
        "name": key.name,
        "use": key.use,
        "subject": key.subject,
        "valid_from": key.valid_from.date() if key.valid_from else None,
        "valid_to": key.valid_to.date() if key.valid_to else None,
        "retired": bool(key.retired_at),
    }
