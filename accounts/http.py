from django.http import HttpRequest

from accounts.models import User


class AuthenticatedHttpRequest(HttpRequest):
    """The request of a view whose access rule asks for sign-in: its user is never anonymous."""

    user: User
