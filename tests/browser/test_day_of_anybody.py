"""Anybody's whole visit: the number of another day, its data, a certificate by code and by file."""

import json

import pytest

from tests.browser.conftest import WAYS, Press, choose, download, write

pytestmark = pytest.mark.browser


@WAYS
def test_anybodys_visit(programme, seat, press: Press, language, dark, size):
    """Look back, take the figures along, read the catalogue, verify a certificate twice."""
    visitor = seat(language, dark=dark, size=size)
    visitor.open("/")
    write(visitor, "#id_as_of", "2024-06-09")
    press(visitor, "main .filter-bar button[type=submit]")
    visitor.check()
    assert visitor.page.locator(".figure-number").inner_text() == "0"
    press(visitor, "main .filter-bar a[href='/']")
    data = json.loads(download(visitor, "main a[href*='.json']").path().read_text())
    assert data["as_of"] >= "2024-06-10"
    assert "Đặng" not in json.dumps(data, ensure_ascii=False), "totals only"

    choose(visitor, press, "/courses/")
    press(visitor, "li.card h2 a")
    visitor.check()

    choose(visitor, press, "/verify/")
    write(visitor, "#id_code", programme.certificate.verification_code)
    press(visitor, "section[aria-labelledby=by-number] button")
    visitor.check()
    assert "Đặng Thị Ngọc Ánh" in visitor.page.locator("main").inner_text()

    choose(visitor, press, "/verify/")
    visitor.page.set_input_files("#id_file", programme.certificate.file.path)
    press(visitor, "section[aria-labelledby=by-file] button")
    visitor.check()
    assert visitor.page.locator("h1.verdict-good").count() == 1
