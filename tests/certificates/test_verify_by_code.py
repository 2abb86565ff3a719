"""The page of a code: laid out once, its state and texts read anew for every visitor."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import render
from django.test import Client
from django.urls import resolve, reverse
from django.utils.html import escape

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate, IssuingBody
from certificates.services import privacy
from certificates.services.corrections import reissue, revoke
from certificates.services.duplicates import number_duplicate, write_duplicate
from certificates.services.verification import FileState
from certificates.views import verdicts
from common import filled_pages
from common.personal_data import Subject
from enrollment.services.completion import void_completion
from tests.certificates.steps import issue_for_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(run) -> list[Certificate]:
    return issue_for_run(by=OFFICE, run=run).issued


@pytest.fixture
def certificate(issued) -> Certificate:
    first: Certificate = issued[0]
    return first


def page_of(certificate: Certificate, language: str = "en") -> str:
    """As a new visitor sees it."""
    address = reverse("verify_code", args=[certificate.verification_code])
    return Client().get(address, headers={"Accept-Language": language}).content.decode()


def words(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page))


def correct(certificate: Certificate) -> Certificate:
    person = certificate.completion.trainee
    person.full_name = "Nguyễn Thị Mới"
    person.save()
    return reissue(by=OFFICE, certificate=certificate, reason="Sai họ tên")


def test_a_revocation_shows_at_once(certificate):
    assert "is valid" in page_of(certificate)
    revoke(by=OFFICE, certificate=certificate, reason="Cấp nhầm lớp")
    page = page_of(certificate)
    assert "is valid" not in page
    assert "Cấp nhầm lớp" in words(page)


def test_a_voided_result_shows_at_once(certificate):
    page_of(certificate)
    void_completion(by=OFFICE, completion=certificate.completion, reason="Sai kết quả")
    assert "has been voided" in page_of(certificate)


def test_a_corrected_name_shows_on_the_new_one_and_the_old_one_leads_there(certificate):
    page_of(certificate)
    corrected = correct(certificate)
    old, new = page_of(certificate), page_of(corrected)
    assert corrected.register_label in old
    assert reverse("verify_code", args=[corrected.verification_code]) in old
    assert "Nguyễn Thị Mới" in new
    assert certificate.register_label in new


def test_another_name_of_the_issuing_body_changes_nothing_that_was_issued(certificate):
    before = page_of(certificate)
    IssuingBody.objects.update(name="Học viện Chuyển đổi số")
    assert certificate.printed["issuing_body"] in words(before)
    assert without_token(page_of(certificate)) == without_token(before)


def test_an_erased_holder_is_gone_at_once(certificate):
    name = certificate.printed["full_name"]
    assert name in page_of(certificate)
    person = certificate.completion.trainee
    privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    assert name not in page_of(certificate)


def test_a_duplicate_shows_at_once(certificate):
    page_of(certificate)
    write_duplicate(
        number_duplicate(by=OFFICE, certificate=certificate, reason="Mất khi chuyển cơ quan")
    )
    assert "Bản cấp lại lần 1" in page_of(certificate)


def test_two_visitors_read_it_in_their_languages(certificate):
    pages = [page_of(certificate, language) for language in ("vi", "en", "vi", "en")]
    assert [re.findall(r'<html lang="(\w+)"', page) for page in pages] == [["vi"], ["en"]] * 2
    assert ["Full name" in page for page in pages] == [False, True, False, True]


def test_two_certificates_of_one_layout_are_not_mixed_up(issued):
    pages = {one.verification_code: page_of(one) for one in issued}
    for code, page in pages.items():
        assert {other for other in pages if other in page} == {code}


def test_nothing_of_a_certificate_is_kept(certificate):
    page_of(certificate)
    revoke(by=OFFICE, certificate=certificate, reason="Cấp nhầm lớp")
    page_of(certificate)
    kept = "".join(map(str, filled_pages._layouts.items()))
    for text in (
        certificate.verification_code,
        certificate.printed["full_name"],
        certificate.printed["register_number"],
        "Cấp nhầm lớp",
        "testserver",
    ):
        assert text not in kept


def test_a_name_is_escaped_and_never_taken_for_a_mark(rf):
    request = rf.get("/verify/NONE")
    request.resolver_match = resolve("/verify/NONE")
    request.user = AnonymousUser()
    name = f"<b>%(code)s {filled_pages._Marks()['code']}"
    texts = {"explanation": name, "looked_at": "100 %", "code": "ABCD", "full_name": name}
    shape = verdicts._Shape(
        FileState.VALID, tuple(texts), (), False, False, False, 0, asks_birth=True
    )
    page = filled_pages.render_filled(request, "certificates/verified.html", shape, texts)
    assert page.content.decode().count(escape(name)) == 2
    assert b"100 %" in page.content


def test_every_visitor_has_a_token_of_their_own(certificate):
    tokens = {re.findall(r'"csrfmiddlewaretoken" value="(\w+)"', page_of(certificate))[0]
              for _visit in range(3)}  # fmt: skip
    assert len(tokens) == 3


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_ways_draw_the_same_page(certificate, issued, language, monkeypatch):
    void_completion(by=OFFICE, completion=issued[1].completion, reason="Sai kết quả")
    write_duplicate(
        number_duplicate(by=OFFICE, certificate=issued[2], reason="Mất khi chuyển cơ quan")
    )
    shown = [certificate, correct(certificate), *issued[1:], Certificate(verification_code="NONE")]
    quick = [without_token(page_of(one, language)) for one in shown]
    monkeypatch.setattr(
        verdicts,
        "render_filled",
        lambda request, template, shape, texts, status: render(
            request, template, shape.context(texts), status=status
        ),
    )
    assert [without_token(page_of(one, language)) for one in shown] == quick


def without_token(page: str) -> str:
    return re.sub(r'value="\w{32}"|value="\w{64}"|\d\d/\d\d/\d{4} \d\d:\d\d', "", page)
