from common.errors import InputError


class NoticeInputError(InputError):
    """A text that no message can have."""
