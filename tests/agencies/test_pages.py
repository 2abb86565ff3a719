import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.services import create_second_factor
from agencies.models import Agency, Succession
from agencies.services import correct_agency, record_succession
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from enrollment.models import CompletionSplitAssignment
from enrollment.services.split_assignments import unresolved
from people.services.split_assignments import people_unresolved
from tests.courses.test_catalogue import sent_back
from tests.factories import make_agency, make_completion, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db
ON = dt.date(2025, 3, 1)
NEW = {"slug": "bo-moi", "name_vi": "Bộ Mới", "kind": "ministry"}


@pytest.fixture
def office(client):
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_merger_is_recorded_on_its_form_and_offered_agencies_are_those_of_the_day(office):
    one, two, new = make_agency("one"), make_agency("two"), make_agency("successor", valid_from=ON)
    make_agency("gone", valid_to=dt.date(2020, 1, 1))
    opened = office.get("/agencies/successions/new/?on=2025-03-01").content.decode()
    assert 'value="gone"' not in opened
    form = {"kind": "merger", "on": "2025-03-01", "predecessors": [one.slug, two.slug]}
    answer = office.post("/agencies/successions/new/", form | {"successors": [new.slug]})
    assert answer["Location"] == "/agencies/successor/"
    assert set(Agency.objects.valid_on(ON)) == {new}


def test_the_day_is_asked_first_and_repeated_beside_the_agencies(office):
    make_agency("ended", valid_to=dt.date(2025, 2, 28))
    path = "/agencies/successions/new/"
    assert 'value="ended"' not in office.get(path).content.decode()
    page = office.get(f"{path}?on=2025-03-01").content.decode()
    assert 'value="ended"' in page
    assert '<input type="hidden" name="on" value="2025-03-01"' in page


def test_agencies_are_found_by_name_and_those_ticked_stay_ticked(office):
    for n in range(40):
        make_agency(f"a{n}", name_vi=f"An {n:02d}")
    far = make_agency("far", name_vi="Ủy ban Xa")
    path, form = "/agencies/successions/new/", {"on": "2025-03-01", "kind": "split"}
    first = office.post(path, form | {"find": "1"}).content.decode()
    assert first.count('name="predecessors"') == 15
    asked = {"find": "1", "find_predecessors": "uy ban", "predecessors": ["a7"]}
    page = office.post(path, form | asked).content.decode()
    ticked = [tag for tag in page.split("<input ") if " checked" in tag.split(">")[0]]
    assert len(ticked) == 1
    assert 'value="a7"' in ticked[0]
    assert f'value="{far.slug}"' in page
    assert page.count('name="predecessors"') == 2
    assert '<option value="split" selected' in page
    assert not Succession.objects.exists()


@pytest.mark.parametrize(
    ("kind", "on", "before", "after", "sentence"),
    [
        ("merger", "2025-03-01", ["a"], ["b", "c"], "exactly one successor"),
        ("split", "2025-03-01", ["a"], ["b"], "at least two successors"),
        ("renaming", "2025-03-01", ["a"], ["a"], "cannot succeed itself"),
        ("renaming", "2025-03-01", ["old"], ["a"], "not one of the available choices"),
        ("renaming", "2025-02-30", ["a"], ["b"], "valid date"),
        ("marriage", "2025-03-01", ["a"], ["b"], "not one of the available choices"),
    ],
)
def test_an_impossible_succession_is_refused_with_a_sentence(
    office, kind, on, before, after, sentence
):
    for slug in "abc":
        make_agency(slug)
    make_agency("old", valid_to=dt.date(2020, 1, 1))
    form = {"kind": kind, "on": on, "predecessors": before, "successors": after}
    answer = office.post("/agencies/successions/new/", form)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Succession.objects.exists()


