"""How many certificates a coordinator sees: kept, and never out of date."""

import pytest

from accounts.choices import Role
from audit.services import SYSTEM
from certificates.models import Certificate
from certificates.services.seen import seen_by
from common import clock
from people.querysets import reader_of
from people.services.corrections import transfer
from tests.architecture.world import make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def agency():
    return make_agency()


@pytest.fixture
def reader(agency):
    return reader_of(make_coordinator(agency))


def certify(agency, works_for=None, number=1):
    run, trainee = make_run(), make_trainee(works_for or agency)
    place = make_enrollment(run, trainee, sending_agency=agency)
    result = make_completion(trainee, run, enrollment=place, sending_agency=agency)
    return make_certificate(result, number=number)


def test_before_the_first_certificate_there_is_none(reader):
    assert seen_by(reader, page=1) == (0, False)


def test_a_new_certificate_is_counted(agency, reader):
    for number in (1, 2):
        certify(agency, number=number)
        assert seen_by(reader, page=1).number == number


def test_a_certificate_of_another_agency_is_not_counted(agency, reader):
    certify(agency)
    certify(make_agency(), number=2)
    assert seen_by(reader, page=1).number == 1


def test_a_transfer_to_the_agency_shows_what_it_sent(agency, reader):
    trainee = certify(agency, works_for=make_agency()).completion.trainee
    assert seen_by(reader, page=1).number == 0
    transfer(by=SYSTEM, trainee=trainee, agency=agency, on=clock.today())
    assert seen_by(reader, page=1).number == 1


def test_a_coordinator_who_also_teaches_is_counted_for_each_time(agency):
    user = make_coordinator(agency)
    certificate = certify(make_agency())
    assert seen_by(reader_of(user), page=1).number == 0
    user.role_grants.create(role=Role.TRAINER)
    certificate.completion.run.trainers.create(user=user)
    fresh = type(user).objects.get(pk=user.pk)
    assert seen_by(reader_of(fresh), page=1).number == 1


def test_both_ways_to_the_rows_find_the_same(agency, reader):
    certify(agency)
    certify(agency, works_for=make_agency(), number=2)
    certify(make_agency(), number=3)
    readers = [reader, *(reader_of(make_user(role)) for role in Role)]
    for one in readers:
        seen = Certificate.objects.visible_to(one).newest_first()
        found = Certificate.objects.visible_one_by_one(one).newest_first()
        assert list(found) == list(seen)


def test_of_many_a_page_is_looked_for_among_all(agency, reader):
    for number in (1, 2, 3):
        certify(agency, number=number)
    assert seen_by(reader, page=2).are_many
    assert not seen_by(reader, page=3).are_many
