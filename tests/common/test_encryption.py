import hashlib
import hmac

import pytest

from common.encryption import keyed_digest


@pytest.mark.parametrize("key", ["first-index-key-of-many-letters", "another-key"])
def test_a_keyed_digest_is_the_plain_hmac_of_purpose_and_value(settings, key):
    settings.INDEX_KEY = key
    for value in ("001089001234", "Nguyễn", ""):
        plain = hmac.new(key.encode(), f"people\0{value}".encode(), hashlib.sha256).hexdigest()
        assert keyed_digest("people", value) == plain
