"""Verification for programs: what the page shows, the credential, what it certifies, its states."""

import datetime as dt
import json
import re
from html import unescape

import jsonschema
import pytest
from django.urls import reverse

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.credential import has_valid_proof
from certificates.models import Achievement, Certificate, VerificationCount
from certificates.services import keys
from certificates.services.corrections import reissue, revoke
from certificates.services.issuance import register_certificates
from common import clock
from people.models import Trainee
from tests.certificates.steps import is_marked, issue_for_run
from tests.certificates.test_credential_standards import DATA
from tests.competencies.factories import teach
from tests.factories import make_completion, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db
JSON, VC = {"accept": "application/json"}, {"accept": "application/vc"}


@pytest.fixture
def issued(run) -> list[Certificate]:
    return issue_for_run(by=OFFICE, run=run).issued


@pytest.fixture
def certificate(issued) -> Certificate:
    (first, *_others) = issued
    assert isinstance(first, Certificate)
    return first


def address(certificate: Certificate) -> str:
    return reverse("verify_code", args=[certificate.verification_code])


def visible_words(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_a_program_gets_what_the_page_shows_and_no_more(certificate, client):
    answer = client.get(address(certificate), headers=JSON)
    assert answer["Content-Type"] == "application/json"
    assert "Accept" in answer["Vary"]
    data = answer.json()
    shown = visible_words(client.get(address(certificate)).content.decode())
    for value in (data["verdict"], data["explanation"], data["verification_code"]):
        assert value in shown
    for text in data["certificate"].values():
        assert text in shown
    assert data["certificate"]["full_name"] == certificate.printed["full_name"]
    assert data["state"] == "valid"
    assert has_valid_proof(data["credential"], keys.trusted_credential_keys())


def test_the_birth_date_is_in_no_answer_for_programs(office, client):
    run = make_run()
    make_completion(make_trainee(full_name="Lê An", birth_date=dt.date(1985, 3, 5)), run)
    (certificate,) = issue_for_run(by=OFFICE, run=run).issued
    for asked in (JSON, VC):
        text = client.get(address(certificate), headers=asked).content.decode()
        assert "1985" not in text
        assert "05/03" not in text


def test_a_browser_and_whoever_takes_anything_get_the_page(certificate, client):
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "image/png", ""):
        answer = client.get(address(certificate), headers={"accept": accept})
        assert answer["Content-Type"].startswith("text/html"), accept


@pytest.mark.parametrize("accept", ["application/vc", "application/ld+json"])
def test_the_credential_is_had_by_its_media_type(certificate, client, accept):
    answer = client.get(address(certificate), headers={"accept": accept})
    assert answer["Content-Type"] == "application/vc"
    assert json.loads(answer.content) == certificate.credential


def test_the_credential_has_an_address_for_wallets(certificate, client):
    answer = client.get(f"{address(certificate)}/credential.json")
    assert json.loads(answer.content) == certificate.credential
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_revoked_certificate_gives_its_state_and_no_credential(certificate, client):
    revoke(by=OFFICE, certificate=certificate, reason="Sai tên")
    for asked in (JSON, VC):
        data = client.get(address(certificate), headers=asked).json()
        assert data["state"] == "revoked"
        assert "Sai tên" in data["explanation"]
        assert data["credential"] is None
    assert client.get(f"{address(certificate)}/credential.json").status_code == 404


def test_a_superseded_certificate_names_the_one_in_its_place(certificate, client):
    successor = reissue(by=OFFICE, certificate=certificate, reason="Sai tên lớp")
    data = client.get(address(certificate), headers=JSON).json()
    assert data["state"] == "superseded"
    assert data["replaced_by"]["register_number"] == successor.register_label
    assert "Sai tên lớp" not in json.dumps(data, ensure_ascii=False)
    later = client.get(address(successor), headers=JSON).json()
    assert later["replaces"]["register_number"] == certificate.register_label


def test_an_unknown_code_is_answered_and_limited_for_programs_too(office, client):
    where = "/verify/AAAA-AAAA-AAAA-AAAA"
    first = client.get(where, headers=JSON)
    assert (first.status_code, first.json()["state"]) == (404, "unknown")
    assert "certificate" not in first.json()
    answers = [client.get(f"{where}/credential.json").status_code for _ in range(25)]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert client.get(where, headers=JSON).status_code == 429


def test_look_ups_by_programs_are_counted(certificate, client):
    client.get(address(certificate), headers=JSON)
    client.get(f"{address(certificate)}/credential.json")
    assert VerificationCount.objects.get(how="code").visits == 2


def test_an_erased_holder_is_named_to_no_program(certificate, client):
    Certificate.objects.filter(pk=certificate.pk).update(
        printed=certificate.printed | {"full_name": ""},
        credential=None,
        erased_at="2026-01-01T00:00Z",
    )
    data = client.get(address(certificate), headers=JSON).json()
    assert data["holder_erased"] is True
    assert "full_name" not in data["certificate"]
    assert data["credential"] is None


# States ---------------------------------------------------------------------------------


def status(client, certificate, purpose=""):
    suffix = f"/{purpose}" if purpose else ""
    listed = json.loads(client.get(f"/verify/status/AI-{certificate.year}{suffix}").content)
    assert has_valid_proof(listed, keys.trusted_credential_keys())
    assert len(listed["proof"]) == 2
    return listed


