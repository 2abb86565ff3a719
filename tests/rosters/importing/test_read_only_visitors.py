"""The coordinator of an agency that has ended sees its rosters and changes nothing."""

import datetime as dt

import pytest
from django.urls import reverse

from agencies.models import Agency
from audit.models import AuditEntry
from common import clock
from rosters.choices import ImportState
from rosters.models import RosterImport
from tests.architecture.world import make_roster
from tests.factories import make_agency, make_coordinator, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(client) -> RosterImport:
    """A staged roster of an agency that ended yesterday; its coordinator is signed in."""
    agency = make_agency(valid_to=clock.today() - dt.timedelta(days=1))
    user = make_coordinator(agency)
    client.force_login(user)
    return make_roster(make_run(), agency, user)


def test_the_list_has_the_rosters_of_the_own_agency_alone(client, upload):
    other = make_agency()
    make_roster(upload.run, other, make_coordinator(other), file_name="theirs.csv")
    page = client.get(reverse("rosters")).content.decode()
    assert ("roster.csv" in page, "theirs.csv" in page) == (True, False)


def test_the_page_shows_the_findings_and_offers_no_action(client, upload):
    page = client.get(reverse("roster", args=[upload.pk])).content.decode()
    assert "Nguyễn Văn An" in page
    assert reverse("confirm_roster", args=[upload.pk]) not in page
    assert reverse("roster_row", args=[upload.pk, 2]) not in page


@pytest.mark.parametrize(
    "action", ["confirm_roster", "discard_roster", "undo_roster", "roster_columns", "roster_row"]
)
def test_no_action_is_open(client, upload, action):
    kwargs = {"pk": upload.pk} | ({"number": 2} if action == "roster_row" else {})
    assert client.post(reverse(action, kwargs=kwargs)).status_code == 403
    upload.refresh_from_db()
    assert (upload.state, upload.job) == (ImportState.STAGED, None)


def test_no_new_roster_can_be_sent_for_it(upload):
    assert not Agency.objects.to_send_for(upload.uploaded_by).exists()


def test_a_roster_is_sent_for_ones_own_agency_alone(client):
    own, _other = make_agency(), make_agency()
    client.force_login(make_coordinator(own))
    form = client.get(reverse("new_roster")).context["form"]
    assert list(form.fields["agency"].queryset) == [own]


def test_the_download_of_rejected_rows_is_recorded(client):
    agency = make_agency()
    user = make_coordinator(agency)
    upload = make_roster(make_run(), agency, user)
    client.force_login(user)
    assert client.get(reverse("rejected_rows", args=[upload.pk])).status_code == 200
    (entry,) = AuditEntry.objects.filter(action="rejected_rows_downloaded")
    assert entry.details == {"roster": upload.pk, "rows": 0, "rejected": 0}
