"""The API keeps to its own description: no server error, no answer that is not in the schema."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.services import create_token
from audit.services import SYSTEM
from lms.wsgi import application
from tests.api.world import World, make_world

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = from_wsgi("/api/schema/?format=json", application)
OPERATIONS = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in (found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok))
}


def keys_of(world: World) -> dict[str, Any]:
    """Real keys by the names that addresses and bodies have for them."""
    return {
        "code": [world.run.code, world.trainee.code, world.certificate.verification_code],
        "run": [world.run.code, world.open_run.code],
        "slug": [world.agency.slug, "trained_officials"],
        "trainee": [world.trainee.code, world.nominee.code],
        "number": [1, 2],
        "session": [1, 2],
        "course": [world.run.course.code],
        "agency": [world.agency.slug],
        "sending_agency": [world.agency.slug],
    }


def with_real_keys(data: st.DataObject, value: Any, keys: dict[str, Any]) -> Any:
    """The same with real keys in the place of invented ones."""
    if isinstance(value, dict):
        return {
            name: data.draw(st.sampled_from(keys[name]))
            if name in keys
            else with_real_keys(data, part, keys)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [with_real_keys(data, part, keys) for part in value]
    return value


def walk(label: str, visitor: str, examples: int) -> None:
    """Right and wrong input, as the schema describes it, half of it with keys that exist."""
    world = make_world()
    user = world.visitors[visitor]
    assert user is not None
    token = create_token(by=SYSTEM, user=user)
    keys = keys_of(world)
    operation = OPERATIONS[label]
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.query or operation.body or operation.path_parameters:
        cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @hypothesis_settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def every_answer_is_in_the_schema(case: schemathesis.Case, data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            case.path_parameters = with_real_keys(data, dict(case.path_parameters or {}), keys)
            case.body = with_real_keys(data, case.body, keys)
        if data.draw(st.booleans()) and "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    every_answer_is_in_the_schema()


@pytest.fixture(autouse=True)
def _unlimited(settings: Any) -> Iterator[None]:
    """Without limits, and in the test's own transaction, as Django's test client does it."""
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 10_000_000
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_to_the_office_is_in_the_schema(db, label):
    walk(label, "office", examples=10)


@pytest.mark.full
@pytest.mark.parametrize("visitor", ["office", "coordinator", "trainer", "trainee"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_to_each_visitor_is_in_the_schema(db, label, visitor):
    walk(label, visitor, examples=50)


def test_nothing_is_left_out_of_the_schema():
    assert len(OPERATIONS) >= 35
