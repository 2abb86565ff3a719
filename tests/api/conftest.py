"""A visitor of the API holds a token; ``api(user).get("runs/")``."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from knox.models import AuthToken

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from tests.factories import make_user


class Visitor:
    """Calls the API with a token, or with none."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token_of(user)}"} if user else {}

    def send(self, method: str, address: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method.upper(),
            address if address.startswith(("/", "http")) else f"/api/v1/{address}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers=self.headers | {name.replace("_", "-"): v for name, v in headers.items()},
        )

    def get(self, address: str, **headers: str) -> Any:
        return self.send("get", address, **headers)

    def post(self, address: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", address, {} if body is None else body, **headers)

    def patch(self, address: str, body: Any, **headers: str) -> Any:
        return self.send("patch", address, body, **headers)

    def keys(self, address: str, key: str) -> list[Any]:
        """One field of every row of every page of a list."""
        found: list[Any] = []
        while address:
            answer = self.get(address).json()
            found += [row[key] for row in answer["results"]]
            address = answer["next"] or ""
        return found


def token_of(user: User) -> str:
    """A token as it stands, also of somebody whose role was given after it."""
    _row, token = AuthToken.objects.create(user=user, expiry=dt.timedelta(days=30))
    return str(token)


@pytest.fixture
def api(db: None, settings: Any) -> Callable[[User | None], Visitor]:
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    return Visitor


@pytest.fixture
def office(api: Callable[[User | None], Visitor]) -> Visitor:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return api(user)


@pytest.fixture
def anybody(api: Callable[[User | None], Visitor]) -> Visitor:
    return api(None)
