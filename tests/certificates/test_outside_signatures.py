"""Documents signed outside: out unsigned, back signed, each checked against what was issued."""

import datetime as dt
import hashlib
import io
from dataclasses import replace

import pikepdf
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.urls import reverse
from django.utils import translation

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import SignedBy
from certificates.errors import CertificateError
from certificates.models import Certificate, IssuingBody, IssuingTerms, Key
from certificates.services import outside_signatures, privacy
from certificates.services.documents import DocumentBuilder
from certificates.services.issuance import CertificateBuilder, unsigned_form
from certificates.services.outside_signatures import (
    accept_signed_file,
    accept_signed_files,
    unsigned_set,
)
from certificates.services.signer_certificates import end_certificate
from certificates.services.verification import verify_code, verify_file
from common.bounded import BoundedError
from common.personal_data import Subject
from tests.certificates import forgeries
from tests.certificates.forgeries import Token, enter, refused, signed
from tests.certificates.steps import issue_for_run

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def own_token() -> Token:
    """A key that this server never sees, as on a token."""
    return Token.self_signed("Ban Cơ yếu")


@pytest.fixture
def token(own_token: Token, office) -> Token:
    """Its certificate is entered for the issuing body."""
    enter(own_token.certificate, office.body)
    return own_token


@pytest.fixture
def sent_out(run) -> list[bytes]:
    """The unsigned set of a class that is signed outside; there is no key here."""
    Key.objects.filter(use="signature").delete()
    IssuingTerms.objects.create(run=run, signed_by=SignedBy.OUTSIDE)
    issue_for_run(by=OFFICE, run=run)
    return [content for _name, content in unsigned_set(run)]


def test_nothing_is_stored_until_the_signed_files_are_back(sent_out, settings) -> None:
    assert len(sent_out) == 3
    assert list(settings.MEDIA_ROOT.rglob("*.pdf")) == []


def test_the_unsigned_set_is_the_same_whenever_it_is_asked_for(sent_out, run) -> None:
    assert [content for _name, content in unsigned_set(run)] == sent_out


def test_an_erased_holder_does_not_keep_the_others_from_being_signed(sent_out, run) -> None:
    person = run.completions.first().trainee
    privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    assert len(list(unsigned_set(run))) == 2


def test_the_unsigned_set_of_release_1_0_is_made_again_as_it_was(sent_out, run) -> None:
    certificate = Certificate.objects.earliest("pk")
    source = replace(CertificateBuilder().source(certificate), made_with="")
    content = DocumentBuilder().unsigned(source)
    sha256 = hashlib.sha256(content).hexdigest()
    Certificate.objects.filter(pk=certificate.pk).update(made_with="", unsigned_sha256=sha256)
    assert unsigned_form(Certificate.objects.get(pk=certificate.pk)) == content


def test_a_returned_signed_file_is_accepted_and_verifies(sent_out, token) -> None:
    content = signed(sent_out[0], token)
    certificate = accept_signed_file(by=OFFICE, content=content)
    assert verify_file(content).state == "valid"
    assert verify_code(certificate.verification_code).state == "valid"
    assert "Ban Cơ yếu" in certificate.outside_signer


def test_returned_files_are_accepted_one_by_one(sent_out, token, run) -> None:
    back = [("a.pdf", signed(sent_out[0], token)), ("b.pdf", b"%PDF-1.7"), ("c.pdf", sent_out[2])]
    taken = accept_signed_files(by=OFFICE, files=iter(back))
    assert [one.code for one in taken] == ["", "not_ours", "not_signed"]
    assert len(list(unsigned_set(run))) == 2


def test_files_behind_one_that_was_given_up_are_not_read(sent_out, token, monkeypatch) -> None:
    """Ten bombs in one form occupied a web thread for two minutes."""
    asked = []

    def code_in(content):
        asked.append(content)
        raise BoundedError("too_long")

    monkeypatch.setattr(outside_signatures, "code_in", code_in)
    back = [("a.pdf", b"bomb"), ("b.pdf", b"bomb"), ("c.pdf", signed(sent_out[0], token))]
    taken = accept_signed_files(by=OFFICE, files=iter(back))
    assert [one.code for one in taken] == ["too_long", "not_read", "not_read"]
    assert asked == [b"bomb"]


