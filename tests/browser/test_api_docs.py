"""The page of the API in a real Chromium: offline, within its policy, good for trying out."""

from typing import Any

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_the_docs_page_tries_a_call_out_and_asks_no_other_site(
    chromium: Browser, live_server: Any
) -> None:
    page = chromium.new_context().new_page()
    asked: list[str] = []
    console: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: console.append(message.text))
    page.goto(f"{live_server.url}/api/docs/")
    page.locator(".authorize").first.click()
    page.locator(".modal-ux input").first.fill("lms_nothing")
    page.locator(".modal-ux .authorize").first.click()
    page.locator(".modal-ux .btn-done").first.click()
    page.locator("#operations-agencies-agencies_list .opblock-summary-control").click()
    page.locator(".try-out__btn").click()
    page.locator(".execute").click()
    shown = page.locator(".live-responses-table .response-col_status")
    shown.last.wait_for()
    assert "401" in shown.last.inner_text()
    assert [text for text in console if "Content Security Policy" in text] == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    page.context.close()
