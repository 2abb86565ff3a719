"""What is looked up without regard to case is found by an index on PostgreSQL."""

import pytest
from django.db import connection

from accounts.models import User
from certificates.models import Certificate
from certificates.services.printed_numbers import read_number
from people.models import Trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture(autouse=True)
def _only_indexes():
    """So that the plan of an empty table is that of a full one."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite compares without case by LIKE, for which it reads all rows")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def test_the_number_of_a_paper_blank_is_found_by_its_index():
    number = read_number("B 0012345")
    assert number is not None
    plan = Certificate.objects.filter(number.wanted).explain()
    assert "certificate_of_blank" in plan, plan


def test_an_account_is_found_by_the_index_of_addresses():
    plan = User.objects.filter(email__iexact="An@Example.vn").explain()
    assert "account_of_address" in plan, plan


def test_whoever_an_address_belongs_to_is_found_by_the_index_of_addresses():
    User.objects.create_user("an@example.vn")
    plan = Trainee.objects.of_address("An@Example.vn").order_by().explain()
    assert "trainee_of_address" in plan, plan
    assert "Seq Scan" not in plan, plan
