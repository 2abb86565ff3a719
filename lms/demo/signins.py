"""One demo sign-in per role. Their password is public, so they exist only under DEBUG."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.choices import Role
from accounts.models import RoleGrant, User
from accounts.services import create_second_factor
from agencies.models import Agency, Coordinator
from audit.services import SYSTEM
from common import clock

PASSWORD = "demo"  # noqa: S105 - printed to everybody who starts the demo
OFFICE, AUDITOR = "office@demo.example", "auditor@demo.example"
TRAINER, SECOND_TRAINER = "trainer@demo.example", "trainer2@demo.example"
COORDINATOR, TRAINEE = "coordinator@demo.example", "trainee@demo.example"
COORDINATED = "min-bkhcn"


@dataclass(frozen=True, slots=True)
class SignIn:
    email: str
    role: Role
    full_name: str
    second_factor: bool = False


SIGN_INS = (
    SignIn(OFFICE, Role.PROGRAMME_OFFICE, "Nguyễn Thị Thanh Mai", second_factor=True),
    SignIn(TRAINER, Role.TRAINER, "Phạm Đức Long"),
    SignIn(SECOND_TRAINER, Role.TRAINER, "Đặng Thu Hiền"),
    SignIn(COORDINATOR, Role.COORDINATOR, "Vũ Hoàng Yến"),
    SignIn(TRAINEE, Role.TRAINEE, ""),
    SignIn(AUDITOR, Role.AUDITOR, "Lê Quang Đạt", second_factor=True),
)


def make_sign_ins() -> dict[str, User]:
    """The demo users by e-mail address; outside of DEBUG none of them can sign in."""
    # One hash for all: making it slow is the point of a password hash.
    password = make_password(PASSWORD if settings.DEBUG else None)
    users = [User(email=one.email, full_name=one.full_name, password=password) for one in SIGN_INS]
    User.objects.bulk_create(users)
    by_email = {user.email: user for user in users}
    RoleGrant.objects.bulk_create(
        RoleGrant(user=by_email[one.email], role=one.role, until=_last_day(one.role))
        for one in SIGN_INS
    )
    Coordinator.objects.create(
        user=by_email[COORDINATOR], agency=Agency.objects.get(slug=COORDINATED)
    )
    for one in SIGN_INS:
        if one.second_factor and settings.DEBUG:
            create_second_factor(by=SYSTEM, user=by_email[one.email])
    return by_email


def _last_day(role: Role) -> dt.date | None:
    return clock.today() + dt.timedelta(days=365) if role == Role.AUDITOR else None


def sign_ins() -> list[SignIn]:
    known = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    return [one for one in SIGN_INS if one.email in known]
