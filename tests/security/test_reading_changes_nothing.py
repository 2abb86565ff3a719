"""A GET changes nothing: what a link, a picture or a browser's look-ahead asks for is harmless.

The exceptions are downloads of personal data, each of which leaves its entry in the audit log;
they are refused when another site asks for them.
"""

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.api.conftest import Visitor
from tests.api.world import make_world as make_api_world
from tests.architecture.test_access import RIGHTS, ours
from tests.architecture.test_api_access import _ROWS as ROWS_OF_API
from tests.architecture.world import World, make_world

# Where reading may leave a trace: sessions, tries and look-ups that are counted.
TRACES = {"accounts_session", "shared_cache", "certificates_verificationcount"}
# Figures that are worked out from other tables and remembered; nothing is lost with them.
WORKED_OUT = {
    "counting_cachestate",
    "counting_cachedcompletion",
    "people_pendingchange",
    "targets_quartersnapshot",
}
AUDIT_LOG = "audit_auditentry"

_WRITES = re.compile(r'\s*(?:INSERT INTO|REPLACE INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def written_by(client: Client, address: str, **headers: str) -> set[str]:
    """The tables that a GET writes to; undone for the next one."""
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        answer: Any = client.get(address, headers=headers)
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    found = (_WRITES.match(query["sql"]) for query in asked.captured_queries)
    return {match[1] for match in found if match} - TRACES - WORKED_OUT


def recorded_downloads() -> set[str]:
    return {name for name, r in ours() if hasattr(r.callback, "is_recorded_download")}


def pages() -> list[str]:
    return [route for method, route in RIGHTS if method == "GET"]


@pytest.mark.parametrize("visitor", ["nobody", "trainee", "trainer", "coordinator", "office"])
def test_a_get_changes_nothing_but_the_record_of_downloads(world, visitor):
    client = Client(raise_request_exception=False)
    if user := world.visitors[visitor]:
        client.force_login(user)
    written = {r: written_by(client, reverse(r, kwargs=world.kwargs.get(r))) for r in pages()}
    downloads = {r: written.pop(r) for r in recorded_downloads()}
    assert {route: tables for route, tables in written.items() if tables} == {}
    assert set().union(*downloads.values()) <= {AUDIT_LOG}


def test_a_download_on_record_is_refused_when_another_site_asks_for_it(world):
    client = Client(raise_request_exception=False)
    client.force_login(world.visitors["office"])
    asked = {r: reverse(r, kwargs=world.kwargs.get(r)) for r in recorded_downloads()}
    assert len(asked) >= 9
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        answers = {r: client.get(a, headers=headers).status_code for r, a in asked.items()}
        assert set(answers.values()) == {403}, answers
        assert {r for r, a in asked.items() if written_by(client, a, **headers)} == set()


def test_a_get_of_the_api_changes_nothing_but_the_record_of_downloads(db, settings):
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    world = make_api_world()
    visitor = Visitor(world.visitors["office"])
    visitor.client.defaults["HTTP_AUTHORIZATION"] = visitor.headers["Authorization"]
    addresses = [
        f"/api/v1/{world.address(address).strip('.')}"
        for method, address, *_answers in ROWS_OF_API
        if method == "GET"
    ]
    written = {address: written_by(visitor.client, address) for address in addresses}
    recorded = {address for address, tables in written.items() if tables}
    assert {table for address in recorded for table in written[address]} == {AUDIT_LOG}
    assert {address.split("/")[3] for address in recorded} == {
        "archive-packages", "certificates", "lists",
    }  # fmt: skip
    visitor.client.defaults["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert {a for a in recorded if written_by(visitor.client, a)} == set()