def test_superseded_is_told_apart_from_revoked_by_two_purposes(issued, client):
    one, two, three = issued
    revoke(by=OFFICE, certificate=one, reason="Sai")
    reissue(by=OFFICE, certificate=two, reason="Sai")
    revoked, refresh = status(client, one), status(client, one, "refresh")
    assert revoked["credentialSubject"]["statusPurpose"] == "revocation"
    assert refresh["credentialSubject"]["statusPurpose"] == "refresh"
    numbers = [one.register_number, two.register_number, three.register_number]
    assert [is_marked(revoked, number) for number in numbers] == [True, True, False]
    assert [is_marked(refresh, number) for number in numbers] == [False, True, False]


def test_a_credential_names_both_lists(certificate, client):
    entry = certificate.credential["credentialStatus"]
    assert entry["statusListCredential"] == status(client, certificate)["id"]
    assert entry["statusReference"] == status(client, certificate, "refresh")["id"]


def test_a_list_for_another_purpose_does_not_exist(certificate, client):
    assert client.get(f"/verify/status/AI-{certificate.year}/suspension").status_code == 404


# What is certified ----------------------------------------------------------------------


def test_certificates_of_a_course_name_one_achievement_until_the_course_changes(office):
    run = make_run()
    make_completion(make_trainee(full_name="Lê An"), run)
    make_completion(make_trainee(full_name="Lê Ba"), run)
    first = register_certificates(by=OFFICE, run=run).issued
    later = make_run(run.course)
    make_completion(make_trainee(full_name="Lê Tư"), later)
    first += register_certificates(by=OFFICE, run=later).issued
    run.course.title_vi = "Tên mới"
    run.course.save()
    make_completion(make_trainee(full_name="Lê Năm"), later)
    second = register_certificates(by=OFFICE, run=later).issued
    proved = [one.credential or {} for one in first + second]
    ids = [one["credentialSubject"]["achievement"]["id"] for one in proved]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert list(Achievement.objects.values_list("version", flat=True)) == [1, 2]


def test_competencies_of_a_course_stand_in_certificates_issued_afterwards_alone(office):
    run = make_run()
    make_completion(make_trainee(full_name="Lê An"), run)
    (before,) = register_certificates(by=OFFICE, run=run).issued
    stated = json.dumps(before.credential, sort_keys=True)
    teach(run.course, "A2", 3)
    teach(run.course, "A1", last_day=clock.today() - dt.timedelta(days=1))
    make_completion(make_trainee(full_name="Lê Ba"), run)
    (after,) = register_certificates(by=OFFICE, run=run).issued
    before.refresh_from_db()
    assert json.dumps(before.credential, sort_keys=True) == stated
    assert "alignment" not in (before.credential or {})["credentialSubject"]["achievement"]
    (alignment,) = (after.credential or {})["credentialSubject"]["achievement"]["alignment"]
    assert (alignment["targetCode"], alignment["targetUrl"]) == ("A2", "https://khung.example/A2")
    assert alignment["targetDescription"] == "Mức 3: Nâng cao"
    schema = json.loads((DATA / "open-badges-3.0.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(after.credential)
    make_completion(make_trainee(full_name="Lê Tư"), run)
    register_certificates(by=OFFICE, run=run)
    assert list(Achievement.objects.values_list("version", flat=True)) == [1, 2]


def test_what_is_certified_can_be_read_at_its_address(certificate, client):
    stated = certificate.credential["credentialSubject"]["achievement"]
    path = stated["id"].removeprefix(stated["id"][: stated["id"].index("/verify/")])
    assert client.get(path, headers=JSON).json() == stated
    assert stated["name"] in client.get(path).content.decode()
    picture = client.get(path.replace("/vi", "/badge.png"))
    assert picture["Content-Type"] == "image/png"
    assert client.get(path.replace("/vi", "/badge.svg")).content.startswith(b"<svg")
    for missing in ("/fr", "/badge.gif"):
        assert client.get(path.replace("/vi", missing)).status_code == 404


def test_an_issued_credential_is_valid_by_the_official_schema(certificate):
    schema = json.loads((DATA / "open-badges-3.0.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(certificate.credential)


# In the holder's hands ------------------------------------------------------------------


@pytest.fixture
def holder(certificate):
    user = make_user(Role.TRAINEE)
    Trainee.objects.filter(pk=certificate.completion.trainee_id).update(user=user)
    return user


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("json", "application/vc"), ("png", "image/png"), ("svg", "image/svg+xml")],
)
def test_the_holder_downloads_the_credential(holder, certificate, client, kind, content_type):
    client.force_login(holder)
    page = client.get(reverse("certificate", args=[certificate.verification_code]))
    where = reverse("certificate_credential", args=[certificate.verification_code, kind])
    assert where in page.content.decode()
    answer = client.get(where)
    assert answer["Content-Type"] == content_type
    assert "attachment" in answer["Content-Disposition"]


def test_a_stranger_downloads_no_credential(certificate, client):
    client.force_login(make_user(Role.TRAINEE))
    where = reverse("certificate_credential", args=[certificate.verification_code, "json"])
    assert client.get(where).status_code == 404


def test_the_holder_is_offered_profile_and_wallet_while_it_is_in_force(holder, certificate, client):
    client.force_login(holder)
    page = reverse("certificate", args=[certificate.verification_code])
    shown = unescape(client.get(page).content.decode())
    assert "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME" in shown
    assert f"/verify/{certificate.verification_code}/credential.json" in shown
    revoke(by=OFFICE, certificate=certificate, reason="Sai")
    assert "linkedin.com" not in client.get(page).content.decode()
