"""Every number printed on the paper is recognised; those that run in order open nothing alone."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate, VerificationCount
from certificates.services.corrections import record_blank, revoke
from certificates.services.printed_numbers import NumberKind, read_number
from certificates.services.privacy import erase
from common.personal_data import Subject
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_run, make_trainee

pytestmark = pytest.mark.django_db
BORN = dt.date(1985, 3, 5)
NAME, BIRTH = "Lê Thị Ánh", "05/03/1985"
JSON = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    forget_tries()


def forget_tries() -> None:
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def certificate(office) -> Certificate:
    run = make_run()
    make_completion(make_trainee(full_name=NAME, birth_date=BORN), run)
    (found,) = issue_for_run(by=OFFICE, run=run).issued
    assert isinstance(found, Certificate)
    return found


def send(client: Client, number: str, name: str = NAME, birth: str = BIRTH, **more: Any) -> Any:
    data = {"code": number, "full_name": name, "birth": birth}
    return client.post(reverse("verify_by_number"), data, **more)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("7k3m 9qxb tfw2 hd8p", NumberKind.CODE),
        ("AI26000018", NumberKind.SERIAL),
        ("ai 26 000018", NumberKind.SERIAL),
        ("0018/2026/AI", NumberKind.REGISTER),
        (" 18 / 2026 / ai ", NumberKind.REGISTER),
        ("0018/2026", NumberKind.REGISTER),
        ("B 001234", NumberKind.OTHER),
    ],
)
def test_the_shape_of_a_number_says_which_one_it_is(typed, kind):
    number = read_number(typed)
    assert number is not None
    assert number.kind == kind


@pytest.mark.parametrize("typed", ["7K3M-9QXB-TFW2-HD8", "hello", "///", "7K3M9QXBTFW2HD8PP"])
def test_what_is_nearly_a_code_is_told_at_once(typed, client):
    page = client.get("/verify/", {"code": typed}, headers={"accept-language": "en"})
    assert "16 letters and digits" in " ".join(page.context["form"].errors["code"])
    assert client.get("/verify/", {"code": typed}, headers=JSON).status_code == 400


@pytest.mark.parametrize("typed", ["AI26000018", "0018/2026/AI", "AI99999999"])
def test_a_number_that_can_be_guessed_leads_in_amber_to_the_code(typed, certificate, client):
    page = client.get("/verify/", {"code": typed}, headers={"accept-language": "en"})
    text = page.content.decode()
    assert page.status_code == 200
    assert typed in text
    assert "next to the QR code" in text
    assert "alert-wait" in text
    assert "alert-bad" not in text
    data = client.get("/verify/", {"code": typed}, headers=JSON).json()
    assert (data["state"], data["send"]) == ("incomplete", ["code", "full_name", "birth"])
    assert data["to"].endswith(reverse("verify_by_number"))


def test_a_serial_number_in_the_address_of_a_code_is_recognised_too(certificate, client):
    page = client.get(f"/verify/{certificate.serial_number}")
    assert page.status_code == 200
    assert "alert-wait" in page.content.decode()


@pytest.mark.parametrize(
    "number",
    [
        lambda one: one.serial_number,
        lambda one: one.serial_number.lower(),
        lambda one: one.register_label,
        lambda one: one.verification_code,
    ],
)
def test_every_number_verifies_with_the_name_and_birth_date_on_the_paper(
    number, certificate, client
):
    for name in (NAME, NAME.upper(), "le thi anh"):
        page = send(client, number(certificate), name)
        assert page.status_code == 200
        assert certificate.verification_code in page.content.decode()
    data = send(client, number(certificate), headers=JSON).json()
    assert data["state"] == "valid"
    assert data["verification_code"] == certificate.verification_code


def test_the_number_of_a_paper_blank_is_recognised_too(certificate, client):
    record_blank(by=OFFICE, certificate=certificate, number="B 001234")
    assert send(client, "b 001234").status_code == 200


def test_a_revoked_certificate_says_so_to_whoever_holds_the_paper(certificate, client):
    revoke(by=OFFICE, certificate=certificate, reason="Sai tên")
    assert send(client, certificate.serial_number, headers=JSON).json()["state"] == "revoked"


def misses(certificate: Certificate) -> dict[str, tuple[str, str, str]]:
    serial = certificate.serial_number
    return {
        "no such number": ("AI26999999", NAME, BIRTH),
        "another name": (serial, "Trần Văn Khác", BIRTH),
        "another birth date": (serial, NAME, "06/03/1985"),
        "the year alone": (serial, NAME, "1985"),
        "a register number of nobody": ("9999/2026/AI", NAME, BIRTH),
        "another number of a paper": ("B 001234", NAME, BIRTH),
        "a code of nobody": ("7K3M-9QXB-TFW2-HD8P", NAME, BIRTH),
    }


@pytest.mark.both_engines
def test_whatever_does_not_fit_has_one_answer_by_the_same_work(certificate, client):
    answers = {}
    for how, sent in misses(certificate).items():
        forget_tries()
        with CaptureQueriesContext(connection) as queries:
            data = send(client, *sent, headers=JSON)
        page = send(client, *sent).content.decode()
        page = re.sub(r'value="[^"]*"', "SENT", page)
        read = [one["sql"] for one in queries if '"certificates_certificate"' in one["sql"]]
        answers[how] = (data.status_code, data.content, page, len(read))
    first = answers["no such number"]
    assert first[0] == 404
    for how, answer in answers.items():
        assert answer == first, how


def test_an_erased_holder_is_found_by_no_number(certificate, client):
    person = certificate.completion.trainee
    erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    assert send(client, certificate.serial_number).status_code == 404
    assert send(client, certificate.serial_number, "x x").status_code in (400, 404)


def test_guesses_at_one_number_are_limited_whether_it_exists_or_not(certificate, client):
    for number in (certificate.serial_number, "AI26999999"):
        tries = [send(client, number, birth=f"0{day}/04/1985") for day in range(1, 8)]
        assert [one.status_code for one in tries] == [404] * 5 + [429] * 2
        assert send(client, number).status_code == 429


def test_the_serial_and_the_register_number_share_their_tries(certificate, client):
    for day in range(1, 6):
        send(client, certificate.serial_number, birth=f"0{day}/04/1985")
    assert send(client, certificate.register_label).status_code == 429


def test_one_name_is_not_tried_at_one_number_after_another(certificate, client):
    tries = [send(client, f"AI26{n:06d}", "Ai Đó").status_code for n in range(900, 925)]
    assert tries == [404] * 20 + [429] * 5


def test_nothing_is_kept_of_a_try_but_its_count(certificate, client):
    entries = AuditEntry.objects.count()
    send(client, certificate.serial_number)
    send(client, "AI26999999")
    counts = VerificationCount.objects.values_list("how", "state", "visits")
    assert sorted(counts) == [("number", "unknown", 1), ("number", "valid", 1)]
    assert AuditEntry.objects.count() == entries


def test_a_program_needs_no_token(certificate):
    program = Client(enforce_csrf_checks=True)
    assert send(program, certificate.serial_number, headers=JSON).json()["state"] == "valid"


def test_scripts_of_other_sites_cannot_let_their_visitors_guess(certificate, client):
    for name in (NAME, "Nguyễn Văn Khác", ""):
        answer = send(client, certificate.serial_number, name, headers=JSON)
        assert "Access-Control-Allow-Origin" not in answer


def test_a_personal_number_is_not_taken_for_one_of_a_certificate(client):
    page = client.get("/verify/", {"code": "001185001234"}, headers={"accept-language": "en"})
    assert "not of the person" in page.content.decode()


@pytest.mark.parametrize("content", [b"Name;Date\nAn;1985\n", b"PK\x03\x04", b"\x89PNG\r\n"])
def test_a_wrong_file_is_said_to_be_no_pdf(content, client):
    for headers in ({"accept-language": "en"}, JSON | {"accept-language": "en"}):
        file = SimpleUploadedFile("c.pdf", content, "application/pdf")
        answer = client.post("/verify/", {"file": file}, headers=headers)
        assert answer.status_code == 400
        assert "not a PDF" in answer.content.decode()
