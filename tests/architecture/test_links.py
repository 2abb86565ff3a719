"""Whatever a page links to opens to its reader: no link ends in “not found” or “not yours”."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse

from tests.architecture.test_access import _VISITORS as VISITORS
from tests.architecture.test_access import RIGHTS
from tests.architecture.world import make_world

pytestmark = pytest.mark.django_db
READERS = ["nobody", "trainee", "trainer", "coordinator", "office", "auditor"]
_LINK = re.compile(r'<a\s[^>]*?href="([^"#][^"]*)"')


def linked(page: str, address: str) -> set[str]:
    found = (urljoin(address, unescape(href)) for href in _LINK.findall(page))
    return {link.partition("#")[0] for link in found if not urlsplit(link).netloc}


def pages_of(visitor, world) -> list[str]:
    at = VISITORS.index(visitor)
    return [
        reverse(route, kwargs=world.kwargs.get(route))
        for (method, route), answers in RIGHTS.items()
        if method == "GET" and answers[at] == "200" and not route.startswith("admin:")
    ]


@pytest.mark.parametrize("visitor", READERS)
def test_no_link_of_a_page_is_refused_to_its_reader(visitor):
    """Of each page one link to every route that no page before it led to."""
    world, client = make_world(), Client()
    if user := world.visitors[visitor]:
        client.force_login(user)
    followed, dead = set[str](), list[str]()
    pages = pages_of(visitor, world)
    for address in pages:
        answer = client.get(address)
        is_page = answer.headers["Content-Type"].startswith("text/html")
        for link in sorted(linked(answer.content.decode(), address)) if is_page else ():
            route = resolve(urlsplit(link).path).view_name
            if link in pages or route in followed:
                continue
            followed.add(route)
            if (status := client.get(link).status_code) >= 400:
                dead.append(f"{address} leads to {link}: {status}")
    assert dead == []
