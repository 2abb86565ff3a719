"""demo_signins: how to sign in to the demo, one line per role."""

import os
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from common.commands import DomainCommand
from lms.demo.signins import PASSWORD, sign_ins


def language_of_terminal() -> str:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "en" if (locale or "").startswith("en") else "vi"


class Command(DomainCommand):
    help = "Print the demo's sign-ins, one per role."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(language_of_terminal()):
            super().handle(*args, **options)

    def work(self, **options: Any) -> dict[str, Any]:
        rows = [
            {
                "email": one.email,
                "password": PASSWORD if settings.DEBUG else None,
                "role": str(one.role),
                "label": str(one.role.label),
                "second_factor": one.second_factor,
            }
            for one in sign_ins()
        ]
        return {"sign_ins": rows}

    def print_answer(self, answer: dict[str, Any]) -> None:
        rows = answer["sign_ins"]
        if not rows:
            self.stdout.write(_("There are no demo accounts in this database."))
        elif not settings.DEBUG:
            self.stdout.write(
                _("No one can sign in yet: set a password with manage.py changepassword EMAIL.")
            )
        if rows and settings.DEBUG:
            self.stdout.write(_("Select a role on the sign-in page, or type:"))
        for row in rows:
            password = row["password"] or "-"
            line = f"{row['email']:<26} {password:<6} {row['label']}"
            if row["second_factor"]:
                line += " – " + _("code: manage.py demo_code %(email)s") % row
            self.stdout.write(line)
