"""What a failed step takes with it."""

from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from agencies.models import Agency
from common.savepoints import savepoint_unless_batch, single_transaction
from tests.factories import make_agency

pytestmark = pytest.mark.both_engines


def fail_in_a_step() -> None:
    with suppress(IntegrityError), savepoint_unless_batch():
        make_agency("inner")
        make_agency("inner")


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_is_taken_back_alone():
    with transaction.atomic():
        make_agency("outer")
        fail_in_a_step()
    assert [one.slug for one in Agency.objects.all()] == ["outer"]


@pytest.mark.django_db(transaction=True)
def test_where_all_or_nothing_counts_a_failed_step_takes_everything_even_if_caught():
    with single_transaction():
        make_agency("outer")
        fail_in_a_step()
    assert not Agency.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_behind_all_or_nothing_steps_are_taken_back_alone_again():
    with single_transaction():
        make_agency("first")
    with transaction.atomic():
        make_agency("second")
        fail_in_a_step()
    assert {one.slug for one in Agency.objects.all()} == {"first", "second"}
