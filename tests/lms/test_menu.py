"""The menu by job: what each role is offered, where one is, and the way back."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.choices import Role
from accounts.models import RoleGrant
from accounts.services import create_second_factor
from audit.services import SYSTEM
from lms.menu import MENUS, jobs_of, location_of
from tests.factories import make_agency, make_coordinator, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db

MOST_ENTRIES = 6


def sign_in(client: Client, *roles: str, **fields: str) -> None:
    user = make_user(*roles, **fields)
    make_trainee(user=user)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)


def page(client: Client, path: str) -> str:
    return client.get(path, headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_a_role_has_about_six_entries_and_each_page_in_its_menu_opens(client, role):
    sign_in(client, role)
    jobs = jobs_of(frozenset({role}))
    assert len(jobs) <= MOST_ENTRIES
    refused = [
        location.address
        for job in jobs
        for location in job.pages
        if client.get(location.address).status_code != 200
    ]
    assert refused == []


@pytest.mark.parametrize("role", Role.values)
def test_nothing_that_is_meant_for_a_role_is_refused_to_it(role):
    assert jobs_of(frozenset({role}))[0].pages[0].route == "my"
    meant = [location.route for job in MENUS[role] for location in job.pages]
    offered = [location.route for job in jobs_of(frozenset({role})) for location in job.pages]
    assert offered == meant


def test_the_office_finds_classes_in_an_entry_of_their_own():
    with translation.override("vi"):
        labels = [str(job.label) for job in jobs_of(frozenset({Role.PROGRAMME_OFFICE}))]
    assert labels == [
        "Tổng quan", "Lớp học", "Học viên", "Chứng nhận", "Chỉ tiêu & báo cáo", "Quản lý",
    ]  # fmt: skip


def test_a_second_role_adds_what_the_first_lacks():
    both = jobs_of(frozenset({Role.TRAINER, Role.TRAINEE}))
    firsts = [job.pages[0].route for job in both]
    assert firsts == ["my", "runs", "courses", "people", "my_data"]


def test_somebody_without_a_role_is_offered_no_page_that_refuses_them(client):
    client.force_login(make_user())
    for job in jobs_of(frozenset()):
        for location in job.pages:
            assert client.get(location.address).status_code == 200


def test_a_list_has_the_pages_of_its_job_and_a_single_thing_the_way_back(client):
    sign_in(client, Role.PROGRAMME_OFFICE)
    agency = make_agency()
    listed, single = page(client, reverse("agencies")), page(client, f"/agencies/{agency.slug}/")
    assert 'class="subnav"' in listed
    assert 'class="crumbs"' not in listed
    assert 'class="subnav"' not in single
    assert '<a href="/agencies/">Administration</a>' in single


def test_the_way_back_names_each_page_once(client):
    sign_in(client, Role.PROGRAMME_OFFICE)
    crumbs = (
        page(client, reverse("new_archive_package")).split('class="crumbs"')[1].split("</nav>")[0]
    )
    assert crumbs.count(f'href="{reverse("retention")}"') == 1


def test_a_page_beneath_a_sub_page_leads_back_to_both():
    location = location_of(jobs_of(frozenset({Role.PROGRAMME_OFFICE})), "/certificates/issuers/3/")
    assert location is not None
    assert [address for address, _label in location.above] == [
        "/certificates/", "/certificates/issuers/",
    ]  # fmt: skip


def test_a_form_about_a_person_leads_back_to_the_person(client):
    agency = make_agency()
    client.force_login(make_coordinator(agency))
    person = make_trainee(agency, full_name="Lê Thị Hồng")
    answer = page(client, f"/people/{person.code}/correct/")
    assert f'<a href="/people/{person.code}/">Lê Thị Hồng</a>' in answer


def test_the_account_menu_names_the_user_and_the_role(client):
    sign_in(client, Role.PROGRAMME_OFFICE, full_name="Nguyễn <b>Mai")
    answer = page(client, "/agencies/")
    assert "<strong>Nguyễn &lt;b&gt;Mai</strong>" in answer
    assert "Programme office" in answer


def test_one_reader_never_sees_the_head_of_another(client):
    run = make_run()
    for name in ("Đặng Hải Long", "Phạm Thu Hà"):
        client.force_login(make_user(Role.TRAINEE, full_name=name))
        assert f"<strong>{name}</strong>" in page(client, f"/runs/{run.code}/")


def test_language_and_sign_out_in_the_head_are_accepted():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.TRAINEE))
    client.get("/my/")
    token = client.cookies["csrftoken"].value
    sent = {"language": "en", "next": "/my/", "csrfmiddlewaretoken": token}
    assert client.post(reverse("language"), sent)["Location"] == "/my/"
    assert client.post(reverse("account_logout"), {"csrfmiddlewaretoken": token}).status_code == 302


def test_the_way_back_on_a_page_that_is_not_there_is_no_error(client):
    assert client.get("/agencies/no-such-agency/").status_code == 302
    assert client.get("/no-such-page/").status_code == 404


def test_a_role_given_or_ended_changes_the_head_at_once(client):
    user = make_user(Role.TRAINEE)
    client.force_login(user)
    address = f'href="{reverse("rosters")}"'
    assert address not in page(client, "/")
    grant = RoleGrant.objects.create(user=user, role=Role.COORDINATOR)
    assert address in page(client, "/")
    grant.delete()
    assert address not in page(client, "/")


def test_what_all_pages_share_is_in_the_language_of_each_reader(client):
    for _time in range(2):
        for language, words in (("en", "Verify a certificate"), ("vi", "Tra cứu giấy chứng nhận")):
            shown = client.get("/", headers={"accept-language": language}).content.decode()
            assert words in shown.partition("<footer")[2]
