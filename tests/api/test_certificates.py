"""Certificates through the API, by their verification code."""

import hashlib
import io
import json

import pytest
from openpyxl import load_workbook

from audit.services import PROGRAMME_OFFICE
from certificates.models import Certificate
from certificates.services.duplicates import write_duplicate
from certificates.services.keys import add_development_keys as load_keys
from tests.api.world import make_world
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_run, make_trainee


@pytest.fixture
def world(db):
    return make_world()


def test_a_certificate_is_read_by_its_verification_code(world, office):
    answer = office.get(f"certificates/{world.certificate.verification_code}/").json()
    assert answer["register_number"] == "0900/2026/AI"
    assert (answer["state"], answer["trainee"]) == ("issued", world.trainee.code)


def test_a_void_result_shows_its_certificate_as_revoked_at_once(world, office):
    result = f"completions/{world.run.code}/{world.trainee.code}/"
    office.post(f"{result}void/", {"reason": "Nhập nhầm"})
    assert office.keys("certificates/?state=revoked", "trainee") == [world.trainee.code]
    assert office.keys("certificates/?state=issued", "trainee") == []


def test_a_certificate_is_revoked_with_a_reason_and_once(world, office):
    address = f"certificates/{world.certificate.verification_code}/revoke/"
    assert list(office.post(address, {}).json()["fields"]) == ["reason"]
    assert office.post(address, {"reason": "Nhập nhầm"}).json()["state"] == "revoked"
    assert office.post(address, {"reason": "Nhập nhầm"}).status_code == 409


def test_issuing_twice_gives_nobody_two_numbers(world, office):
    run = make_completion(make_trainee(world.agency), make_run(world.run.course)).run
    first = office.post("certificates/", {"run": run.code}).json()
    again = office.post("certificates/", {"run": run.code}).json()
    assert (first["issued"], again["issued"], again["already"]) == (1, 0, 1)
    assert Certificate.objects.filter(completion__run=run).count() == 1


def test_issuing_under_a_key_answers_again_with_the_same_batch(world, office):
    run = make_completion(make_trainee(world.agency), make_run(world.run.course)).run
    first = office.post("certificates/", {"run": run.code}, Idempotency_Key="k-1")
    again = office.post("certificates/", {"run": run.code}, Idempotency_Key="k-1")
    assert first.status_code == 201
    assert again.json() == first.json()
    assert first.json()["batch"] == str(run.batches.get().pk)


def test_others_see_neither_certificate_nor_that_it_exists(world, api):
    other = api(world.visitors["other_coord"])
    assert other.keys("certificates/", "verification_code") == []
    assert other.get(f"certificates/{world.certificate.verification_code}/").status_code == 404


@pytest.fixture
def issued(world, office) -> Certificate:
    """With its file and its credential, as the worker leaves it."""
    load_keys()
    run = make_completion(make_trainee(world.agency, full_name="Lê Ý"), make_run()).run
    (certificate,) = issue_for_run(by=PROGRAMME_OFFICE, run=run).issued
    return certificate


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_file_is_had_by_a_program_as_it_was_issued(issued, office):
    answer = office.get(f"certificates/{issued.verification_code}/file/")
    assert answer["Content-Type"] == "application/pdf"
    assert hashlib.sha256(content(answer)).hexdigest() == issued.sha256


def test_the_credential_is_had_alone_and_baked(issued, office):
    address = f"certificates/{issued.verification_code}/credential/"
    assert json.loads(content(office.get(address))) == issued.credential
    assert content(office.get(f"{address}?form=png")).startswith(b"\x89PNG")
    assert content(office.get(f"{address}?form=svg")).startswith(b"<svg")
    assert office.get(f"{address}?form=exe").status_code == 400


def cells(answer) -> set[object]:
    (sheet,) = load_workbook(io.BytesIO(content(answer))).worksheets
    return {cell.value for row in sheet.rows for cell in row}


@pytest.mark.parametrize("what", ["file", "credential"])
def test_a_program_of_another_agency_gets_neither_file_nor_credential(world, issued, api, what):
    other = api(world.visitors["other_coord"])
    assert other.get(f"certificates/{issued.verification_code}/{what}/").status_code == 404


def test_the_register_as_a_file_holds_the_rows_that_its_reader_sees(world, issued, api, office):
    assert "Lê Ý" in cells(office.get("certificates/register/"))
    other = api(world.visitors["other_coord"])
    assert "Lê Ý" not in cells(other.get("certificates/register/"))
    assert office.get("certificates/register/?form=pdf")["Content-Type"] == "application/pdf"
    assert office.get("certificates/register/?stat=revoked").status_code == 400


def test_a_batch_tells_how_far_it_is_and_who_is_held_back_and_why(world, office):
    run = make_completion(make_trainee(world.agency), make_run()).run
    held = {"trainee_code": "HV-1", "full_name": "Lê", "code": "no_title", "message": "Thiếu tên"}
    unconfirmed = held | {"code": "name_unconfirmed", "trainee_code": "HV-2"}
    batch = run.batches.create(held_back=[held], warnings=[unconfirmed])
    answer = office.get(f"certificates/batches/{batch.pk}/").json()
    assert (answer["run"], answer["state"], answer["made"]) == (run.code, "running", 0)
    assert answer["held_back"] == [{"trainee": "HV-1", "code": "no_title", "message": "Thiếu tên"}]
    assert answer["unconfirmed_names"] == 1
    assert "Lê" not in str(answer)


def test_a_file_that_is_gone_from_the_store_is_told_as_a_problem(world, office):
    Certificate.objects.filter(pk=world.certificate.pk).update(file="certificates/2026/gone.pdf")
    answer = office.get(f"certificates/{world.certificate.verification_code}/file/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "file_lost"
    assert "0900/2026/AI" in answer.json()["message"]


def test_a_duplicate_tells_how_far_it_is(issued, office):
    address = f"certificates/{issued.verification_code}"
    asked = office.post(f"{address}/duplicate/", {"reason": "Mất"})
    assert (asked.status_code, asked.json()["state"]) == (201, "being_made")
    assert office.get(f"{address}/duplicates/1/").status_code == 404
    write_duplicate(issued.duplicates.get())
    (made,) = office.get(f"{address}/duplicates/").json()["duplicates"]
    assert (made["number"], made["state"], made["problem"]) == (1, "made", "")
    sent = content(office.get(f"{address}/duplicates/1/"))
    assert hashlib.sha256(sent).hexdigest() == made["sha256"]
