"""Nothing of another agency: every page, file, export and API list is asked, and searched.

The walk goes over the resolver and the API's endpoints, so that a new address cannot escape it.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from courses.models import OfficialDecision
from people.models import Trainee
from tests.api.conftest import Visitor
from tests.api.world import make_world as make_api_world
from tests.architecture.test_access import routes
from tests.architecture.test_api_access import endpoints, visitors_of
from tests.architecture.world import PRINTED, World, make_world
from tests.pdfs import text_of

# What belongs to the person of one agency and is nobody else's business.
SECRETS = {
    "full_name": "Quách Thị Bí Mật",
    "email": "bi.mat@bo-a.example",
    "phone": "0912345678",
    "unit": "Phòng Rất Kín",
    "personal_number": "001185012345",
}


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(PRINTED, "full_name", SECRETS["full_name"])
    made = make_world()
    keep_secrets_in(made.certificate.completion.trainee)
    return made


def keep_secrets_in(trainee: Trainee) -> None:
    for name, value in SECRETS.items():
        setattr(trainee, name, value)
    trainee.save()


def secrets_in(response: Any, of: Trainee) -> set[str]:
    """Which of the person's values an answer holds, whatever kind of file it is."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = readable(body)
    values = {*SECRETS.values(), of.code, SECRETS["personal_number"][-3:].rjust(12, "*")}
    return {value for value in values if value in text}


def readable(body: bytes) -> str:
    """The text of a page, a workbook, an archive or a PDF."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return " ".join(readable(archive.read(name)) for name in archive.namelist())
    if body.startswith(b"%PDF") and len(body) > 1_000:
        return text_of(body)
    return body.decode(errors="replace")


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """Every address of the site with the keys of the other agency's things."""
    for name, _route in routes():
        if not name.startswith("api:"):
            try:
                yield name, reverse(name, kwargs=world.kwargs.get(name))
            except NoReverseMatch:
                pytest.fail(f"{name}: its keys are missing in tests/architecture/world.py")


def walked(world: World, visitor: str) -> dict[str, set[str]]:
    """What each address tells a visitor of the person."""
    client = Client(raise_request_exception=False)
    client.force_login(world.visitors[visitor] or User())
    trainee = world.certificate.completion.trainee
    told = {}
    for name, address in addresses(world):
        # A page that says "not found" repeats its own address, code and all.
        asked = {trainee.code} if trainee.code in address else set()
        told[name] = secrets_in(client.get(address), trainee) - asked
    return {name: found for name, found in told.items() if found}


# The public check of a certificate shows what it prints to whoever holds its code.
BY_CODE = {"verify_code", "verify_credential"}


@pytest.mark.parametrize("visitor", ["other_coord", "other_trainer"])
def test_no_page_file_or_export_reveals_anything_to_a_stranger(world, visitor):
    told = walked(world, visitor)
    assert {name: found for name, found in told.items() if name not in BY_CODE} == {}


def test_the_same_walk_finds_the_person_for_their_own_coordinator(world):
    told = walked(world, "coordinator")
    assert {"run", "roster_file", "certificate", "people", "person"} <= set(told)


def test_no_list_of_the_api_reveals_anything_to_a_stranger(db, settings):
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    world = make_api_world()
    keep_secrets_in(world.trainee)
    told: dict[str, dict[str, set[str]]] = {"other_coord": {}, "coordinator": {}}
    for who, found in told.items():
        visitor = Visitor(world.visitors[who])
        for address, endpoint in endpoints().items():
            if "get" in visitors_of(endpoint) and "<" not in address:
                answer = visitor.get("" if address == "." else address)
                # Some lists are shut to every coordinator: tests/architecture/test_api_access.py
                assert answer.status_code in (200, 403), address
                found[address] = secrets_in(answer, world.trainee)
    assert {address: found for address, found in told["other_coord"].items() if found} == {}
    lists = {"trainees/", "enrollments/", "attendance/", "completions/", "certificates/"}
    assert lists <= {address for address, found in told["coordinator"].items() if found}


def test_no_row_of_the_api_opens_for_a_stranger(db, settings):
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    world = make_api_world()
    stranger = Visitor(world.visitors["other_coord"])
    keys = {"trainees/{trainee}/", "enrollments/{run}/{trainee}/", "completions/{run}/{trainee}/"}
    answers = {key: stranger.get(world.address(key)).status_code for key in keys}
    assert set(answers.values()) == {404}


def test_files_are_read_through_their_views_alone(world, settings):
    """No address serves MEDIA_URL, whoever asks."""
    decision = OfficialDecision(run=world.run, kind="class_opening", number="1", dated="2026-03-01")
    decision.file.save("decision.pdf", ContentFile(b"%PDF-1.7"))
    client = Client()
    client.force_login(world.visitors["office"] or User())
    for name in (world.certificate.file.name, decision.file.name):
        assert client.get(f"/{settings.MEDIA_URL.strip('/')}/{name}").status_code == 404
        assert client.get(f"/media/{name}").status_code == 404
