"""Every page that the table of rights knows, opened by somebody who may, in every look.

The table must name every route (tests/architecture/test_access.py), so no page escapes.
``script/screenshots`` keeps a picture of each.
"""

from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.architecture.test_access import _VISITORS, RIGHTS
from tests.architecture.world import World, make_world
from tests.browser.conftest import DESKTOP, PHONE, Seat, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Who opens a page where several may: the first of these. What looks different to each is
# opened by all.
OPENERS = ["nobody", "office", "coordinator", "trainer", "trainee", "auditor"]
LOOKS_DIFFERENT = {"my", "run", "certificates", "rosters", "people", "person"}
# Every run of the tests looks at these two; ``--full`` at all eight.
USUAL = {("vi", False, DESKTOP), ("en", True, PHONE)}
LOOKS = [
    pytest.param(
        look,
        id=f"{look[0]}-{'dark' if look[1] else 'light'}-{look[2][0]}",
        marks=() if look in USUAL else pytest.mark.full,
    )
    for look in product(("vi", "en"), (False, True), (DESKTOP, PHONE))
]


def routes_opened_by(visitor: str) -> list[str]:
    opened = []
    for (method, route), answers in RIGHTS.items():
        may = [v for v, answer in zip(_VISITORS, answers, strict=True) if answer == "200"]
        openers = [opener for opener in OPENERS if opener in may]
        chosen = openers if route in LOOKS_DIFFERENT else openers[:1]
        # The admin's pages are Django's own, with Django's own style sheet.
        if method == "GET" and visitor in chosen and not route.startswith("admin:"):
            opened.append(route)
    return opened


def pages_for(world: World, visitor: str) -> Iterator[str]:
    """The addresses that answer this visitor with a page, not with a file or a part of one."""
    client = Client()
    if user := world.visitors[visitor]:
        client.force_login(user)
    for route in routes_opened_by(visitor):
        address = reverse(route, kwargs=world.kwargs.get(route))
        answer = client.get(address)
        is_html = answer.headers["Content-Type"].startswith("text/html")
        if is_html and b"<html" in answer.content:
            yield address


def already_signed_in(screen: Visitor, user: User) -> None:
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    screen.page.context.add_cookies(
        [{"name": "sessionid", "value": session, "url": screen.address}]
    )


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("visitor", OPENERS)
def test_every_page_reads_well_for_everybody(seat: Seat, visitor, look):
    language, dark, size = look
    world = make_world()
    screen = seat(language, dark=dark, size=size)
    if user := world.visitors[visitor]:
        already_signed_in(screen, user)
    screen.label = f"{visitor}-{screen.label}"
    flaws = []
    for address in pages_for(world, visitor):
        try:
            screen.open(address)
        except AssertionError as flaw:
            flaws.append(f"{address}: {flaw}")
    assert flaws == []
