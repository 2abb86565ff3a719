"""Files of others take seconds to parse, and on SQLite an open transaction holds up all writers."""

import datetime as dt

import pytest
from django.db import connection

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import SignedBy
from certificates.models import IssuingTerms, Key
from certificates.pdf import starter_designs
from certificates.services import issuers, keys
from certificates.services.designs import save_design
from certificates.services.outside_signatures import accept_signed_file, unsigned_set
from certificates.signing import self_signed_pkcs12
from common import bounded
from tests.certificates.forgeries import Token, enter, signed
from tests.certificates.samples import picture
from tests.certificates.steps import issue_for_run, upload_seal, upload_signature

pytestmark = pytest.mark.django_db(transaction=True)
TERM = {"valid_from": None, "valid_to": None}


@pytest.fixture
def in_transaction(monkeypatch) -> list[bool]:
    """For each call of a parser: whether a transaction was open."""
    seen: list[bool] = []
    run = bounded.run

    def spied(*arguments, **options):
        seen.append(connection.in_atomic_block)
        return run(*arguments, **options)

    monkeypatch.setattr(bounded, "run", spied)
    return seen


def test_a_design_is_tried_before_the_transaction(office, in_transaction) -> None:
    design = starter_designs()[0]
    save_design(by=OFFICE, slug="a", name="A", html=design.html, css=design.css)
    assert in_transaction == [False]


def test_pictures_are_read_before_the_transaction(office, in_transaction) -> None:
    upload_signature(office, picture())
    upload_seal(office.body, picture(size=(400, 400)))
    assert in_transaction == [False] * 3
    office.refresh_from_db()
    assert office.sealed_signature


def test_pictures_on_the_forms_are_read_before_the_transaction(office, in_transaction) -> None:
    words = {"name": "Cục Chuyển đổi số", "parent_name": "", "place": "Hà Nội"} | TERM
    issuers.save_body(by=OFFICE, body=office.body, values=words, seal=picture(size=(400, 400)))
    words = {"name": "Lê Thị Minh Hằng", "title": "Cục trưởng", "authority": ""} | TERM
    issuers.save_signer(by=OFFICE, signer=office, values=words, signature=picture())
    assert in_transaction == [False] * 3
    office.refresh_from_db()
    assert office.sealed_signature


def test_a_key_is_tried_before_the_transaction(office, in_transaction) -> None:
    since = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    pkcs12 = self_signed_pkcs12("Bộ KH&CN", "pw", valid_from=since)
    keys.add_signature_key(by=OFFICE, name="new", pkcs12=pkcs12, password="pw")
    assert in_transaction == [False]


def test_a_signed_file_is_inspected_before_the_transaction(run, office, in_transaction) -> None:
    Key.objects.filter(use="signature").delete()
    IssuingTerms.objects.create(run=run, signed_by=SignedBy.OUTSIDE)
    issue_for_run(by=OFFICE, run=run)
    token = Token.self_signed("Ban Cơ yếu")
    enter(token.certificate, office.body)
    content = signed(next(iter(unsigned_set(run)))[1], token)
    in_transaction.clear()
    accept_signed_file(by=OFFICE, content=content)
    assert in_transaction
    assert not any(in_transaction)
