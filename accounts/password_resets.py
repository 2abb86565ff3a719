"""Links that set a new password."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from accounts.invalidation import Secret, state_of


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """Valid until the account changes or another link is mailed."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        state = state_of(user, Secret.PASSWORD_RESET)
        return f"{super()._make_hash_value(user, timestamp)}{user.password_resets}{state}"
