"""The schema and its page are open to anybody and ask nothing of another site."""

import re

from django.test import Client


def test_anybody_may_read_the_schema(db, client):
    answer = client.get("/api/schema/?format=json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
    assert set(answer.json()["components"]["securitySchemes"]) == {"token", "session"}


def test_the_docs_page_loads_nothing_from_elsewhere_and_has_no_inline_script(db, client):
    page = client.get("/api/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"https?://", text) == []
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert all(address.startswith("/") for address in addresses)


def test_the_docs_page_has_a_policy_of_its_own_and_other_pages_keep_theirs(db, client):
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "form-action" in client.get("/courses/")["Content-Security-Policy"]


def test_the_script_of_the_docs_page_reads_our_schema(db, client):
    source = re.search(r'src="(/api/docs/[^"]+)"', client.get("/api/docs/").content.decode())
    assert source
    script = client.get(source[1].replace("&amp;", "&"))
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()


def test_a_server_error_says_no_details(db, monkeypatch):
    def broken(view):
        raise RuntimeError("secret details")

    from tests.api.conftest import Visitor
    from tests.factories import make_user

    monkeypatch.setattr("courses.api.RunList.get_queryset", broken)
    visitor = Visitor(make_user())
    visitor.client = Client(raise_request_exception=False)
    answer = visitor.get("runs/")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "secret" not in answer.content.decode()
