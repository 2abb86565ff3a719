"""A filter of a list is saved under a name, by who uses it and for nobody else."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import SavedFilter
from accounts.services import create_second_factor, privacy
from accounts.services.saved_filters import MOST_FILTERS
from audit.models import AuditEntry
from audit.services import SYSTEM
from common.personal_data import Subject
from lms.saved_filters import LISTS
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_saved_filter,
    make_user,
)

pytestmark = pytest.mark.django_db
OPEN = {"state": "open", "sort": "venue"}


@pytest.fixture
def office():
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.fixture
def browser(office):
    return signed_in(office)


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def save(browser: Client, page: str = "runs", name: str = "Open ones", **asked: str):
    data = {"page": page, "name": name, "asked": urlencode(asked or OPEN), "here": ""}
    return browser.post(reverse("new_filter"), data, follow=True)


def text_of(browser: Client, route: str, **asked: str) -> str:
    return browser.get(reverse(route), asked).content.decode()


def test_a_list_offers_to_save_what_it_is_narrowed_and_sorted_by(browser):
    assert "Save this filter" not in text_of(browser, "runs")
    page = text_of(browser, "runs", **OPEN, page="1")
    assert "Save this filter" in page
    assert 'name="asked" value="state=open&amp;sort=venue"' in page


def test_a_saved_filter_opens_by_one_link_and_is_marked_where_one_is(browser):
    answer = save(browser)
    assert answer.redirect_chain[-1][0] == "/runs/?state=open&sort=venue"
    page = answer.content.decode()
    assert "Filter “Open ones” saved." in page
    assert 'href="?state=open&amp;sort=venue" aria-current="true">Open ones</a>' in page
    assert "Save this filter" not in page, "it is saved already"
    assert 'href="?state=open&amp;sort=venue">Open ones</a>' in text_of(browser, "runs")
    assert "Open ones" not in text_of(browser, "people"), "another list"


def test_saving_under_the_same_name_replaces_the_filter_and_says_so(browser, office):
    save(browser)
    answer = save(browser, name="  Open   ones ", q="Hà Nội")
    assert "Filter “Open ones” replaced." in answer.content.decode()
    assert office.saved_filters.get().asked == {"q": ["Hà Nội"]}


def test_nobody_else_sees_renames_or_removes_a_filter(browser, office):
    save(browser)
    pk, other = office.saved_filters.get().pk, make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=other)
    stranger = signed_in(other)
    assert "Open ones" not in text_of(stranger, "runs", **OPEN)
    assert "Open ones" not in text_of(stranger, "saved_filters")
    for route in ("saved_filter", "remove_saved_filter"):
        assert stranger.post(reverse(route, args=[pk]), {"name": "Mine"}).status_code == 404
    assert office.saved_filters.get().name == "Open ones"


def test_a_filter_is_renamed_and_removed_without_a_script(browser, office):
    save(browser)
    save(browser, name="Others", q="Huế")
    saved = office.saved_filters.get(name="Open ones")
    address = reverse("saved_filter", args=[saved.pk])
    taken = browser.post(address, {"name": "Others"})
    assert taken.status_code == 400
    assert "already saved a filter of this list" in taken.content.decode()
    assert (
        "Filter renamed." in browser.post(address, {"name": "Soon"}, follow=True).content.decode()
    )
    browser.post(reverse("remove_saved_filter", args=[saved.pk]))
    assert [one.name for one in office.saved_filters.all()] == ["Others"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Open ones", {"q": "001185000234"}),
        ("0011 8500 0234", OPEN),
        ("One", {"new": "001.185.000.234"}),
    ],
)
def test_what_may_be_a_personal_number_is_not_saved(browser, name, asked):
    answer = save(browser, name=name, **asked)
    assert answer.status_code == 400
    assert "personal number cannot be saved" in answer.content.decode()
    assert not SavedFilter.objects.exists()
    saved = make_saved_filter(make_user(), "runs", "Mine", q="Huế")
    owner = signed_in(saved.user)
    renamed = owner.post(reverse("saved_filter", args=[saved.pk]), {"name": "001185000234"})
    assert renamed.status_code == 400


def test_filters_of_a_list_and_their_length_are_limited(browser, office):
    for number in range(MOST_FILTERS):
        save(browser, name=f"Filter {number}")
    assert "at most 20 filters" in save(browser, name="One more").content.decode()
    assert office.saved_filters.count() == MOST_FILTERS
    assert "replaced" in save(browser, name="Filter 3").content.decode()
    assert "too long" in save(browser, page="people", q="ă" * 300).content.decode()
    assert save(browser, page="people", name="n" * 61).status_code == 400
    assert save(browser, page="no_list_of_ours").status_code == 400


def test_a_filter_of_a_list_that_has_changed_says_what_is_no_longer_asked(browser, office):
    make_saved_filter(office, "runs", "Old", state="open", colour="red", sort="colour")
    page = text_of(browser, "runs", state="open", colour="red", sort="colour")
    assert "“Old” also asks for colour, sort, which this list no longer has" in page
    assert 'name="asked" value="state=open&amp;sort=colour"' in page, "it can be saved anew"


def test_rights_are_asked_by_the_list_when_the_filter_opens(browser, office):
    save(browser, page="accounts", name="Trainers", role="trainer")
    office.role_grants.all().delete()
    office.role_grants.create(role=Role.TRAINEE)
    page = text_of(browser, "saved_filters")
    assert "you can no longer open this list" in page
    assert "/accounts/?role=trainer" not in page
    assert browser.get("/accounts/?role=trainer").status_code == 403


def test_a_filter_of_the_people_of_one_class_serves_every_class(browser, office):
    runs = [make_run(), make_run()]
    for run in runs:
        make_enrollment(run)
    here = reverse("run", args=[runs[0].code])
    data = {"page": "run", "name": "Waiting", "asked": "state=waitlisted", "here": here}
    answer = browser.post(reverse("new_filter"), data)
    assert answer.headers["Location"] == f"{here}?state=waitlisted"
    other = browser.get(reverse("run", args=[runs[1].code])).content.decode()
    assert 'href="?state=waitlisted">Waiting</a>' in other
    assert "shown on the page of every class" in text_of(browser, "saved_filters")


@pytest.mark.parametrize("here", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_saving_leads_to_no_other_site(browser, here):
    data = {"page": "runs", "name": "Open", "asked": "state=open", "here": here}
    answer = browser.post(reverse("new_filter"), data)
    assert answer.headers["Location"] == "/runs/?state=open"


@pytest.mark.parametrize("page", sorted(LISTS))
def test_each_list_shows_its_saved_filters(browser, office, page):
    make_saved_filter(office, page, "Kept by me", q="Huế")
    run = make_run()
    make_enrollment(run)
    address = reverse(page, args=[run.code] if page == "run" else [])
    assert "Kept by me</a>" in browser.get(address).content.decode()


def test_a_visitor_without_account_sees_none():
    assert "Save this filter" not in text_of(Client(), "courses", q="AI")


def test_the_log_says_that_a_filter_was_saved_and_not_which(browser, office):
    save(browser, page="people", name="Nguyễn Văn An", q="Nguyễn Văn An")
    entry = AuditEntry.objects.of_action("filter_saved").get()
    assert "An" not in str(entry.details)


def test_erasing_a_person_removes_filters_that_search_for_them(browser, office):
    save(browser, page="people", name="nguyen van an")
    save(browser, page="people", name="One", q="HV-7K3M9QXB")
    save(browser, page="people", name="Others", q="Trần")
    subject = Subject("HV-7K3M9QXB", (), names=("Nguyễn Văn An",))
    privacy.erase(subject)
    assert [one.name for one in office.saved_filters.all()] == ["Others"]


def test_closing_the_account_of_a_person_erased_removes_their_filters():
    user = make_user(Role.TRAINEE)
    make_saved_filter(user, "runs", "Mine", q="Huế")
    privacy.erase(Subject("HV-7K3M9QXB", (), user_ids=(user.pk,)))
    assert not SavedFilter.objects.exists()


def test_coordinators_keep_filters_of_their_own_people():
    browser = signed_in(make_coordinator(make_agency()))
    answer = save(browser, page="people", name="Not yet", status="not_yet")
    assert answer.redirect_chain[-1][0] == "/people/?status=not_yet"


def test_a_personal_number_is_not_saved_as_the_name_of_a_field_either(browser, office):
    save(browser, **{"012 345 678": "x"})
    assert not office.saved_filters.exists()


@pytest.mark.parametrize("here", ["evil.example", "//evil.example", "/\\evil.example", "people"])
def test_who_saves_a_filter_stays_on_the_list(browser, here):
    data = {"page": "runs", "name": "Open ones", "asked": urlencode(OPEN), "here": here}
    answer = browser.post(reverse("new_filter"), data)
    assert answer["Location"] == "/runs/?state=open&sort=venue"
