"""The pages that export rosters, at once or as a job, and who may open a file."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import RoleGrant
from accounts.services import create_second_factor
from agencies.models import Coordinator
from audit.services import SYSTEM
from common import clock
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.enrollments import withdraw
from people.models import Trainee
from rosters.exporting import export_requests
from rosters.fields import DEFAULT_KEYS
from rosters.models import RosterExport
from rosters.views import exports
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db

FAR = dt.date(2099, 1, 2)
LONG = 3_001
WANTED = {"run": "", "fields": [*DEFAULT_KEYS], "form": "csv", "reason": ""}


def fill(run: CourseRun, people: int = LONG) -> None:
    """Enroll this many people of one agency."""
    agency = make_agency()
    born = dt.date(1980, 1, 1)
    trainees = Trainee.objects.bulk_create(
        Trainee(agency=agency, full_name="Nguyễn Văn An", birth_date=born) for _ in range(people)
    )
    Enrollment.objects.bulk_create(
        Enrollment(run=run, trainee=trainee, sending_agency=agency, state="enrolled")
        for trainee in trainees
    )


def run_file(run: CourseRun) -> str:
    return reverse("roster_file", args=[run.code, "csv"])


def export_page(**asked: str) -> dict[str, str]:
    return {"form": "csv", "columns": "full_name"} | asked


def test_the_long_roster_of_a_class_is_written_as_a_job(client):
    fill(run := make_run())
    client.force_login(user := make_trainer(run))
    response = client.get(run_file(run))
    export = RosterExport.objects.get(owner=user)
    assert response["Location"] == reverse("job", args=[export.job_id])
    assert (export.wanted["run"], export.wanted["fields"]) == (run.code, [*DEFAULT_KEYS])


def test_asked_for_again_meanwhile_it_is_written_once(client):
    fill(run := make_run())
    client.force_login(make_trainer(run))
    pages = {client.get(run_file(run))["Location"] for _click in range(2)}
    assert (len(pages), RosterExport.objects.count()) == (1, 1)


def test_more_rows_than_a_few_thousand_are_a_job_and_fewer_come_at_once(client):
    fill(run := make_run())
    client.force_login(make_trainer(run))
    response = client.post(reverse("export_rosters"), export_page())
    assert response["Location"] == reverse("job", args=[RosterExport.objects.get().job_id])
    run.enrollments.all()[0].delete()
    response = client.post(reverse("export_rosters"), export_page())
    assert b"".join(response.streaming_content).count(b"\n") == LONG


def test_the_page_narrows_rows_by_the_state_of_their_enrollments(client):
    run = make_run()
    make_enrollment(run, make_trainee(full_name="Lê Văn Ngồi"))
    make_enrollment(run, make_trainee(full_name="Lê Văn Chờ"), state="nominated")
    client.force_login(make_trainer(run))
    response = client.post(reverse("export_rosters"), export_page(state="nominated"))
    content = b"".join(response.streaming_content).decode()
    assert ("Lê Văn Chờ" in content, "Lê Văn Ngồi" in content) == (True, False)


# Saved columns, and the way there from a class ------------------------------------------


@pytest.fixture
def sender(client):
    """A coordinator of one agency, who is signed in and has saved columns."""
    user = make_coordinator(make_agency())
    export_requests.save_view(by=user.as_actor(), user=user, name="Gọn", fields=["unit"])
    client.force_login(user)
    return user


def narrowing(run: CourseRun, user) -> dict[str, str]:
    slug = user.coordinatorships.get().agency.slug
    rows = {"run": run.code, "q": "An", "agency": slug, "status": "trained"}
    return rows | {"state": "enrolled", "since": "2026-01-01", "until": "2026-12-31"}


def chosen_rows(client, address: str) -> dict[str, str]:
    form = client.get(address).context["form"]
    return {name: str(form[name].value()) for name in exports.NARROWED_BY if form[name].value()}


def test_to_choose_saved_columns_leaves_the_rows_as_narrow_as_they_were(client, sender):
    asked = narrowing(make_run(), sender)
    tabs = client.get(reverse("export_rosters", query=asked)).context["tabs"]
    assert [tab["label"] for tab in tabs][1:] == ["Gọn"]
    assert [chosen_rows(client, tab["href"]) for tab in tabs] == [asked, asked]


def test_to_save_columns_leaves_the_rows_as_narrow_as_they_were(client, sender):
    asked = narrowing(make_run(), sender)
    saving = export_page(save_as="Khác", only_save="1", **asked)
    response = client.post(reverse("export_rosters"), saving)
    assert chosen_rows(client, response["Location"]) == asked


def test_saved_columns_renamed_or_removed_leave_the_rows_as_narrow_as_they_were(client, sender):
    asked = narrowing(make_run(), sender)
    pk = sender.roster_views.get().pk
    address = client.get(reverse("export_rosters", query=asked | {"view": pk})).context["rename"]
    assert chosen_rows(client, client.get(address).context["back"]) == asked
    assert chosen_rows(client, client.post(address, {"name": "Ngắn"})["Location"]) == asked
    removing = reverse("remove_columns", args=[pk], query=asked)
    assert escape(removing) in client.get(address).text
    assert chosen_rows(client, client.post(removing)["Location"]) == asked


def test_invalid_choices_are_in_none_of_the_pages_links(client, sender):
    asked = export_page(q="001080123456", run="AI-999")
    response = client.post(reverse("export_rosters"), asked)
    assert response.status_code == 400
    links = [tab["href"] for tab in response.context["tabs"]]
    own = {"view": sender.roster_views.get().pk}
    assert links == [reverse("export_rosters"), reverse("export_rosters", query=own)]


def test_a_class_leads_to_its_other_columns_and_papers(client):
    run = make_run()
    make_enrollment(run)
    client.force_login(make_trainer(run))
    address = reverse("export_rosters", query={"run": run.code})
    assert address in client.get(reverse("run", args=[run.code])).text
    assert chosen_rows(client, address) == {"run": run.code}


def test_a_trainee_is_led_to_no_roster_from_the_own_class(client):
    place = make_enrollment(make_run())
    client.force_login(user := make_user("trainee"))
    Trainee.objects.filter(pk=place.trainee_id).update(user=user)
    page = client.get(reverse("run", args=[place.run.code])).text
    assert (place.trainee.full_name in page, reverse("export_rosters") in page) == (True, False)


# For whom a written file stays open -----------------------------------------------------


@pytest.fixture
def written(django_capture_on_commit_callbacks):
    """Has somebody's export written."""

    def write(user, **asked) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            asked_for = export_requests.request_export(
                by=user.as_actor(), user=user, wanted=WANTED | asked
            )
        return reverse("export_file", args=[asked_for.pk])

    return write


