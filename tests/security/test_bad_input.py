"""Input that means harm: refused, in the log, and nothing changed."""

import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import RoleGrant, User
from accounts.services import create_second_factor
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM
from enrollment.models import Enrollment
from people.models import Trainee
from rosters.models import RosterImport
from tests.api.conftest import Visitor
from tests.architecture.test_access import answer_to
from tests.architecture.world import World, make_world
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)
from tests.security.test_other_agencies import addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def signed_in(user: User | None, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if user:
        client.force_login(user)
    return client


def everything() -> list[Any]:
    """The rows that a bad request might have touched."""
    models = (User, RoleGrant, Agency, Trainee, Enrollment, RosterImport, AuditEntry)
    rows = [model.objects.order_by("pk").values() for model in models]
    return [[{**row, "last_login": None} for row in table] for table in rows]


# Keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pk", ["0", "-1", "999999999", "9" * 40, "1 OR 1=1", "%00", "../1", "1e3"])
@pytest.mark.parametrize("route", ["/accounts/{}/", "/audit/{}/", "/rosters/{}/", "/jobs/{}/"])
def test_a_forged_key_finds_nothing(world, route, pk):
    office = signed_in(world.visitors["office"])
    before = everything()
    assert office.get(route.format(pk)).status_code == 404
    assert everything() == before


def test_a_forged_key_is_in_the_log(world, caplog):
    with caplog.at_level(logging.WARNING, logger="django.request"):
        signed_in(world.visitors["office"]).get("/audit/999999999/")
    assert "/audit/999999999/" in caplog.text


def test_an_enrollment_of_another_agency_cannot_be_decided_through_ones_own_run(world):
    """The key in the address is asked of the queryset of whoever asks."""
    stranger = make_coordinator(make_agency("bo-la"))
    place = make_enrollment(make_run(), make_trainee(), state="nominated")
    before = everything()
    address = reverse(
        "decide_enrollment",
        kwargs={"code": place.run.code, "enrollment_id": place.pk, "action": "approve"},
    )
    assert answer_to(stranger, "POST", address) == "404"
    assert everything() == before


def test_another_agency_cannot_be_written_into_a_body(world, settings):
    own, other = make_agency("own"), make_agency("other")
    visitor = Visitor(make_coordinator(own))
    body = {"full_name": "Lê Văn Mới", "birth_date": "1990-02-01", "agency": other.slug}
    before = Trainee.objects.count()
    assert visitor.post("trainees/", body).status_code == 400
    assert Trainee.objects.count() == before


# Mass assignment ------------------------------------------------------------------------


def test_a_form_takes_no_field_that_it_does_not_show(client):
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    client.post(
        reverse("new_account"),
        {
            "full_name": "Lê An", "email": "an@x.vn", "language": "vi", "role": "trainer",
            "is_superuser": "1", "is_staff": "1", "is_active": "0", "password": "known", "pk": "1",
        },
    )  # fmt: skip
    made = User.objects.get(email="an@x.vn")
    assert (made.is_superuser, made.is_staff, made.is_active) == (False, False, True)
    assert not made.has_usable_password()


@pytest.mark.parametrize("name", ["id", "code", "user", "personal_number_digest", "recorded_at"])
def test_the_api_refuses_fields_that_it_does_not_take(name):
    agency = make_agency("own")
    visitor = Visitor(make_coordinator(agency))
    body = {"full_name": "Lê Văn Mới", "birth_date": "1990-02-01", "agency": "own", name: "1"}
    answer = visitor.post("trainees/", body)
    assert answer.status_code == 400
    assert name in answer.content.decode()
    assert not Trainee.objects.exists()


def test_nobody_gives_themselves_a_role(world):
    trainer = world.visitors["trainer"]
    assert trainer
    address = reverse("grant_role", args=[trainer.pk])
    before = everything()
    posted = signed_in(trainer).post(address, {"role": "programme_office"})
    assert posted.status_code == 403
    assert everything() == before


# Size -----------------------------------------------------------------------------------


def test_a_field_that_is_too_long_is_refused_with_a_sentence(world):
    posted = signed_in(world.visitors["office"]).post(
        reverse("new_account"),
        {"full_name": "A" * 151, "email": "a@x.vn", "language": "vi", "role": "trainer"},
    )
    assert posted.status_code == 400
    assert not User.objects.filter(email="a@x.vn").exists()


def test_a_body_that_is_too_large_is_refused(world, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    client = signed_in(world.visitors["office"])
    assert client.post(reverse("new_account"), {"full_name": "A" * 2_000}).status_code == 400
    visitor = Visitor(world.visitors["office"])
    assert visitor.post("trainees/", {"full_name": "A" * 2_000}).status_code == 400
    assert not Trainee.objects.filter(full_name__startswith="AAA").exists()


def test_too_many_fields_are_refused(world, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    many = {f"field{n}": "1" for n in range(20)}
    answer = signed_in(world.visitors["office"]).post(reverse("new_account"), many)
    assert answer.status_code == 400


# Headers --------------------------------------------------------------------------------


def test_a_host_that_is_not_ours_is_refused_and_in_the_log(client, caplog, settings):
    settings.DEBUG = False
    with caplog.at_level(logging.ERROR, logger="django.security.DisallowedHost"):
        answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" in caplog.text
    assert "evil.example" not in answer.content.decode()


def test_a_mail_never_takes_its_link_from_the_host_header(client, mailoutbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://lms.example"
    user = make_user(email="a@x.vn")
    client.post(
        reverse("account_reset_password"), {"email": user.email}, headers={"host": "evil.example"}
    )
    assert mailoutbox
    assert "evil.example" not in str(mailoutbox[0].body)


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "X-Original-URL"]
)
def test_a_header_changes_neither_method_nor_address(world, header):
    """A GET stays a GET: actions are behind POST, with its token."""
    client = signed_in(world.visitors["office"])
    address = reverse("act_on_account", kwargs=world.kwargs["act_on_account"])
    before = everything()
    values = {"X-Original-URL": "/admin/"}
    answer = client.get(address, headers={header: values.get(header, "POST")})
    assert answer.status_code == 405
    assert everything() == before


def test_a_form_field_changes_no_method(world):
    client = signed_in(world.visitors["office"])
    answer = client.post(reverse("audit"), {"_method": "DELETE"})
    assert answer.status_code == 405


# Redirects ------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "\thttps://evil.example",
]


@pytest.mark.parametrize("next_", ELSEWHERE)
def test_after_sign_in_nobody_is_led_elsewhere(client, next_):
    user = make_user(email="a@x.vn")
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": "pw", "next": next_}
    )
    assert answer.status_code == 302
    assert answer["Location"] == reverse("my")


