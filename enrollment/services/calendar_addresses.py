"""Secret addresses at which calendar programs read one's sessions, without signing in."""

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited
from common.encryption import keyed_digest
from courses.choices import CalendarScope
from courses.models import CalendarAddress, CourseRun
from enrollment.errors import EnrollmentInputError
from enrollment.services.calendars import may_read


@audited("calendar_address_created")
def create_address(
    *, by: Actor, user: User, scope: str, run: CourseRun | None = None
) -> tuple[CalendarAddress, str]:
    """The address and its secret, which is stored as a digest; the one before ends.

    Error: ``no_calendar``.
    """
    if (run is None) == (scope == CalendarScope.RUN) or not may_read(user, scope, run):
        text = _("There is no such calendar for you: choose one of those on the page.")
        raise EnrollmentInputError("no_calendar", text)
    # One after the other, so that two presses of the button leave one address.
    owner = User.objects.select_for_update().get(pk=user.pk)
    CalendarAddress.objects.filter(user=owner, scope=scope, run=run).delete()
    token = secrets.token_urlsafe(32)
    address = CalendarAddress.objects.create(
        user=owner, scope=scope, run=run, digest=_digest(token)
    )
    audit_details(scope=scope, run=run.code if run else "")
    return address, token


@audited("calendar_address_revoked")
def revoke_address(*, by: Actor, address: CalendarAddress) -> None:
    audit_details(scope=address.scope, run=address.run.code if address.run else "")
    address.delete()


def address_by(token: str) -> CalendarAddress | None:
    """None where nobody has it, or its owner may not read it any more."""
    found = CalendarAddress.objects.filter(digest=_digest(token))
    address = found.select_related("user", "run").first()
    if address is None or not address.is_good:
        return None
    return address if may_read(address.user, address.scope, address.run) else None


def url_of(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('calendar_feed', args=[token])}"


def _digest(token: str) -> str:
    return keyed_digest("calendar", token)
