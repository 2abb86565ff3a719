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


def _added_by_the_office(
    title: Text, later: Text, route: str, label: Text, hint: Text = ""
) -> dict[str, Empty]:
    """``later``: when it will appear, for everybody but the office, which has the button."""
    office = Empty(title, hint or later, route, label)
    return {Role.PROGRAMME_OFFICE: office, ANYBODY: Empty(title, later)}


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
    "agencies": _added_by_the_office(
        _("No agencies yet"),
        _("Agencies appear here once the programme office has added them."),
        "new_agency",
        _("New agency"),
        _("Add the agencies that send people, or load the reference data."),
    ),
    "courses": _added_by_the_office(
        _("No courses yet"),
        _("Courses appear here once the programme office has added them."),
        "new_course",
        _("New course"),
        _("Add the first course; its classes come next."),
    ),
    "certificate_designs": _added_by_the_office(
        _("No designs yet"),
        _("Designs appear here once the programme office has added them."),
        "new_design",
        _("New design"),
        _("A certificate needs a design. The reference data contain one to begin with."),
    ),
    "issuers": _added_by_the_office(
        _("No issuing body yet"),
        _("Issuing bodies appear here once the programme office has added them."),
        "new_issuing_body",
        _("Add issuing body"),
        _("Certificates are signed by a signer of an issuing body: add the body first."),
    ),
    "certificate_bundles": {
        ANYBODY: Empty(
            _("No files yet"),
            _("Choose classes below; the files appear here for a week."),
        ),
    },
    "counting_rules": _added_by_the_office(
        _("No counting rule has been adopted yet"),
        _("No one is counted until a rule has been adopted."),
        "new_rule",
        _("Adopt a new version"),
    ),
    "targets": _added_by_the_office(
        _("No targets have been added yet"),
        _("Targets appear here once the programme office has added them."),
        "new_target",
        _("Add a target"),
        _("Add the target that agencies share, then their quotas."),
    ),
    "road_map": _added_by_the_office(
        _("No road map yet"),
        _("Once agencies have quotas with steps, this page compares plan and actual."),
        "targets",
        _("Targets and quotas"),
    ),
    "tasks": {
        Role.PROGRAMME_OFFICE: Empty(
            _("No tasks yet"),
            _("Give an agency a task with a date; its coordinator reports the progress."),
            "new_task",
            _("Add a task"),
        ),
        Role.COORDINATOR: Empty(
            _("No tasks yet"), _("Tasks that the programme office gives your agency appear here.")
        ),
        ANYBODY: Empty(
            _("No tasks yet"), _("Tasks appear here once the programme office has given them.")
        ),
    },
    "reports": _added_by_the_office(
        _("No period has been signed yet"),
        _("The programme office signs off a period once it is over."),
        "new_report",
        _("Sign off a period"),
        _("Sign off a period once it is over: its figures are then fixed."),
    ),
    "to_approve": {
        ANYBODY: Empty(
            _("No enrollment is waiting for approval"),
            _("Nominations and requests for a seat appear here while they wait for you."),
        ),
    },
    "people_accounts": {
        ANYBODY: Empty(
            _("No one is without an account"),
            _("People from new rosters appear here until they have an account."),
        ),
    },
    "schedules": {
        ANYBODY: Empty(
            _("No monthly lists yet"),
            _("Choose an export above, then press “Create every month”."),
        ),
    },
    "evaluation_forms": _added_by_the_office(
        _("No forms"),
        _("Forms appear here once the programme office has published them."),
        "new_evaluation_form",
        _("New version"),
        _("The reference data contain a form to begin with."),
    ),
    "evaluations": {
        Role.AUDITOR: Empty(
            _("No evaluations"), _("Evaluations appear here once they are planned for a class.")
        ),
        ANYBODY: Empty(
            _("No evaluations"),
            _("An evaluation is planned on the page of its class."),
            "runs",
            _("List of classes"),
        ),
    },
    "effect_examples": {
        ANYBODY: Empty(
            _("No example is waiting."),
            _("Examples appear here when people report them some months after a class."),
        ),
    },
    "indicators": {
        ANYBODY: Empty(
            _("No indicators yet"), _("They appear here once the reference data are loaded.")
        ),
    },
    "my_follow_ups": {
        ANYBODY: Empty(
            _("There is nothing to answer at the moment."),
            _("You are asked some months after you have completed a class."),
        ),
    },
    "own_tokens": {
        ANYBODY: Empty(
            _("You have no tokens."), _("A program needs one to use the API: create it below.")
        ),
    },
    # Where a roster is to be uploaded.
    "no_agency": _added_by_the_office(
        _("You do not act for any agency"),
        _("Your term may have ended; please ask the programme office."),
        "new_agency",
        _("New agency"),
        _("A roster is sent for an agency: add the first one."),
    ),
}


def empty_list(name: str, user: Any) -> Empty:
    found = EMPTY_LISTS[name]
    roles = [role for role in MENUS if role in found and role != ANYBODY]  # the first decides
    mine = (role for role in roles if user.is_authenticated and user.has_role(role))
    return found[next(mine, ANYBODY)]
