"""Targets, indicators and reports as a coordinator and the public see them."""

import pytest

from targets.models import Target
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "size"), [("vi", PHONE), ("en", (1280, 900))])
def test_a_coordinator_reads_targets_and_reports_a_percentage(programme, seat, language, size):
    visitor = seat(language, size=size)
    visitor.sign_in(programme.coordinator)
    for path in ("/targets/", "/indicators/", "/indicators/open_data_agencies/"):
        visitor.open(path)
    assert Target.objects.count() == 8
    visitor.open("/indicators/open_data_agencies/report/")
    visitor.page.fill("#id_numerator", "1")
    visitor.page.fill("#id_denominator", "0")
    visitor.page.fill("#id_measured_on", "2026-03-31")
    file = {"name": "minh-chung.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    visitor.page.set_input_files("#id_evidence", file)
    visitor.send()
    assert visitor.page.locator(".alert-bad").count() == 1
    visitor.page.fill("#id_denominator", "2")
    visitor.page.set_input_files("#id_evidence", file)
    visitor.send()
    assert "1 / 2" in visitor.page.locator("tbody").inner_text()


def test_anybody_looks_back_on_the_public_page(programme, seat):
    visitor = seat("vi", size=PHONE)
    visitor.open("/?as_of=2024-06-09")
    assert visitor.page.locator(".figure-number").inner_text() == "0"
    visitor.open("/?as_of=2024-06-10")
    assert visitor.page.locator(".figure-number").inner_text() == "5"
