from django.http import HttpRequest

from accounts.models import User


class AuthenticatedHttpRequest(HttpRequest):
    """For views whose access rule asks for sign-in: the user is never anonymous."""

    user: User