@pytest.mark.parametrize("next_", ELSEWHERE)
def test_the_choice_of_language_leads_nowhere_else(client, next_):
    answer = client.post(reverse("language"), {"language": "en", "next": next_})
    assert "evil" not in answer["Location"]
    assert not answer["Location"].startswith("javascript")


# Uploads --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/passwd.csv", "a\\..\\b.csv", "a\x00.csv"])
def test_an_upload_leaves_its_path_behind(world, name, settings):
    content = "Họ và tên,Ngày sinh\nLê An,12/03/1980\n".encode()
    client = signed_in(world.visitors["coordinator"])
    file = SimpleUploadedFile(name, content, "text/csv")
    file._name = name  # type: ignore[attr-defined]  # what a browser of one's own may send
    client.post(
        reverse("new_roster"),
        {"run": world.run.pk, "agency": world.agency.pk, "file": file, "partial": ""},
    )
    for kept in RosterImport.objects.values_list("file_name", flat=True):
        assert not set("/\\\x00") & set(kept)
    assert not list(settings.MEDIA_ROOT.parent.rglob("*evil*"))


# Browsers -------------------------------------------------------------------------------


# Whoever knows these addresses may post there, and nobody's session is asked: RFC 8058 for one,
# the provider that reports bounces for the other. A scanned code asks for a name of its own,
# and programs verify papers.
BY_THEIR_ADDRESS = {"check_in", "check_in_scan", "unsubscribe", "take_bounce", "verify_by_number"}


