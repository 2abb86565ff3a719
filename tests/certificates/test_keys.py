"""Keys as data: nothing is issued without one, rotation leaves what was signed alone."""

import datetime as dt
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import SignedBy
from certificates.credential import has_valid_proof
from certificates.errors import CertificateError
from certificates.file_contents import read_certificate
from certificates.models import Certificate, Key
from certificates.services import keys
from certificates.services.issuance import unsigned_form
from certificates.services.verification import verify_file
from certificates.signing import self_signed_pkcs12
from common import clock
from courses.models import CourseRun
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_trainee

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def pdf_of(certificate: Certificate) -> bytes:
    with certificate.file.open() as file:
        return bytes(file.read())


def test_an_issued_file_has_our_signature_and_a_valid_credential(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    evidence = verify_file(pdf_of(certificate)).evidence
    assert evidence
    assert (evidence.hash_matches, evidence.signature, evidence.credential) == (True, True, True)
    assert len(pdf_of(certificate)) <= 140_000


def test_the_credential_inside_the_file_is_the_one_on_record(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    inside = read_certificate(pdf_of(certificate)).credential
    assert inside == certificate.credential
    assert certificate.printed["full_name"] in str(inside)


def test_a_credential_with_one_changed_word_has_no_valid_proof(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    changed = json.loads(json.dumps(certificate.credential).replace("0001/2026", "0009/2026"))
    assert changed != certificate.credential
    assert not has_valid_proof(changed, keys.trusted_credential_keys())


def test_the_signature_names_the_moment_of_the_domain_s_clock(run: CourseRun) -> None:
    with clock.set_to(dt.date(2026, 4, 1)):
        certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    signed_at = read_certificate(pdf_of(certificate)).signatures[0].signed_at
    assert signed_at
    assert signed_at.astimezone(clock.HANOI).date() == dt.date(2026, 4, 1)


def test_the_unsigned_form_is_made_again_byte_for_byte(run: CourseRun) -> None:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    assert pdf_of(certificate).startswith(unsigned_form(certificate))


def test_without_a_key_nothing_is_issued(run: CourseRun) -> None:
    Key.objects.filter(use="signature").delete()
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "no_signing_key"
    assert not Certificate.objects.exists()


def test_settings_may_allow_unsigned_certificates(run: CourseRun, settings) -> None:
    settings.ISSUE_UNSIGNED = True
    Key.objects.filter(use="signature").delete()
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    assert certificate.signed_by == SignedBy.NOBODY
    assert verify_file(pdf_of(certificate)).state == "valid"
    assert read_certificate(pdf_of(certificate)).signatures == ()


def test_an_expired_key_is_named_in_a_sentence_and_nothing_is_issued(run: CourseRun) -> None:
    Key.objects.filter(use="signature").update(valid_to=BEGIN)
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "signer_expired"
    assert not Certificate.objects.exists()


def test_a_key_with_a_wrong_password_is_not_saved(office) -> None:
    pkcs12 = self_signed_pkcs12("Bộ KH&CN", "right", valid_from=BEGIN)
    with pytest.raises(CertificateError) as refused:
        keys.add_signature_key(by=OFFICE, name="new", pkcs12=pkcs12, password="wrong")
    assert refused.value.code == "wrong_password"
    assert not Key.objects.filter(name="new").exists()


def pkcs12(key: Any, *, authorities: int = 0) -> bytes:
    """A key with a certificate of its own, and so many others beside it."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Cục")])
    certificate, *others = [
        x509.CertificateBuilder(
            name, name, key.public_key(), number, BEGIN, BEGIN + dt.timedelta(days=3650)
        ).sign(key, hashes.SHA256())
        for number in range(1, authorities + 2)
    ]
    return serialize_key_and_certificates(b"k", key, certificate, others, NoEncryption())


def test_what_is_asked_of_signers_outside_is_asked_of_our_key(office) -> None:
    """A certificate of 1024 bits was refused as a signer's and accepted as ours."""
    weak = pkcs12(rsa.generate_private_key(65537, 1024))  # noqa: S505 - that is the attack
    with pytest.raises(CertificateError) as error:
        keys.add_signature_key(by=OFFICE, name="weak", pkcs12=weak, password="")
    assert error.value.code == "weak_key"
    assert not Key.objects.filter(name="weak").exists()


def test_a_key_brings_no_more_certificates_than_a_chain_has(office) -> None:
    """Four hundred of them would have been written into every certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(CertificateError) as error:
        keys.add_signature_key(
            by=OFFICE, name="many", pkcs12=pkcs12(key, authorities=11), password=""
        )
    assert error.value.code == "unusable_key"
    keys.add_signature_key(by=OFFICE, name="chain", pkcs12=pkcs12(key, authorities=10), password="")


def test_rotation_signs_with_the_new_key_and_keeps_the_old_files_valid(run: CourseRun) -> None:
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    pkcs12 = self_signed_pkcs12("Bộ KH&CN", "pw", valid_from=BEGIN)
    new_key = keys.add_signature_key(by=OFFICE, name="new", pkcs12=pkcs12, password="pw")
    keys.add_credential_key(by=OFFICE, name="new-credential")
    for key in Key.objects.filter(name__startswith="development"):
        keys.retire_key(by=OFFICE, key=key)
    make_completion(make_trainee(), run)
    new = issue_for_run(by=OFFICE, run=run).issued[0]
    assert new.signing_key == new_key
    for certificate in (old, new):
        found = verify_file(pdf_of(certificate))
        assert found.evidence
        assert (found.state, found.evidence.signature) == ("valid", True)
        assert certificate.credential
        assert has_valid_proof(certificate.credential, keys.trusted_credential_keys())


def test_a_retired_key_stays_published_and_loses_its_secret(office) -> None:
    row = Key.objects.get(use="credential")
    keys.retire_key(by=OFFICE, key=row)
    row.refresh_from_db()
    published = keys.published_did()["verificationMethod"]
    assert row.secret is None
    assert [method["publicKeyMultibase"] for method in published] == [row.public]


def test_a_key_may_lie_in_a_file_and_only_its_password_in_the_database(
    run: CourseRun, settings, tmp_path
) -> None:
    settings.KEY_FOLDER = tmp_path
    pkcs12 = self_signed_pkcs12("Bộ KH&CN", "pw", valid_from=BEGIN)
    (tmp_path / "office.p12").write_bytes(pkcs12)
    row = keys.add_signature_key(
        by=OFFICE, name="office", pkcs12=pkcs12, password="pw", file="office.p12"
    )
    assert row.secret == {"password": "pw"}
    assert issue_for_run(by=OFFICE, run=run).issued[0].signing_key == row
