from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Codes are part of URLs.
CODE_PATTERN = r"^[^\s/?#%\\]+$"
CODE = RegexValidator(
    CODE_PATTERN,
    _("A code cannot contain a space, slash, question mark, percent sign or #."),
    code="bad_code",
)
