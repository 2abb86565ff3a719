import pytest
from django.db import transaction

from common.constraints import violation_as
from common.errors import DomainError
from people.models import Trainee
from tests.factories import make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def write_code_twice() -> None:
    one, other = make_trainee(), make_trainee()
    Trainee.objects.filter(pk=other.pk).update(code=one.code)


def test_a_refused_write_is_raised_as_the_error_of_the_domain():
    with (
        pytest.raises(DomainError, match="Taken") as refused,
        violation_as(DomainError, "code_taken", "Taken."),
        transaction.atomic(),
    ):
        write_code_twice()
    assert refused.value.code == "code_taken"
    assert Trainee.objects.count() == 0


def test_as_a_decorator_it_translates_at_every_call():
    refuse = violation_as(DomainError, "code_taken", "Taken.", names=["code"])(
        transaction.atomic(write_code_twice)
    )
    for _time in range(2):
        with pytest.raises(DomainError, match="Taken"):
            refuse()


def test_another_constraint_than_those_named_is_not_translated():
    with (
        pytest.raises(Exception, match=r"code|unique") as refused,
        violation_as(DomainError, "number_taken", "Taken.", names=["personal_number"]),
        transaction.atomic(),
    ):
        write_code_twice()
    assert not isinstance(refused.value, DomainError)
