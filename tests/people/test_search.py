"""A part of a name is found without reading everybody."""

import pytest
from django.db import connection

from people.models import Trainee
from tests.factories import make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def test_people_are_found_by_a_part_of_a_name_without_accents():
    found = make_trainee(full_name="Đặng Thị Ước")
    make_trainee(full_name="Trần Văn Bình")
    assert [one.pk for one in Trainee.objects.matching("dang thi")] == [found.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="an index of PostgreSQL")
def test_the_search_by_a_part_of_a_name_has_an_index():
    people = Trainee.objects.matching("nguyen van").values("pk").order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "trainee_search_parts" in people.explain()
