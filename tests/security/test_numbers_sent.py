"""What a browser sends for a number may be anything: no page breaks on it."""

import ast
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.numbers import whole_number
from tests.architecture.test_layers import ROOT, python_files
from tests.architecture.world import World, make_world

NO_NUMBERS = ["²", "٣", "９", "-1", "1e3", "", " 1", "9" * 5_000, "9" * 30, "\x00"]


@pytest.mark.parametrize("text", [None, *NO_NUMBERS])
def test_only_plain_digits_of_a_length_that_keys_have_are_a_number(text: str | None) -> None:
    assert whole_number(text) is None


def test_plain_digits_are_a_number() -> None:
    assert whole_number("0007") == 7


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_number_that_is_none_is_no_error_of_the_site(world: World, text: str) -> None:
    code = world.certificate.verification_code
    certificate = reverse("certificate", args=[code])
    run = reverse("run_certificates", args=[world.run.code])
    asked: list[tuple[Any, ...]] = [
        ("trainee", "post", certificate, {"action": "share", "days": text}),
        ("trainee", "post", certificate, {"action": "withdraw", "link": text}),
        ("office", "post", run, {"action": "notify", "confirmed": text}),
        ("office", "get", reverse("certificates"), {"before": text}),
        ("office", "get", reverse("audit"), {"before": text}),
        (
            "office",
            "get",
            reverse("split_assignments", kwargs=world.kwargs["split_assignments"]),
            {"page": text},
        ),
    ]
    for visitor, method, address, sent in asked:
        client, user = Client(raise_request_exception=False), world.visitors[visitor]
        assert user
        client.force_login(user)
        status = getattr(client, method)(address, sent).status_code
        assert status in {200, 302, 400, 404}, (address, sent, status)


def test_no_view_recognises_numbers_by_isdigit() -> None:
    """It says yes to "²" and to five thousand digits; ``int`` refuses both."""
    found = {
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in python_files()
        if "views" in file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"isdigit", "isdecimal", "isnumeric"}
    }
    assert found == set()
