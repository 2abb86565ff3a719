"""The API keeps to its own description: no server error, no answer that is not in the schema."""

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
import schemathesis
from django.conf import settings
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


# What the description says ----------------------------------------------------------------


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    document: dict[str, Any] = SCHEMA.raw_schema
    return document


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_schema_is_made_without_a_warning_and_is_valid():
    from drf_spectacular.drainage import GENERATOR_STATS
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    with GENERATOR_STATS.silence():
        validate_schema(SchemaGenerator().get_schema(request=None, public=True))
        assert not GENERATOR_STATS._warn_cache
        assert not GENERATOR_STATS._error_cache


def test_a_generated_client_has_a_name_that_can_be_imported(described):
    words = re.sub(r"\W+", "_", described["info"]["title"]).strip("_").lower()
    assert words.isidentifier()
    names = [operation["operationId"] for _label, operation in operations(described)]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)
    assert all(name.isidentifier() for name in described["components"]["schemas"])


def test_no_two_serializers_share_the_name_of_a_component():
    from rest_framework.serializers import Serializer

    def below(kind: type) -> set[type]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    names: dict[str, set[str]] = {}
    for kind in below(Serializer):
        if kind.__module__.partition(".")[0] in settings.APPS and "tests" not in kind.__module__:
            names.setdefault(kind.__name__, set()).add(kind.__module__)
    assert {name: homes for name, homes in names.items() if len(homes) > 1} == {}


def test_the_schema_names_the_server(described):
    assert [server["url"] for server in described["servers"]] == ["/", settings.SITE_URL]


def test_the_headers_of_every_answer_are_described(described):
    for label, operation in operations(described):
        answers = operation["responses"]
        assert all("RateLimit-Remaining" in one["headers"] for one in answers.values()), label
        assert "Retry-After" in answers["429"]["headers"], label
        if label.startswith("GET") and "application/json" in answers["200"]["content"]:
            assert "ETag" in answers["200"]["headers"], label
            assert "304" in answers, label
        if label.startswith("POST"):
            status = min(answers)
            due = {"Idempotent-Replay"} | ({"ETag"} if status in ("200", "201") else set())
            assert due <= answers[status]["headers"].keys(), label


def test_errors_are_described_as_problem_json(described):
    for label, operation in operations(described):
        kinds = {
            kind
            for status, answer in operation["responses"].items()
            if status >= "400"
            for kind in answer["content"]
        }
        assert kinds == {"application/problem+json"}, label


def test_every_operation_has_a_summary_and_says_to_whom_it_is_open(described):
    silent = [
        label
        for label, operation in operations(described)
        if not operation.get("summary") or "Open to: `" not in operation["description"]
    ]
    assert silent == []


def test_every_way_to_create_something_has_an_example(described):
    created = [
        (label, operation["requestBody"]["content"]["application/json"])
        for label, operation in operations(described)
        if label.startswith("POST") and "201" in operation["responses"]
    ]
    assert [label for label, body in created if not body.get("examples")] == []


def test_examples_are_of_the_form_that_they_show(described):
    from jsonschema import Draft4Validator

    shown = 0
    for label, operation in operations(described):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in body.get("examples", {}).values():
            schema = {**body["schema"], "components": described["components"]}
            text = json.dumps(schema).replace('"nullable": true', '"x-nullable": true')
            errors = [
                error
                for error in Draft4Validator(json.loads(text)).iter_errors(example["value"])
                if error.instance is not None  # OpenAPI 3.0 says nullable in its own way
            ]
            assert errors == [], label
            shown += 1
    assert shown >= 9


def test_the_schema_is_made_once(client, db):
    first = client.get("/api/schema/?format=json")
    again = client.get("/api/schema/?format=json", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    with patch("drf_spectacular.generators.SchemaGenerator.get_schema", side_effect=RuntimeError):
        assert client.get("/api/schema/?format=json").content == first.content


def test_the_schema_is_english_whoever_reads_it(client, db):
    asked = [
        client.get("/api/schema/?format=json", headers={"Accept-Language": language}).content
        for language in ("vi", "en")
    ]
    assert asked[0] == asked[1]
