"""Which account a single sign-on opens: recognised once, remembered by issuer and subject."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.mail import mail_user
from accounts.models import SignOnIdentity, User, is_mailbox, staff_number_digest
from accounts.openid import Assertion
from audit.services import SYSTEM, Actor, audit_details, audited, digest
from common.constraints import violation_as
from common.registries import account_lookups
from common.throttle import Limit, key_of_row

BY_EMAIL = "email"
# The office gets one mail, however often somebody tries; issuer and subject are compared exactly.
OTHER_SUBJECT_REPORTS = Limit(
    name="reports of other subjects",
    times=1,
    seconds=3600,
    by_visitor=False,
    target=(key_of_row, str, str),
    is_guess=True,
)


def account_for(assertion: Assertion) -> User:
    """The account that the provider's answer opens; no password is read or changed.

    Raises AccountError ``email_not_verified``, ``claim_missing``, ``no_account``,
    ``other_subject`` (which is audited and reported to the office) or ``inactive``.
    """
    known = SignOnIdentity.objects.select_related("user").filter(
        issuer=assertion.issuer, subject=assertion.subject
    )
    identity = next((one for one in known if one.is_good), None)
    # A number comes along each time; an address may change at the provider.
    by_subject = identity is not None and settings.OIDC_IDENTIFIES_BY == BY_EMAIL
    user: User = identity.user if identity and by_subject else _recognised(assertion)
    if not user.is_active:
        message = _("Your account here has been closed. Please ask the programme office.")
        raise AccountError("inactive", message)
    if identity is None or identity.user_id != user.pk:
        _remember(user, assertion)
    return user


def _recognised(assertion: Assertion) -> User:
    if settings.OIDC_IDENTIFIES_BY == BY_EMAIL:
        return _with_verified_email(assertion)
    value = assertion.claim(settings.OIDC_CLAIM)
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text or not text.isprintable() or isinstance(value, bool):
        message = _(
            "%(name)s did not send your number (%(claim)s), so no account was opened. "
            "Contact the operator of %(name)s."
        )
        values = {"name": settings.OIDC_NAME, "claim": settings.OIDC_CLAIM}
        raise AccountError("claim_missing", message % values)
    user: User | None = User.objects.filter(
        pk=account_lookups[settings.OIDC_IDENTIFIES_BY](text)
    ).first()
    if user is None:
        message = _(
            "%(name)s confirmed who you are, but no account here has your number. Ask "
            "your agency's coordinator or the programme office for an account."
        )
        raise AccountError("no_account", message % {"name": settings.OIDC_NAME})
    return user


def _with_verified_email(assertion: Assertion) -> User:
    email = assertion.verified_email()
    values = {"name": settings.OIDC_NAME, "email": email}
    if not is_mailbox(email):
        message = _(
            "%(name)s does not confirm that your e-mail address is verified, so no "
            "account was opened. Verify it there, then sign in again."
        )
        raise AccountError("email_not_verified", message % values)
    user: User | None = User.objects.filter(email=email).first()
    if user is None:
        message = _(
            "%(name)s confirmed who you are, but there is no account here for %(email)s. "
            "Ask your agency's coordinator or the programme office for an account."
        )
        raise AccountError("no_account", message % values)
    return user


def account_with_staff_number(number: str) -> int | None:
    found: User | None = User.objects.filter(
        staff_number_digest=staff_number_digest(number)
    ).first()
    return found.pk if found else None


def _remember(user: User, assertion: Assertion) -> None:
    try:
        remember_identity(by=user.as_actor(), user=user, assertion=assertion)
    except IntegrityError:
        # Another subject is remembered already, perhaps since a moment ago.
        same = user.sign_on_identities.filter(issuer=assertion.issuer, subject=assertion.subject)
        if same.exists():
            return
        report_other_subject(by=SYSTEM, user=user, assertion=assertion)
        message = _(
            "Your account here is linked to another identity at %(name)s, so you were "
            "not signed in. The programme office has been notified; contact it if your "
            "sign-in has changed."
        )
        raise AccountError("other_subject", message % {"name": settings.OIDC_NAME}) from None


@audited("sign_on_remembered")
def remember_identity(*, by: Actor, user: User, assertion: Assertion) -> SignOnIdentity:
    """Bind an account to the issuer and subject of its first single sign-on.

    Deletes bindings of this account, or of this subject, that a change has invalidated.
    """
    issuer, subject = assertion.issuer, assertion.subject
    former = SignOnIdentity.objects.filter(
        Q(user=user) | Q(subject=subject), issuer=issuer
    ).select_related("user")
    SignOnIdentity.objects.filter(pk__in=[one.pk for one in former if not one.is_good]).delete()
    identity = SignOnIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    audit_details(user=user.pk, issuer=assertion.issuer, subject=digest(assertion.subject))
    return identity


@audited("sign_on_refused")
def report_other_subject(*, by: Actor, user: User, assertion: Assertion) -> None:
    audit_details(user=user.pk, issuer=assertion.issuer, subject=digest(assertion.subject))
    if OTHER_SUBJECT_REPORTS.allows(None, user.pk, assertion.issuer, assertion.subject):
        subject = gettext_lazy("A single sign-on attempt was refused")
        about = {"account": user.sign_in_name, "provider": settings.OIDC_NAME}
        office = User.objects.filter(is_active=True).holding(Role.PROGRAMME_OFFICE)
        for member in office.distinct():
            mail_user(member, subject, "sign_on_refused", **about)


@audited("sign_on_forgotten")
def forget_identity(*, by: Actor, user: User) -> int:
    """Allow a new binding at the next single sign-on; returns how many were deleted.

    Raises AccountError ``no_identity``.
    """
    gone, _by_model = user.sign_on_identities.all().delete()
    if not gone:
        message = _("No single sign-on identity is saved for this account.")
        raise AccountError("no_identity", message)
    audit_details(user=user.pk)
    return int(gone)


@audited("staff_number_set")
def set_staff_number(*, by: Actor, user: User, number: str) -> None:
    """Set the staff number that a single sign-on may name; an empty text removes it.

    Raises AccountError ``staff_number_taken``.
    """
    user.staff_number_digest = staff_number_digest(number) if number.strip() else None
    taken = _("Another account already has this staff number.")
    with violation_as(AccountError, "staff_number_taken", taken), transaction.atomic():
        user.save(update_fields=["staff_number_digest"])
    audit_details(user=user.pk, given=bool(number.strip()))
