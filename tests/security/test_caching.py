"""Nothing personal stays in a browser or proxy, and only three methods open a page."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from certificates.models import VerificationCount
from tests.api.conftest import Visitor
from tests.architecture.test_access import RIGHTS, routes
from tests.architecture.world import World, make_world

pytestmark = pytest.mark.django_db

# Views whose answers may be stored, each with the reason why in its code.
STORABLE = {
    "calendar_feed",
    "status_list",
    "superseded_list",
    "badge",
    "did_document",
    "design_preview",
}
READ = sorted({route for method, route in RIGHTS if method == "GET"})
ACT = sorted({route for method, route in RIGHTS if method == "POST"})
VISITORS = ("nobody", "trainee", "trainer", "coordinator", "office", "auditor")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def client_of(world: World, visitor: str) -> Client:
    client = Client(raise_request_exception=False)
    if user := world.visitors[visitor]:
        client.force_login(user)
    return client


def addresses(world: World, names: list[str]) -> list[tuple[str, str]]:
    """Made before any of them is asked: some take away what another one's address needs."""
    keys = world.kwargs
    return [(name, reverse(name, kwargs=keys.get(name))) for name in names]


def stored(answer) -> bool:
    return "no-store" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("visitor", VISITORS)
def test_no_answer_may_be_stored_unless_its_view_says_why(world, visitor):
    client = client_of(world, visitor)
    found = {
        name: answer.headers.get("Cache-Control")
        for name, address in addresses(world, READ)
        if stored(answer := client.get(address)) or "Last-Modified" in answer.headers
    }
    assert {name: header for name, header in found.items() if name not in STORABLE} == {}


@pytest.mark.parametrize("visitor", VISITORS)
def test_nor_may_the_answer_to_a_form(world, visitor):
    client = client_of(world, visitor)
    kept = []
    for name, address in addresses(world, ACT):
        if name != "account_logout" and stored(client.post(address)):
            kept.append(name)
    assert kept == []


def test_views_that_may_be_stored_are_these_and_say_why():
    marked = {name: getattr(route.callback, "storable", "") for name, route in routes()}
    assert {name for name, why in marked.items() if why} == STORABLE


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/people/HV-0/", "/people", "/static/nothing.css", "/admin/nowhere/",
     "/api/v1/nowhere/", "/api/v1/trainees/", "/api/schema/", "/api/docs/", "/verify/AAAA",
     "/invitation/abc/", "/sign-in/password/reset/key/1-abc/", "/accounts/address/abc/",
     "/people/?full_name__regex=x"],
)  # fmt: skip
@pytest.mark.parametrize("visitor", ["nobody", "coordinator"])
def test_errors_redirects_and_addresses_with_a_secret_are_not_stored_either(
    world, address, visitor
):
    assert not stored(client_of(world, visitor).get(address))


def test_a_page_that_breaks_is_not_stored(world, monkeypatch):
    def breaks(*_args: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("lms.views.my.render", breaks)
    answer = client_of(world, "trainee").get(reverse("my"))
    assert (answer.status_code, stored(answer)) == (500, False)


def test_a_form_without_its_token_is_not_stored(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.visitors["office"])
    answer = client.post(reverse("new_account"))
    assert (answer.status_code, stored(answer)) == (403, False)


def test_a_redirect_to_https_does_not_keep_the_address_of_a_link(settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/invitation/secret/")
    assert (answer.status_code, stored(answer)) == (301, False)


def test_the_tag_of_an_api_answer_stays_beside_it(world):
    visitor = Visitor(world.visitors["office"])
    code = world.certificate.completion.trainee.code
    answer = visitor.get(f"trainees/{code}/")
    assert answer.headers["ETag"]
    assert not stored(answer)


def test_static_files_may_be_stored(client):
    answer = client.get("/static/css/base.css")
    if answer.status_code == 200:  # collected, or served by the development server
        assert stored(answer)


# Methods --------------------------------------------------------------------------------

STRANGE = ("TRACE", "TRACK", "CONNECT", "OPTIONS", "PROPFIND", "trace", "FOO")


@pytest.mark.parametrize("method", STRANGE)
@pytest.mark.parametrize(
    "address",
    ["/", "/my/", "/sign-in/login/", "/admin/", "/admin/jobs/job/", "/verify/", "/healthz",
     "/static/css/base.css", "/nowhere/", "/api/v1/", "/api/v1/trainees/", "/api/v1/nowhere/",
     "/api/schema/", "/api/docs/", "/language/"],
)  # fmt: skip
def test_trace_and_other_strange_methods_are_refused_everywhere(world, method, address):
    answer = client_of(world, "office").generic(method, address, headers={"X-Secret": "echo-me"})
    assert answer.status_code == 405
    assert b"echo-me" not in answer.content
    assert not stored(answer)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_pages_know_no_methods_of_the_api(world, method):
    client = client_of(world, "office")
    answers = {
        name: client.generic(method, address).status_code
        for name, address in addresses(world, sorted({*READ, *ACT}))
    }
    assert set(answers.values()) == {405}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_asking_for_headers_does_nothing(world, method):
    client = client_of(world, "office")
    before = AuditEntry.objects.count()
    for _name, address in addresses(world, ACT):
        client.generic(method, address)
    assert AuditEntry.objects.count() == before


def test_a_visit_to_verify_leaves_a_count_and_nothing_else(world, client):
    before = AuditEntry.objects.count()
    address = reverse("verify_code", args=[world.certificate.verification_code])
    for _ in range(3):
        assert client.get(address).status_code == 200
    assert AuditEntry.objects.count() == before
    assert VerificationCount.objects.get().visits == 3


def test_whoever_signs_in_again_before_an_address_of_forms_reads_what_to_do(world):
    answer = client_of(world, "office").get(
        "/people/transfers/1/accept/", headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "go back to the page with the form" in answer.content.decode()
