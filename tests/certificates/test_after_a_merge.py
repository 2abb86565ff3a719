"""After a merge one account reaches everything recorded on any row of its person."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from common import clock
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.check_in import enrollment_of_account
from people.models import Merge
from people.services.merges import merge, undo_merge
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def account():
    """The account of a person whose results stand on rows that were merged, one via another."""
    user = make_user(Role.TRAINEE)
    survivor, between, first = make_trainee(user=user), make_trainee(), make_trainee()
    run = make_run()
    enrollment = make_enrollment(run, first)
    make_completion(first, run, enrollment=enrollment)
    merge(by=OFFICE, survivor=between, absorbed=first)
    merge(by=OFFICE, survivor=survivor, absorbed=between)
    return user


def test_a_person_sees_the_enrollments_of_all_merged_rows(account, client):
    client.force_login(account)
    enrollment = Enrollment.objects.get()
    assert [*Enrollment.objects.visible_to(account)] == [enrollment]
    assert enrollment.run.code in client.get(reverse("my")).content.decode()


def test_a_person_sees_the_certificates_of_all_merged_rows(account, client, office):
    issue_for_run(by=OFFICE, run=Enrollment.objects.get().run)
    client.force_login(account)
    code = Certificate.objects.get().verification_code
    assert client.get(reverse("certificate_file", args=[code])).status_code == 200
    assert 'name="days"' in client.get(reverse("certificate", args=[code])).content.decode()


def test_a_person_may_cancel_the_enrollment_of_a_merged_row(account, client):
    to_come = clock.today() + dt.timedelta(days=9)
    run = make_run(starts_on=to_come, ends_on=to_come)
    enrollment = make_enrollment(run, Enrollment.objects.get().trainee, state="nominated")
    client.force_login(account)
    client.post(reverse("withdraw_enrollment", args=[enrollment.run.code, enrollment.pk]))
    enrollment.refresh_from_db()
    assert enrollment.state == EnrollmentState.WITHDRAWN


def test_checking_in_finds_the_seat_of_a_merged_row(account):
    enrollment = Enrollment.objects.get()
    session = enrollment.run.sessions.earliest("starts_at")
    assert enrollment_of_account(session, account.pk) == enrollment


def test_after_an_undone_merge_nothing_of_the_other_row_is_visible(account):
    undo_merge(by=OFFICE, merge=Merge.objects.latest("id"))
    assert not Enrollment.objects.visible_to(account).exists()
