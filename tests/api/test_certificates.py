"""Certificates through the API, by their verification code."""

import pytest

from certificates.models import Certificate
from tests.api.world import make_world
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
