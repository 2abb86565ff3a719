"""Whose signatures from outside are believed: entered after a comparison, ended for a reason."""

import base64
import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import model_to_dict
from django.urls import reverse

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import SignerCertificate
from certificates.models.keys import grouped
from certificates.services.signer_certificates import (
    end_certificate,
    read_certificate,
)
from tests.certificates.forgeries import Token, enter, make_certificate

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def token() -> Token:
    return Token.self_signed("Nguyễn Văn Ký")


def pem(token: Token) -> bytes:
    return token.certificate.public_bytes(Encoding.PEM)


def der(token: Token) -> bytes:
    return token.certificate.public_bytes(Encoding.DER)


def refused(content: bytes) -> str:
    with pytest.raises(CertificateError) as error:
        read_certificate(content)
    assert error.value.message.endswith((".", ")."))
    return error.value.code


def test_pem_and_der_are_read_alike(token) -> None:
    one, other = read_certificate(pem(token)), read_certificate(der(token))
    assert model_to_dict(one, exclude=["entered_at"]) == model_to_dict(
        other, exclude=["entered_at"]
    )
    assert one.der == other.der
    found = read_certificate(der(token))
    assert "Nguyễn Văn Ký" in found.subject
    assert not found.is_authority
    assert read_certificate(der(Token.authority("Root CA"))).is_authority


def test_a_file_with_a_secret_key_is_refused(token) -> None:
    secret = token.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert refused(pem(token) + secret) == "holds_a_secret"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\x30\x82\xff\xff", b"x" * 60_000])
def test_a_file_that_is_no_certificate_is_refused(content) -> None:
    assert refused(content) == "not_a_certificate"


def test_a_file_of_several_certificates_is_refused(token) -> None:
    assert refused(pem(token) * 2) == "several_certificates"


def test_a_second_certificate_under_an_older_heading_is_not_skipped(token) -> None:
    older = pem(token).replace(b" CERTIFICATE", b" X509 CERTIFICATE")
    assert refused(pem(token) + older) == "several_certificates"


def test_a_large_file_is_not_read() -> None:
    assert refused(b"x" * 70_000) == "file_too_large"


def test_an_expired_certificate_is_not_entered() -> None:
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    old = Token.self_signed("Cũ", valid_from=past, days=10)
    assert refused(der(old)) == "certificate_expired"


def test_a_certificate_that_is_not_for_signing_is_not_entered() -> None:
    assert refused(der(Token.self_signed("Máy chủ", for_signing=False))) == "does_not_sign"


def test_a_weak_key_is_not_entered() -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it must be weak
    made = make_certificate("Yếu", weak.public_key(), "Yếu", weak)  # type: ignore[arg-type]  # it must be weak
    assert refused(made.public_bytes(Encoding.DER)) == "weak_key"


def test_a_certificate_is_entered_once_and_audited(token, office) -> None:
    entry = enter(token.certificate, office.body)
    assert AuditEntry.objects.get(action="signer_certificate_entered").details["fingerprint"] == (
        entry.fingerprint
    )
    with pytest.raises(CertificateError) as error:
        enter(token.certificate, office.body)
    assert error.value.code == "already_entered"


def test_an_ended_entry_says_who_and_why_and_may_be_entered_again(token, office) -> None:
    entry = enter(token.certificate, office.body)
    end_certificate(by=OFFICE, entry=entry, reason="Mất token")
    assert (entry.end_reason, entry.ended_by) == ("Mất token", OFFICE.label)
    with pytest.raises(CertificateError) as error:
        end_certificate(by=OFFICE, entry=entry, reason="Again")
    assert error.value.code == "already_ended"
    enter(token.certificate, office.body)


def test_nobody_ends_an_entry_without_a_reason(token, office) -> None:
    with pytest.raises(CertificateError) as error:
        end_certificate(by=OFFICE, entry=enter(token.certificate, office.body), reason=" ")
    assert error.value.code == "reason_missing"


def test_the_page_enters_only_after_the_fingerprint_was_compared(
    token, office, office_client
) -> None:
    address = reverse("signer_certificates", args=[office.body_id])
    file = SimpleUploadedFile("ky.cer", der(token))
    shown = office_client.post(address, {"file": file}).content.decode()
    found = read_certificate(der(token))
    assert grouped(found.fingerprint) in shown
    assert not SignerCertificate.objects.exists()
    sent = {"der": base64.b64encode(found.der).decode()}
    assert office_client.post(address, sent).status_code == 400
    assert not SignerCertificate.objects.exists()
    office_client.post(address, sent | {"compared": "on"})
    entry = SignerCertificate.objects.get()
    assert entry.fingerprint == found.fingerprint
    assert "Nguyễn Văn Ký" in office_client.get(address).content.decode()
    office_client.post(reverse("end_signer_certificate", args=[entry.pk]), {"reason": "Mất token"})
    assert SignerCertificate.objects.get().ended_at


@pytest.mark.parametrize("sent", ["", "!!", "AAAA"])
def test_a_certificate_that_was_changed_on_the_way_is_not_entered(
    office, office_client, sent
) -> None:
    address = reverse("signer_certificates", args=[office.body_id])
    answer = office_client.post(address, {"der": sent, "compared": "on"})
    assert answer.status_code in {302, 400}
    assert not SignerCertificate.objects.exists()
