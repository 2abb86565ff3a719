"""Written exports: opened by their owner, expired, erased."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock, formats
from jobs.services import Progress
from rosters.errors import RosterError
from rosters.exporting import export_requests
from rosters.fields import DEFAULT_KEYS
from rosters.models import RosterExport
from tests.factories import make_coordinator, make_enrollment, make_run, make_user

pytestmark = pytest.mark.django_db

WANTED = {"run": "", "q": "Nguyễn", "fields": [*DEFAULT_KEYS], "form": "csv", "reason": ""}


@pytest.fixture
def owner(client) -> User:
    """A coordinator, signed in, whose agency has somebody in a class."""
    place = make_enrollment(make_run())
    user = make_coordinator(place.sending_agency)
    client.force_login(user)
    return user


def ask(owner: User) -> RosterExport:
    return export_requests.request_export(by=owner.as_actor(), user=owner, wanted=WANTED)


@pytest.fixture
def export(owner, django_capture_on_commit_callbacks) -> RosterExport:
    """A roster that a job has written for the owner."""
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask(owner)
    return RosterExport.objects.get(pk=asked.pk)


def told_at(client, export: RosterExport) -> tuple[str, str]:
    """What somebody with the link is told, and on which page."""
    address = reverse("export_file", args=[export.pk])
    response = client.get(address, headers={"accept-language": "en"}, follow=True)
    (message,) = response.context["messages"]
    return str(message), response.redirect_chain[-1][0]


def job_page(client, export: RosterExport) -> str:
    address = reverse("job", args=[export.job_id])
    page: str = client.get(address, headers={"accept-language": "en"}).text
    return page


def past(export: RosterExport, more: dt.timedelta = dt.timedelta()):
    return clock.set_to(export.expires_at + more)


def test_a_link_says_that_its_file_has_expired_even_when_it_is_erased(client, export):
    told = "This file has expired; request it again.", reverse("export_rosters")
    with past(export):
        assert told_at(client, export) == told
        assert export_requests.erase_expired() == 1
        assert told_at(client, export) == told


def test_an_expired_export_keeps_nothing_that_may_name_somebody(export):
    with past(export):
        export_requests.erase_expired()
        assert export_requests.erase_expired() == 0
    export.refresh_from_db()
    assert (bytes(export.content), export.wanted, export.row_ids) == (b"", None, None)


def test_that_there_was_an_export_is_forgotten_in_the_end(export):
    with past(export, export_requests.RECORD_RETENTION - dt.timedelta(days=1)):
        export_requests.erase_expired()
    assert RosterExport.objects.exists()
    with past(export, export_requests.RECORD_RETENTION):
        export_requests.erase_expired()
    assert not RosterExport.objects.exists()


def test_a_link_to_what_is_not_written_yet_leads_to_its_job(client, owner):
    asked = ask(owner)
    job = reverse("job", args=[asked.job_id])
    assert told_at(client, asked) == (
        "This file is not ready yet; this is the job that creates it.",
        job,
    )


def test_a_link_to_a_file_erased_early_says_so(client, export):
    export_requests.erase_files(RosterExport.objects.all())
    told, page = told_at(client, export)
    assert (told.startswith("The settings of this export are no longer"), page) == (
        True,
        reverse("export_rosters"),
    )


def test_what_was_forgotten_is_written_no_more(owner):
    asked = ask(owner)
    export_requests.erase_files(RosterExport.objects.all())
    assert asked.job is not None
    with pytest.raises(RosterError) as refused:
        export_requests.write_export(Progress(asked.job))
    assert refused.value.code == "export_gone"


def test_the_owner_reads_on_the_jobs_page_until_when_the_file_is_there(client, export):
    page = job_page(client, export)
    assert f"The file is available until {formats.instant(export.expires_at)}." in page
    assert reverse("export_file", args=[export.pk]) in page


def test_past_its_time_the_jobs_page_offers_the_file_no_more(client, export):
    with past(export):
        page = job_page(client, export)
    assert f"The file was available until {formats.instant(export.expires_at)}" in page
    assert reverse("export_file", args=[export.pk]) not in page


@pytest.mark.parametrize("role", ["auditor", "programme_office"])
def test_who_looks_at_anothers_job_is_not_sent_to_a_file_they_cannot_open(client, export, role):
    create_second_factor(by=SYSTEM, user=(user := make_user(role)))
    client.force_login(user)
    page = job_page(client, export)
    assert "Only the person who requested it can open it." in page
    assert reverse("export_file", args=[export.pk]) not in page
