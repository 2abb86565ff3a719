"""Texts of libraries that our pages and the API show and that have no Vietnamese translation.

Listed here so that ``makemessages`` keeps them in our own catalogues, which take precedence.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

ALLAUTH = (
    _("Account Inactive"),
    _("Authenticator code"),
    _("Backup key"),
    _("Be patient, you are sending too many requests."),
    _("Code"),
    _("Current Password"),
    _("Email"),
    _("Email address"),
    _("Forgot your password?"),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Invalid login."),
    _("Invalid or expired key."),
    _("Key nr. {number}"),
    _("Master key"),
    _("Name"),
    _("New Password"),
    _("New Password (again)"),
    _("Password"),
    _("Password (again)"),
    _("Please type your current password."),
    _("Remember Me"),
    _("The email address and/or password you specified are not correct."),
    _("The email address is not assigned to any user account."),
    _("The new value must be different from the current one."),
    _("The password reset token was invalid."),
    _("This account is currently inactive."),
    _("Too many failed login attempts. Try again later."),
    _("Use a security key"),
    _("Use authenticator app or code"),
    _("Use your password"),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You must type the same password each time."),
)

# Newer than Django's own Vietnamese, or less polite there than our pages.
DJANGO = (
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _("Your password can’t be too similar to your other personal information."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    _("Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    _(
        "File extension “%(extension)s” is not allowed. "
        "Allowed extensions are: %(allowed_extensions)s."
    ),
    _("“%(pk)s” is not a valid value."),
)

# It ships Vietnamese of few of these, and is no app of ours that would bring them.
REST_FRAMEWORK = (
    _('"{input}" is not a valid choice.'),
    _("A server error occurred."),
    _("A valid integer is required."),
    _("A valid number is required."),
    _("Authentication credentials were not provided."),
    _("Could not satisfy the request Accept header."),
    _("Date has wrong format. Use one of these formats instead: {format}."),
    _("Datetime has wrong format. Use one of these formats instead: {format}."),
    _("Datetime value out of range."),
    _("Ensure that there are no more than {max_decimal_places} decimal places."),
    _("Ensure that there are no more than {max_digits} digits in total."),
    _("Ensure that there are no more than {max_whole_digits} digits before the decimal point."),
    _("Ensure this field has at least {min_length} characters."),
    _("Ensure this field has at least {min_length} elements."),
    _("Ensure this field has no more than {max_length} characters."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Ensure this value is greater than or equal to {min_value}."),
    _("Ensure this value is less than or equal to {max_value}."),
    _('Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.'),
    _('Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'),
    _("Expected a date but got a datetime."),
    _("Expected a datetime but got a date."),
    _('Expected a list of items but got type "{input_type}".'),
    _("Incorrect authentication credentials."),
    _("Invalid data. Expected a dictionary, but got {datatype}."),
    _('Invalid datetime for the timezone "{timezone}".'),
    _("Invalid input."),
    _("Malformed request."),
    _('Method "{method}" not allowed.'),
    _("Must be a valid boolean."),
    _("Not a valid string."),
    _("Not found."),
    _("Null characters are not allowed."),
    _("Request was throttled."),
    _("String value too large."),
    _("Surrogate characters are not allowed: U+{code_point:X}."),
    _("This field may not be blank."),
    _("This field may not be null."),
    _("This list may not be empty."),
    _("This value does not match the required pattern."),
    _('Unsupported media type "{media_type}" in request.'),
    _("You do not have permission to perform this action."),
)
WAIT = ngettext_lazy(
    "Expected available in {wait} second.", "Expected available in {wait} seconds.", "wait"
)

# Tokens.
KNOX = (
    _("Invalid token header. No credentials provided."),
    _("Invalid token header. Token string should not contain spaces."),
    _("Invalid token."),
    _("User inactive or deleted."),
)
