"""The signed head that must be there."""

from audit.services.seals import newest_head
from audit.signing import SignedHead


def last_head() -> SignedHead:
    head = newest_head()
    assert head
    return head