def test_a_signed_file_for_another_certificate_is_refused(sent_out, token) -> None:
    second = Certificate.objects.order_by("register_number")[1]
    assert refused(signed(sent_out[0], token), expected=second) == "other_certificate"


def test_an_unsigned_file_is_refused(sent_out) -> None:
    assert refused(sent_out[0]) == "not_signed"


def test_a_file_that_was_saved_again_before_signing_is_refused(sent_out, token) -> None:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(sent_out[0])) as pdf:
        pdf.save(output)
    assert refused(signed(output.getvalue(), token)) == "not_what_was_issued"


def test_a_signature_that_was_broken_afterwards_is_refused(sent_out, token) -> None:
    assert refused(signed(sent_out[0], token) + b"\n% more\n") == "not_signed"


def test_a_returned_file_is_not_accepted_twice(sent_out, token) -> None:
    accept_signed_file(by=OFFICE, content=signed(sent_out[0], token))
    assert refused(signed(sent_out[0], token), taken=1) == "not_waiting"


# Who may sign -----------------------------------------------------------------------------


def test_a_strangers_self_signed_key_is_refused(sent_out, token) -> None:
    """It may even bear the name of somebody who is entered."""
    stranger = Token.self_signed("Ban Cơ yếu")
    assert refused(signed(sent_out[0], stranger)) == "unknown_signer"


def test_nobody_is_trusted_before_the_office_has_entered_anybody(sent_out, own_token) -> None:
    assert refused(signed(sent_out[0], own_token)) == "unknown_signer"


def test_a_signer_of_another_body_is_refused(sent_out, own_token) -> None:
    enter(own_token.certificate, IssuingBody.objects.create(name="Bộ khác"))
    assert refused(signed(sent_out[0], own_token)) == "unknown_signer"


def test_a_signer_of_an_entered_authority_is_accepted(sent_out, office) -> None:
    authority = Token.authority("Root CA")
    enter(authority.certificate, office.body)
    signer = authority.issue("Nguyễn Văn Ký")
    certificate = accept_signed_file(by=OFFICE, content=signed(sent_out[0], signer))
    assert certificate.trusted_by is not None
    assert certificate.trusted_by.is_authority


def test_a_signer_under_an_intermediate_authority_is_accepted(sent_out, office) -> None:
    authority = Token.authority("Root CA")
    enter(authority.certificate, office.body)
    signer = authority.issue_authority("Issuing CA").issue("Nguyễn Văn Ký")
    assert accept_signed_file(by=OFFICE, content=signed(sent_out[0], signer)).trusted_by


def test_an_authority_of_the_same_name_with_another_key_is_refused(sent_out, office) -> None:
    enter(Token.authority("Root CA").certificate, office.body)
    signer = Token.authority("Root CA").issue("Nguyễn Văn Ký")
    assert refused(signed(sent_out[0], signer)) == "unknown_signer"


def test_a_signer_is_no_authority(sent_out, office) -> None:
    """Whoever is entered as a signer cannot issue certificates to others."""
    entered = Token.self_signed("Ban Cơ yếu")
    enter(entered.certificate, office.body)
    assert refused(signed(sent_out[0], entered.issue("Kẻ lạ"))) == "unknown_signer"


def test_a_certificate_that_was_ended_is_refused(sent_out, token, office) -> None:
    end_certificate(by=OFFICE, entry=office.body.signer_certificates.get(), reason="Lost token")
    assert refused(signed(sent_out[0], token)) == "signer_ended"


def test_an_ended_signer_is_refused_under_an_entered_authority_too(sent_out, office) -> None:
    authority = Token.authority("Root CA")
    signer = authority.issue("Nguyễn Văn Ký")
    enter(authority.certificate, office.body)
    entry = enter(signer.certificate, office.body)
    end_certificate(by=OFFICE, entry=entry, reason="Revoked")
    assert refused(signed(sent_out[0], signer)) == "signer_ended"


def test_an_expired_certificate_is_refused(sent_out, office) -> None:
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    authority = Token.authority("Root CA", valid_from=past)
    enter(authority.certificate, office.body)
    signer = authority.issue("Nguyễn Văn Ký", valid_from=past, days=20)
    assert refused(signed(sent_out[0], signer)) == "signer_expired"


