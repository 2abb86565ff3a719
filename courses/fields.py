from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Codes stand in addresses.
CODE_PATTERN = r"^[^\s/?#%\\]+$"
CODE = RegexValidator(
    CODE_PATTERN,
    _("A code has no space, no slash, no question mark, no percent sign and no #."),
    code="bad_code",
)
