"""What the API writes is byte for byte what Django REST framework would write."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer as RestFrameworkJSONRenderer

from accounts.choices import Role
from common.api.renderers import JSONRenderer
from common.clock import HANOI

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(10**9), 10**9).map(lambda number: number / 1000),  # as scores and shares are
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(HANOI)),
    st.uuids(),
    st.decimals(-1000, 1000, places=2),
    st.sampled_from([*Role, gettext_lazy("Not found.")]),
)
_BODIES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner)
)


@given(_BODIES)
def test_what_is_written_is_what_the_framework_writes(body: Any) -> None:
    assert JSONRenderer().render(body) == RestFrameworkJSONRenderer().render(body)


@pytest.mark.parametrize(
    "body",
    [
        {"line": "one\u2028two\u2029three"},
        {1: "a key that is no text"},
        {"beyond": 2**64},
        {"of": (uuid.UUID(int=1), Decimal("80.50"), dt.time(8, 30), dt.timedelta(days=1))},
        {"quoted": '"\\\x00\x1f\x7f</script>'},
    ],
)
def test_rare_values_are_written_alike(body: Any) -> None:
    assert JSONRenderer().render(body) == RestFrameworkJSONRenderer().render(body)


def test_what_the_framework_refuses_is_refused() -> None:
    with pytest.raises(TypeError):
        JSONRenderer().render({"object": object()})
