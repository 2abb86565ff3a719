"""The register: searched, page by page, as Excel, as a document, with all its files."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from certificates.services import register_export
from certificates.services.corrections import reissue, revoke
from certificates.views import register
from common.spreadsheets import open_sheets
from enrollment.services.completion import void_completion
from tests.certificates.steps import issue_for_run
from tests.certificates.test_pages import page
from tests.factories import make_agency, make_completion, make_coordinator, make_run, make_trainee
from tests.pdfs import text_of
from tests.validators.vera import broken_rules

pytestmark = pytest.mark.django_db


def test_the_register_is_searched_without_accents_and_by_number(run, office_client):
    issue_for_run(by=OFFICE, run=run)
    for text in ("le thi anh", "0002/2026/AI"):
        shown = page(office_client, "certificates", q=text)
        assert ("Lê Thị Ánh" in shown, "Trần Văn Đức" in shown) == (True, False)


def test_the_register_comes_as_excel(run, office_client):
    issue_for_run(by=OFFICE, run=run)
    response = office_client.get("/certificates/register.xlsx")
    rows = list(open_sheets(b"".join(response.streaming_content))[0].rows())
    assert len(rows) == 4
    assert "Lê Thị Ánh" in str(rows)


def test_the_register_comes_as_an_official_document(run, office_client, tmp_path):
    issued = issue_for_run(by=OFFICE, run=run).issued
    revoke(by=OFFICE, certificate=issued[0], reason="Cấp nhầm")
    content = b"".join(office_client.get("/certificates/register.pdf?year=2026").streaming_content)
    text = text_of(content)
    assert "SỔ CẤP GIẤY CHỨNG NHẬN NĂM 2026" in text
    assert "Thu hồi" in text, text
    (tmp_path / "register.pdf").write_bytes(content)
    verdicts = broken_rules([tmp_path / "register.pdf"])
    assert {key: rules for key, rules in verdicts.items() if rules} == {}


def numbers(shown: str) -> list[str]:
    """Register numbers in the order of the page."""
    rows = Certificate.objects.in_register_order()
    found = [(shown.find(f">{one.register_label}<"), one.register_label) for one in rows]
    return [label[:4] for place, label in sorted(found) if place >= 0]


def test_the_register_turns_its_pages_without_gap_or_repetition(run, office_client, monkeypatch):
    monkeypatch.setattr(register, "PAGE", 2)
    issue_for_run(by=OFFICE, run=run)
    first = page(office_client, "certificates", state="issued")
    last = Certificate.objects.get(register_number=2).pk
    assert numbers(first) == ["0003", "0002"]
    assert f"state=issued&amp;before={last}" in first
    second = page(office_client, "certificates", state="issued", before=last)
    assert numbers(second) == ["0001"]
    assert 'rel="next"' not in second


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_an_invalid_page_parameter_is_ignored(run, office_client, before):
    issue_for_run(by=OFFICE, run=run)
    assert page(office_client, "certificates", before=before)


def test_the_register_finds_states_as_verification_shows_them(run, office_client):
    first, second, third = issue_for_run(by=OFFICE, run=run).issued
    revoke(by=OFFICE, certificate=first, reason="Cấp nhầm")
    void_completion(by=OFFICE, completion=second.completion, reason="Nhầm lớp")
    reissue(by=OFFICE, certificate=third, reason="Sai họ tên")
    found = {
        state: numbers(page(office_client, "certificates", state=state))
        for state in ("issued", "superseded", "revoked")
    }
    assert found == {"issued": ["0004"], "superseded": ["0003"], "revoked": ["0002", "0001"]}


def test_a_coordinator_downloads_the_files_of_their_own_people_alone(office, client):
    own, other, run = make_agency("bo-a"), make_agency("bo-b"), make_run()
    for agency in (own, own, other):
        make_completion(make_trainee(agency, full_name="Nguyễn Văn Đức"), run)
    issue_for_run(by=OFFICE, run=run)
    client.force_login(make_coordinator(own))
    packed = b"".join(client.get("/certificates/register.zip").streaming_content)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert len(set(names)) == 2
    assert all("nguyen-van-duc" in name for name in names)
    entry = AuditEntry.objects.get(action="register_exported")
    assert (entry.details["rows"], entry.details["form"]) == (2, "zip")


def test_too_many_certificates_for_one_file_are_refused_in_a_sentence(
    run, office_client, monkeypatch
):
    monkeypatch.setitem(register_export.MOST, "zip", 2)
    issue_for_run(by=OFFICE, run=run)
    answer = office_client.get("/certificates/register.zip", follow=True)
    assert "3" in answer.content.decode()
    assert answer.redirect_chain == [("/certificates/?", 302)]


def test_the_office_sees_which_classes_wait_for_certificates(run, office_client):
    address = reverse("run_certificates", args=[run.code])
    assert address in page(office_client, "certificates")
    issue_for_run(by=OFFICE, run=run)
    assert address not in page(office_client, "certificates")


def test_the_register_asks_the_database_as_often_for_three_rows_as_for_nine(
    run, office_client, django_assert_num_queries
):
    issue_for_run(by=OFFICE, run=run)
    page(office_client, "certificates")
    with CaptureQueriesContext(connection) as few:
        page(office_client, "certificates")
    for _ in range(6):
        make_completion(make_trainee(), run)
    issue_for_run(by=OFFICE, run=run)
    with django_assert_num_queries(len(few)):
        page(office_client, "certificates")
