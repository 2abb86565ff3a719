"""After a merge one account reaches everything that stands on any row of its human being."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from certificates.services.issuance import issue_for_run
from common import clock
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.check_in import enrollment_of_account
from people.models import Merge
from people.services import merge, undo_merge
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def account():
    """The account of a person whose results stand on rows that were merged, one via another."""
    user = make_user(Role.TRAINEE)
    survivor, between, first = make_trainee(user=user), make_trainee(), make_trainee()
    run = make_run()
    place = make_enrollment(run, first)
    make_completion(first, run, enrollment=place)
    merge(by=OFFICE, survivor=between, absorbed=first)
    merge(by=OFFICE, survivor=survivor, absorbed=between)
    return user


def test_the_places_of_all_rows_are_one_s_own(account, client):
    client.force_login(account)
    place = Enrollment.objects.get()
    assert [*Enrollment.objects.visible_to(account)] == [place]
    assert place.run.code in client.get(reverse("my")).content.decode()


def test_the_certificates_of_all_rows_are_one_s_own(account, client, office):
    issue_for_run(by=OFFICE, run=Enrollment.objects.get().run)
    client.force_login(account)
    code = Certificate.objects.get().verification_code
    assert client.get(reverse("certificate_file", args=[code])).status_code == 200
    assert 'name="days"' in client.get(reverse("certificate", args=[code])).content.decode()


def test_the_place_of_another_row_is_one_s_own_to_give_back(account, client):
    to_come = clock.today() + dt.timedelta(days=9)
    run = make_run(starts_on=to_come, ends_on=to_come)
    place = make_enrollment(run, Enrollment.objects.get().trainee, state="nominated")
    client.force_login(account)
    client.post(reverse("withdraw_enrollment", args=[place.run.code, place.pk]))
    place.refresh_from_db()
    assert place.state == EnrollmentState.WITHDRAWN


def test_checking_in_finds_the_seat_of_another_row(account):
    place = Enrollment.objects.get()
    session = place.run.sessions.earliest("starts_at")
    assert enrollment_of_account(session, account.pk) == place


def test_an_undone_merge_gives_nothing_of_the_other_row(account):
    undo_merge(by=OFFICE, merge=Merge.objects.latest("id"))
    assert not Enrollment.objects.visible_to(account).exists()
