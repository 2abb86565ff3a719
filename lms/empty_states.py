"""What stands in place of an empty list: what will appear, and what the reader's role can do."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from common.access import ANYBODY
from lms.menu import MENUS

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Empty:
    title: Text
    hint: Text = ""
    route: str = ""
    label: Text = ""

    @property
    def href(self) -> str:
        return reverse(self.route) if self.route else ""


_NO_ONE_IN_CLASS = _("No one is in this class yet")
_NOT_SHOWN = _("The people of this class are not shown here")
_NO_CERTIFICATE = _("No certificates yet")
_NO_ONE_YET = _("No one here yet")
_NO_ROSTER = _("No rosters have been uploaded yet")
_NO_CLASS = _("No class has been announced yet")
_UPLOAD = ("new_roster", _("Upload a roster"))

EMPTY_LISTS: dict[str, dict[str, Empty]] = {
    "class_roster": {
        Role.PROGRAMME_OFFICE: Empty(
            _NO_ONE_IN_CLASS, _("Nominate people or import a roster."), *_UPLOAD
        ),
        Role.AUDITOR: Empty(
            _NO_ONE_IN_CLASS, _("People appear here once they are nominated or enrolled.")
        ),
        ANYBODY: Empty(
            _NO_ONE_IN_CLASS,
            _("People appear here once agencies nominate them or they enroll themselves."),
        ),
    },
    # For whoever neither teaches the class nor reads everything.
    "class_of_others": {
        Role.COORDINATOR: Empty(
            _("No one from your agency is in this class yet"),
            _("Nominate people or upload a roster while enrollment is open."),
            *_UPLOAD,
        ),
        Role.TRAINER: Empty(_NOT_SHOWN, _("You see the people of the classes that you teach.")),
        ANYBODY: Empty(_NOT_SHOWN, _("You see yourself here once you are enrolled.")),
    },
    "certificates": {
        Role.PROGRAMME_OFFICE: Empty(
            _NO_CERTIFICATE, _("Certificates are issued on the page of a closed class.")
        ),
        Role.AUDITOR: Empty(_NO_CERTIFICATE, _("Certificates appear here once they are issued.")),
        Role.COORDINATOR: Empty(
            _NO_CERTIFICATE, _("Certificates of the people sent by your agency appear here.")
        ),
        Role.TRAINER: Empty(
            _NO_CERTIFICATE, _("Certificates of the classes that you teach appear here.")
        ),
        ANYBODY: Empty(
            _NO_CERTIFICATE,
            _("Your certificates appear here once you have completed a course."),
            "courses",
            _("Find a course"),
        ),
    },
    "people": {
        Role.PROGRAMME_OFFICE: Empty(
            _NO_ONE_YET, _("People are added from the rosters sent by agencies."), *_UPLOAD
        ),
        Role.AUDITOR: Empty(_NO_ONE_YET, _("People are added from the rosters sent by agencies.")),
        Role.COORDINATOR: Empty(
            _NO_ONE_YET, _("People are added from the rosters that you upload."), *_UPLOAD
        ),
        ANYBODY: Empty(_NO_ONE_YET, _("The people of the classes that you teach appear here.")),
    },
    "rosters": {
        Role.AUDITOR: Empty(_NO_ROSTER, _("Rosters uploaded by agencies appear here.")),
        ANYBODY: Empty(
            _NO_ROSTER,
            _("Upload a list in any layout; columns are detected automatically."),
            *_UPLOAD,
        ),
    },
    "classes_of_course": {
        Role.PROGRAMME_OFFICE: Empty(
            _NO_CLASS, _("Open a class, then announce it."), "new_run", _("New class")
        ),
        Role.AUDITOR: Empty(_NO_CLASS, _("Classes appear here once they are announced.")),
        Role.COORDINATOR: Empty(_NO_CLASS, _("You can ask the programme office for one.")),
        Role.TRAINER: Empty(
            _NO_CLASS, _("Open a class, then announce it."), "new_run", _("New class")
        ),
        Role.TRAINEE: Empty(
            _NO_CLASS, _("Your agency's coordinator can ask the programme office for one.")
        ),
        ANYBODY: Empty(_NO_CLASS, _("Classes appear here once they are announced.")),
    },
    "classes": {
        Role.PROGRAMME_OFFICE: Empty(
            _NO_CLASS, _("Open a class, then announce it."), "new_run", _("New class")
        ),
        Role.TRAINER: Empty(
            _NO_CLASS, _("Open a class, then announce it."), "new_run", _("New class")
        ),
        ANYBODY: Empty(_NO_CLASS, _("Classes appear here once they are announced.")),
    },
}


def empty_list(name: str, user: Any) -> Empty:
    found = EMPTY_LISTS[name]
    roles = [role for role in MENUS if role in found and role != ANYBODY]  # the first decides
    mine = (role for role in roles if user.is_authenticated and user.has_role(role))
    return found[next(mine, ANYBODY)]
