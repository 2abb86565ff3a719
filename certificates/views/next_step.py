from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Role
from accounts.models import User
from certificates.services.preflight import without_certificate
from common import formats
from courses.models import CourseRun


def to_issue(user: User, run: CourseRun) -> tuple[str, str, str] | None:
    """What is to be done about a closed class: text, label, address."""
    if not user.has_role(Role.PROGRAMME_OFFICE):
        return None
    owed = without_certificate(run).order_by().count()
    if not owed:
        return None
    text = ngettext(
        "%(count)s person who completed the class has no certificate yet",
        "%(count)s people who completed the class have no certificate yet",
        owed,
    ) % {"count": formats.number(owed)}
    return text, _("Issue certificates"), reverse("run_certificates", args=[run.code])