def test_a_signature_dated_before_the_document_is_refused(sent_out, token) -> None:
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(hours=12)
    assert refused(signed(sent_out[0], token, at=yesterday)) == "wrong_moment"


def test_a_key_that_is_not_for_signing_is_refused(sent_out, office) -> None:
    authority = Token.authority("Root CA")
    enter(authority.certificate, office.body)
    signer = authority.issue("Máy chủ", for_signing=False)
    assert refused(signed(sent_out[0], signer)) == "unknown_signer"


def test_a_web_server_of_an_entered_authority_signs_no_documents(sent_out, office) -> None:
    authority = Token.authority("Root CA")
    enter(authority.certificate, office.body)
    server = authority.issue("mail.example", purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    assert refused(signed(sent_out[0], server)) == "unknown_signer"


def test_a_signature_revoked_by_its_own_evidence_is_refused(sent_out, office) -> None:
    authority = Token.authority("Root CA")
    enter(authority.certificate, office.body)
    signer = authority.issue("Nguyễn Văn Ký")
    content = signed(sent_out[0], signer, revoked_by=authority)
    assert refused(content) == "signer_revoked"


def test_a_second_signature_by_a_stranger_is_refused(sent_out, token) -> None:
    once = signed(sent_out[0], token, field="One")
    assert refused(signed(once, Token.self_signed("Kẻ lạ"), field="Two")) == "unknown_signer"


def test_signer_and_seal_may_both_sign(sent_out, token, office) -> None:
    seal = Token.self_signed("Con dấu của Bộ")
    enter(seal.certificate, office.body)
    content = signed(signed(sent_out[0], token, field="One"), seal, field="Two")
    certificate = accept_signed_file(by=OFFICE, content=content)
    assert certificate.outside_signer.count(";") == 1


def test_a_certified_file_takes_no_second_signature(sent_out, token, office, monkeypatch) -> None:
    monkeypatch.setattr("pyhanko.sign.validation.read_certification_data", lambda _reader: None)
    seal = Token.self_signed("Con dấu của Bộ")
    enter(seal.certificate, office.body)
    certified = signed(sent_out[0], token, field="One", certify=True)
    assert refused(signed(certified, seal, field="Two")) == "not_signed"


# What may be added ------------------------------------------------------------------------


@pytest.mark.parametrize("name", forgeries.VISIBLE)
def test_a_visible_signature_field_is_refused(sent_out, token, name) -> None:
    assert refused(forgeries.VISIBLE[name](sent_out[0], token)) == "visible_signature"


@pytest.mark.parametrize("name", forgeries.FORGERIES)
def test_nothing_but_a_signature_may_be_added(sent_out, token, name) -> None:
    forged = forgeries.FORGERIES[name](sent_out[0], token)
    assert forged.startswith(sent_out[0]), "the issued bytes are all there"
    assert refused(forged) in {"not_what_was_issued", "not_signed"}


@pytest.mark.parametrize("name", forgeries.HONEST)
def test_what_signing_programs_add_is_accepted(sent_out, token, name) -> None:
    accept_signed_file(by=OFFICE, content=forgeries.HONEST[name](sent_out[0], token))


# What is said of it ------------------------------------------------------------------------


def test_the_public_page_names_who_signed_and_until_when_they_were_trusted(
    sent_out, token, office, client
) -> None:
    certificate = accept_signed_file(by=OFFICE, content=signed(sent_out[0], token))
    address = reverse("verify_code", args=[certificate.verification_code])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(address).content.decode()
    assert "Ban Cơ yếu, whose certificate was added for Bộ Khoa học và Công nghệ" in page
    end_certificate(by=OFFICE, entry=office.body.signer_certificates.get(), reason="Lost token")
    page = client.get(address).content.decode()
    assert "after the signature" in page
    assert "Lost token" not in page


def test_a_refusal_says_what_to_do(sent_out, office) -> None:
    stranger = Token.self_signed("Kẻ lạ")
    with translation.override("en"), pytest.raises(CertificateError) as error:
        accept_signed_file(by=OFFICE, content=signed(sent_out[0], stranger))
    assert "Kẻ lạ" in error.value.message
    assert "Verify its fingerprint by telephone and add it" in error.value.message