def end(rows) -> None:
    assert rows.update(until=clock.today() - dt.timedelta(days=1)) == 1


@pytest.mark.both_engines
def test_a_file_closes_when_the_term_for_its_agency_ends(client, written):
    agency = make_agency()
    user = make_coordinator(make_agency())
    term = Coordinator.objects.create(user=user, agency=agency)
    make_enrollment(make_run(), make_trainee(agency))
    client.force_login(user)
    address = written(user)
    assert client.get(address).status_code == 200
    end(Coordinator.objects.filter(pk=term.pk))
    assert client.get(address).status_code == 403


def test_a_file_stays_open_though_somebody_has_withdrawn_since(client, written):
    agency = make_agency()
    user = make_coordinator(agency)
    place = make_enrollment(make_run(ends_on=FAR, seats_taken=1), make_trainee(agency))
    client.force_login(user)
    address = written(user)
    withdraw(by=user.as_actor(), enrollment=place, reason="Bận công tác")
    assert client.get(address).status_code == 200


def test_a_file_closes_for_a_trainer_who_teaches_the_class_no_more(client, written):
    run = make_run()
    user = make_trainer(run)
    make_enrollment(run)
    client.force_login(user)
    address = written(user)
    assert client.get(address).status_code == 200
    run.trainers.all().delete()
    assert client.get(address).status_code == 403


def test_a_file_with_whole_numbers_closes_with_the_right_to_them(client, written):
    agency = make_agency()
    user = make_user("programme_office", "coordinator")
    Coordinator.objects.create(user=user, agency=agency)
    create_second_factor(by=SYSTEM, user=user)
    make_enrollment(make_run(), make_trainee(agency, personal_number="001080123456"))
    client.force_login(user)
    whole, masked = written(user, reason="Thanh tra"), written(user)
    assert client.get(whole).status_code == client.get(masked).status_code == 200
    end(RoleGrant.objects.filter(user=user, role="programme_office"))
    assert (client.get(whole).status_code, client.get(masked).status_code) == (403, 200)
