"""Keys that stand in addresses next to fixed words: /agencies/new/ is no agency's page."""

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext as _

from common.errors import DomainError


def require_own_address(refuse: type[DomainError], key: str, *routes: str) -> None:
    """Error: ``reserved_word``, where another page answers at what would be this key's address.

    ``routes`` take the key alone. A key that fits no address is refused by the check of its form.
    """
    for route in routes:
        try:
            match = resolve(reverse(route, args=[key]))
        except NoReverseMatch:
            return
        if match.url_name != route:
            text = _("“%(word)s” has another meaning in this site's addresses: choose another.")
            raise refuse("reserved_word", text % {"word": key})