def test_every_form_of_ours_needs_its_token(world):
    """A page elsewhere cannot post in a signed-in visitor's name."""
    client = signed_in(world.visitors["office"], enforce_csrf_checks=True)
    before = everything()
    refused = {}
    for name, address in addresses(world):
        if name not in BY_THEIR_ADDRESS:
            refused[name] = client.post(address).status_code
    assert set(refused.values()) <= {403, 405}, {n: s for n, s in refused.items() if s < 400}
    assert everything() == before


def test_a_token_of_another_visitor_does_not_help(world):
    client = signed_in(world.visitors["office"], enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    address = reverse("act_on_account", kwargs=world.kwargs["act_on_account"])
    posted = client.post(address, {"csrfmiddlewaretoken": "b" * 32})
    assert posted.status_code == 403


def test_no_page_allows_inline_code_frames_or_other_sites(world):
    client = signed_in(world.visitors["office"])
    for name, address in addresses(world):
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        assert "script-src 'self'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "base-uri 'none'" in policy, name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name


def test_what_a_visitor_typed_comes_back_as_text(world):
    typed = '"><script>alert(1)</script>'
    client = signed_in(world.visitors["office"])
    for route in ("accounts", "audit", "agencies"):
        page = client.get(reverse(route), {"q": typed, "actor": typed, "about": typed})
        assert "<script>alert" not in page.content.decode()


def test_quotes_in_a_search_reach_the_database_as_a_value(world):
    enter = "'; DROP TABLE audit_auditentry; --"
    found = signed_in(world.visitors["office"]).get(reverse("audit"), {"about": enter})
    assert found.status_code == 200
    assert AuditEntry.objects.exists()


# Sign-in --------------------------------------------------------------------------------


def test_guessing_a_password_locks_the_account_for_a_while(client):
    user = make_user(email="a@x.vn")
    for n in range(6):
        client.post(
            reverse("account_login"),
            {"login": user.email, "password": "wrong"},
            REMOTE_ADDR=f"203.0.113.{n}",
        )
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert "_auth_user_id" not in client.session


def test_an_unknown_address_is_answered_like_a_known_one(client, mailoutbox):
    make_user(email="known@x.vn")
    pages = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in ("known@x.vn", "unknown@x.vn")
    ]
    assert pages[0].redirect_chain == pages[1].redirect_chain


def test_signing_in_gives_a_new_session(client):
    user = make_user(email="a@x.vn")
    client.get(reverse("account_login"))
    session = client.session
    session["mark"] = 1
    session.save()
    before = session.session_key
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert client.session.session_key != before


def test_signing_out_elsewhere_ends_the_other_sessions():
    user = make_user(email="a@x.vn")
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert there.get(reverse("my")).status_code == 200
    here.post(reverse("usersessions_list"))
    assert there.get(reverse("my")).status_code == 302
    assert here.get(reverse("my")).status_code == 200


def test_the_office_cannot_remove_its_last_second_factor(client):
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get(reverse("accounts")).status_code == 200


def test_a_role_that_needs_a_second_factor_asks_for_it_in_an_open_session(client):
    user = make_user(Role.TRAINER)
    client.force_login(user)
    assert client.get(reverse("my")).status_code == 200
    RoleGrant.objects.create(user=user, role=Role.PROGRAMME_OFFICE)
    assert client.get(reverse("my"))["Location"] == reverse("mfa_activate_totp")