def test_a_file_of_successions_goes_in_on_the_page(office):
    make_agency("a"), make_agency("b")
    lines = "kind,on,predecessors,successors,legal basis\nrenaming,2025-03-01,a,b,\n"
    file = SimpleUploadedFile("s.csv", lines.encode())
    assert office.post("/agencies/successions/file/", {"file": file}).status_code == 302
    assert Succession.objects.get().links.get().predecessor.slug == "a"


def test_an_agency_is_entered_and_corrected(office):
    assert office.post("/agencies/new/", NEW)["Location"] == "/agencies/bo-moi/"
    assert office.post("/agencies/new/", NEW).status_code == 400
    path = "/agencies/bo-moi/correct/"
    opened = office.get(path).content
    form = sent_back(opened, name_vi="Bộ Mới và Đẹp", slug="another")
    assert office.post(path, form).status_code == 302
    agency = Agency.objects.get(slug="bo-moi")
    assert (agency.name_vi, agency.search_key) == ("Bộ Mới và Đẹp", "bo moi va dep")
    late = office.post(path, sent_back(opened, name_vi="Bộ Cũ"))
    assert late.status_code == 400
    assert "Someone else changed this in the meantime" in late.content.decode()


def test_a_name_of_nothing_that_can_be_read_is_no_name(office):
    assert office.post("/agencies/new/", NEW | {"name_vi": "\x07"}).status_code == 400
    assert office.post("/agencies/new/", NEW | {"name_vi": "Bộ\vMới\x07"}).status_code == 302
    assert Agency.objects.get(slug="bo-moi").name_vi == "Bộ Mới"


def test_no_agency_is_its_own_parent(office):
    above = make_agency("above")
    below = make_agency("below", parent=above)
    form = sent_back(office.get("/agencies/above/correct/").content, parent=str(below.pk))
    answer = office.post("/agencies/above/correct/", form)
    assert "cannot be its own parent" in answer.content.decode()
    correct_agency(by=OFFICE, agency=above, parent=None)


def test_after_a_split_results_are_assigned_by_name_on_the_page(office):
    old, one, two = make_agency("old"), make_agency("one"), make_agency("two")
    run = make_run(starts_on=dt.date(2025, 1, 6), ends_on=dt.date(2025, 1, 7))
    mine, other = (make_completion(make_trainee(old), run) for _ in range(2))
    split = record_succession(
        by=OFFICE, kind="split", on=ON, predecessors=[old], successors=[one, two]
    )
    path = f"/agencies/successions/{split.pk}/assignments/"
    assert path in office.get("/agencies/old/").content.decode()
    assert office.post(path, {"agency": "one"}).status_code == 400
    assert office.post(path, {"agency": "old", "completions": [mine.pk]}).status_code == 400
    assert office.post(path, {"agency": "one", "completions": [mine.pk]}).status_code == 302
    assert CompletionSplitAssignment.objects.get().agency == one
    assert list(unresolved(split)) == [other]
    who = {"agency": "two", "people": [other.trainee.code]}
    assert office.post(path, who).status_code == 302
    assert list(people_unresolved(split)) == [mine.trainee]
    moved = other.trainee.transfers.get()
    assert (moved.to_agency, moved.moved_on) == (two, ON)
    assert office.post(path, who).status_code == 400  # nobody is assigned twice


def test_after_a_split_a_result_is_assigned_through_the_api(office):
    old, one, two = make_agency("old"), make_agency("one"), make_agency("two")
    run = make_run(starts_on=dt.date(2025, 1, 6), ends_on=dt.date(2025, 1, 7))
    result = make_completion(make_trainee(old), run)
    record_succession(by=OFFICE, kind="split", on=ON, predecessors=[old], successors=[one, two])
    session = office.session
    session["has_second_factor"] = True
    session.save()
    path = f"/api/v1/completions/{run.code}/{result.trainee.code}/assignment/"
    sent = {"data": {"agency": "two"}, "content_type": "application/json"}
    assert office.post(path, **sent).status_code == 200
    assert CompletionSplitAssignment.objects.get().agency == two
    assert office.post(path, **sent).json()["code"] == "no_split"
