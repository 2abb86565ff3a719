"""The classes that the register says wait for certificates: remembered, and never out of date."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import SYSTEM
from certificates.services.owed import awaiting_certificates
from enrollment.services.completion import void_completion
from tests.architecture.world import make_certificate
from tests.factories import make_completion, make_course, make_run, make_user

pytestmark = pytest.mark.django_db


def awaiting() -> dict[str, int]:
    return dict(awaiting_certificates(12))


def test_a_result_is_owed_a_certificate_until_it_has_one():
    assert awaiting() == {}
    run = make_run()
    first, second = make_completion(run=run), make_completion(run=run)
    assert awaiting() == {run.code: 2}
    make_certificate(first)
    assert awaiting() == {run.code: 1}
    make_certificate(second, number=2)
    assert awaiting() == {}


def test_a_voided_result_is_owed_none():
    first, second = make_completion(run=make_run(make_course())), make_completion(run=make_run())
    void_completion(by=SYSTEM, completion=first, reason="wrong class")
    assert awaiting() == {second.run.code: 1}


def test_the_latest_classes_come_first_and_by_their_present_codes():
    early = make_completion(
        run=make_run(starts_on=dt.date(2026, 1, 5), ends_on=dt.date(2026, 1, 6))
    ).run
    late = make_completion(
        run=make_run(starts_on=dt.date(2026, 5, 5), ends_on=dt.date(2026, 5, 6))
    ).run
    assert list(awaiting()) == [late.code, early.code]
    early.code = "NEW-CODE"
    early.save()
    assert list(awaiting()) == [late.code, "NEW-CODE"]
    assert [code for code, _owed in awaiting_certificates(1)] == [late.code]


def test_results_are_looked_at_once_for_as_long_as_nothing_changes(django_assert_num_queries):
    make_completion()
    awaiting()
    with django_assert_num_queries(3):
        awaiting()


def test_the_register_shows_them_to_the_office():
    office, run = make_user("programme_office"), make_completion().run
    create_second_factor(by=SYSTEM, user=office)
    client = Client()
    client.force_login(office)
    assert f">{run.code}</a> (1)" in client.get(reverse("certificates")).content.decode()
