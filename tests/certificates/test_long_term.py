"""PAdES B-LT: whoever verifies in some years asks nobody (a small authority, real ports)."""

import datetime as dt
import io
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import BatchState
from certificates.errors import CertificateError
from certificates.file_contents import read_certificate
from certificates.models import Certificate, Key
from certificates.services import batches, documents, keys
from certificates.services.verification import verify_file
from common import revocation
from courses.models import CourseRun
from tests.certificates.authorities import (
    answering,
    stamped_on,
    time_stamping_authority,
    write_options,
)
from tests.certificates.steps import duplicate_of, issue_for_run
from tests.validators.vera import broken_rules

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)


@dataclass
class Office:
    """An authority (*root*) that says of the certificates which it issued whether they hold."""

    key: ec.EllipticCurvePrivateKey
    root: x509.Certificate
    ocsp_url: str = ""
    crl_url: str = ""
    revoked: set[int] = field(default_factory=set)
    issued: dict[int, x509.Certificate] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    # How many addresses a certificate names.
    addresses: int = 1
    # What comes instead of the answer.
    instead: Callable[[bytes], bytes] = lambda answer: answer

    def issue(self, name: str, public: Any, *, days: int, stamps: bool = False) -> x509.Certificate:
        access = [
            x509.AccessDescription(Access.OCSP, x509.UniformResourceIdentifier(self.ocsp_url))
        ] * self.addresses
        point = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(self.crl_url)], None, None, None
        )
        made = _builder(name, public, days).add_extension(_usage(signs=True), critical=True)
        if stamps:
            uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            made = made.add_extension(uses, critical=True)
        if self.ocsp_url:
            made = made.add_extension(x509.AuthorityInformationAccess(access), critical=False)
        if self.crl_url:
            made = made.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        certificate = made.sign(self.key, hashes.SHA256())
        self.issued[certificate.serial_number] = certificate
        return certificate

    def answer(self, query: bytes) -> bytes:
        self.asked.append("ocsp")
        certificate = self.issued[ocsp.load_der_ocsp_request(query).serial_number]
        is_revoked = certificate.serial_number in self.revoked
        status = ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD
        now = dt.datetime.now(dt.UTC)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate, issuer=self.root, algorithm=hashes.SHA256(), cert_status=status,
            this_update=now, next_update=now + DAY,
            revocation_time=now - DAY if is_revoked else None, revocation_reason=None,
        ).responder_id(ocsp.OCSPResponderEncoding.HASH, self.root)  # fmt: skip
        made = builder.sign(self.key, hashes.SHA256())
        return self.instead(made.public_bytes(Encoding.DER))

    def list(self, _query: bytes) -> bytes:
        self.asked.append("crl")
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateRevocationListBuilder(self.root.subject, now - DAY, now + DAY)
        for serial in self.revoked:
            one = x509.RevokedCertificateBuilder(serial, now - DAY).build()
            builder = builder.add_revoked_certificate(one)
        return self.instead(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER))


def _builder(name: str, public: Any, days: int) -> x509.CertificateBuilder:
    issuer, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
                       for text in ("Root", name))  # fmt: skip
    return x509.CertificateBuilder(
        issuer, subject, public, x509.random_serial_number(), NOW - 9 * DAY, NOW + days * DAY
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    others = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    return x509.KeyUsage(
        digital_signature=True, content_commitment=signs, key_cert_sign=not signs,
        crl_sign=not signs, **others,
    )  # fmt: skip


@pytest.fixture
def above() -> Iterator[Office]:
    key = ec.generate_private_key(ec.SECP256R1())
    root = (
        _builder("Root", key.public_key(), 3650)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .sign(key, hashes.SHA256())
    )
    office = Office(key, root)
    with ExitStack() as stack:
        kind = "application/ocsp-response"
        office.ocsp_url = stack.enter_context(answering(office.answer, kind))
        office.crl_url = stack.enter_context(answering(office.list, "application/pkix-crl"))
        yield office


@pytest.fixture
def stamps(above: Office, tmp_path: Path) -> Iterator[str]:
    write_options(tmp_path)
    key = rsa.generate_private_key(65537, 2048)
    certificate = above.issue("TSA", key.public_key(), days=3650, stamps=True)
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "tsa.key").write_bytes(plain)
    (tmp_path / "tsa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    options = (tmp_path / "options").read_text().replace("certs = tsa.pem", "certs = chain.pem")
    (tmp_path / "options").write_text(options)
    (tmp_path / "chain.pem").write_bytes(above.root.public_bytes(Encoding.PEM))
    with time_stamping_authority(tmp_path) as url:
        yield url


@pytest.fixture
def long_term(stamps: str, settings, monkeypatch) -> None:
    settings.TSA_URL, settings.LONG_TERM_SIGNATURES = stamps, True
    monkeypatch.setattr(revocation, "READ_SECONDS", 0.5)


def add_key(above: Office, kind: str = "p256") -> Key:
    key: Any = (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "p256"
        else rsa.generate_private_key(65537, 2048)
    )
    certificate = above.issue("Cục", key.public_key(), days=30)
    store = serialize_key_and_certificates(b"k", key, certificate, [above.root], NoEncryption())
    return keys.add_signature_key(by=OFFICE, name=f"under-{kind}", pkcs12=store, password="")


def is_proved(pdf: bytes, root: x509.Certificate) -> bool:
    """What pyHanko says of signature and time stamp, at the time of the stamp, by what is in the
    file alone (PAdES-LT): nothing is fetched, and what nobody vouches for counts as revoked.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return False
    context = store.as_validation_context({
        "trust_roots": [asn1_x509.Certificate.load(root.public_bytes(Encoding.DER))],
        "allow_fetching": False, "revocation_mode": "hard-fail", "moment": stamped_on(pdf),
        "retroactive_revinfo": True,
    })  # fmt: skip
    (signature,) = reader.embedded_signatures
    # pyHanko runs a loop of asyncio, and after a browser test this thread has one already.
    with ThreadPoolExecutor(1) as thread:
        status = thread.submit(validate_pdf_signature, signature, context, context).result()
    stamp = status.timestamp_validity
    return bool(status.bottom_line and stamp and stamp.trusted)


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
@pytest.mark.parametrize(("way", "kind"), [("compiled", "p256"), ("rendered", "rsa")])
def test_a_certificate_carries_the_proof_that_nothing_was_revoked(
    run: CourseRun, above, monkeypatch, tmp_path, way, kind
):
    add_key(above, kind)
    if way == "rendered":
        monkeypatch.setattr(documents.DocumentBuilder, "_unsigned", _rendered)
    issued = issue_for_run(by=OFFICE, run=run).issued
    assert {one.made_with.startswith("rendered") for one in issued} == {way == "rendered"}
    pdf = issued[0].file.read()
    assert stamped_on(pdf)
    assert is_proved(pdf, above.root)
    # Of all files of a group each certificate is asked for once.
    assert above.asked == ["ocsp", "ocsp"]
    _require_everything_else_as_before(pdf, tmp_path)


def _rendered(self: Any, source: documents.DocumentSource) -> Any:
    return documents._rendered(source, f"{documents.RENDERED}:test")


def _require_everything_else_as_before(pdf: bytes, folder: Path) -> None:
    assert verify_file(pdf).state == "valid"
    assert [(one.intact, one.whole) for one in read_certificate(pdf).signatures] == [(True, True)]
    assert len(pdf) < 150_000
    path = folder / "long-term.pdf"
    path.write_bytes(pdf)
    assert {rules: broken for rules, broken in broken_rules([path]).items() if broken} == {}
    seen = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in seen.stdout


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
def test_a_duplicate_carries_the_proof_too(run: CourseRun, above, tmp_path):
    add_key(above)
    lost = issue_for_run(by=OFFICE, run=run).issued[0]
    pdf = duplicate_of(lost).file.read()
    assert is_proved(pdf, above.root)
    _require_everything_else_as_before(pdf, tmp_path)


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
def test_without_the_option_nobody_is_asked(run: CourseRun, above, settings):
    settings.LONG_TERM_SIGNATURES = False
    add_key(above)
    pdf = issue_for_run(by=OFFICE, run=run).issued[0].file.read()
    assert not is_proved(pdf, above.root)
    assert above.asked == []


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
def test_what_else_is_appended_behind_the_proof_is_noticed(run: CourseRun, above):
    add_key(above)
    pdf = issue_for_run(by=OFFICE, run=run).issued[0].file.read()
    assert [one.whole for one in read_certificate(pdf + b"\n% added\n").signatures] == [False]


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
@pytest.mark.parametrize("where", ["certificate", "setting"])
def test_a_list_proves_it_too(run: CourseRun, above, stamps, settings, where):
    above.ocsp_url = ""
    if where == "setting":
        settings.LONG_TERM_CRLS, above.crl_url = [above.crl_url], ""
    add_key(above)
    # The time-stamping authority's certificate names OCSP.
    pdf = issue_for_run(by=OFFICE, run=run).issued[0].file.read()
    assert is_proved(pdf, above.root)
    assert "crl" in above.asked


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
def test_a_key_whose_certificate_names_no_address_is_stamped_only(run: CourseRun, above):
    pdf = issue_for_run(by=OFFICE, run=run).issued[0].file.read()
    assert stamped_on(pdf)
    assert b"/DSS" not in pdf
    assert above.asked == []


def hangs(answer: bytes) -> bytes:
    time.sleep(1)
    return answer


def garbage(_answer: bytes) -> bytes:
    return b"\x30\x03\x0a\x01"


def nothing(_answer: bytes) -> bytes:
    return b""


def endless(_answer: bytes) -> bytes:
    return b"\x30" * 3_000_000


def changed(answer: bytes) -> bytes:
    return answer[:-9] + bytes([answer[-9] ^ 1]) + answer[-8:]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("long_term")
@pytest.mark.parametrize("instead", [hangs, garbage, nothing, endless, changed])
def test_who_cannot_be_asked_stops_the_batch_which_goes_on_later(run: CourseRun, above, instead):
    add_key(above)
    above.instead = instead
    batch = batches.start_batch(by=OFFICE, run=run, owner=None)
    job = batch.jobs.get()
    assert job.error_code == "no_revocation_data"
    assert "thu hồi" in job.error_message
    assert not Certificate.objects.exclude(file="").exists()

    above.instead = lambda answer: answer
    assert batches.revive_batches() == 1  # by itself, once
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    made = list(Certificate.objects.in_register_order())
    assert [one.register_number for one in made] == [1, 2, 3]
    assert all(is_proved(one.file.read(), above.root) for one in made)


def test_a_certificate_that_names_many_addresses_holds_nobody_up(above, monkeypatch):
    monkeypatch.setattr(revocation, "READ_SECONDS", 0.2)
    monkeypatch.setattr(revocation, "ALL_SECONDS", 0.5)
    above.addresses, above.instead = 20, hangs
    key = ec.generate_private_key(ec.SECP256R1())
    issued = above.issue("TSA", key.public_key(), days=30, stamps=True)
    chain = [
        asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in (issued, above.root)
    ]
    began = time.monotonic()
    with pytest.raises(revocation.RevocationError):
        revocation.revocation_data([chain], [], revocation.places_of(chain))
    assert time.monotonic() - began < 3


def test_addresses_that_lead_inward_are_not_asked_unless_our_own_key_names_them(above):
    key = ec.generate_private_key(ec.SECP256R1())
    issued = above.issue("TSA", key.public_key(), days=30, stamps=True)
    chain = [
        asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in (issued, above.root)
    ]
    with pytest.raises(revocation.RevocationError):
        revocation.revocation_data([chain], [])
    assert above.asked == []
    assert revocation.revocation_data([chain], [], revocation.places_of(chain))
    assert above.asked == ["ocsp"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("long_term")
def test_a_token_that_names_another_signer_is_a_clear_state(
    run: CourseRun, above, settings, caplog
):
    honest: str = settings.TSA_URL

    def of_another(query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        sent = requests.post(honest, query, headers=headers, timeout=10)
        answer = tsp.TimeStampResp.load(sent.content)
        (info,) = answer["time_stamp_token"]["content"]["signer_infos"]
        other = asn1_x509.Name.build({"common_name": "Another"})
        info["sid"].chosen["issuer"] = other
        return bytes(answer.dump(force=True))

    add_key(above)
    with answering(of_another, "application/timestamp-reply") as url:
        settings.TSA_URL = url
        batch = batches.start_batch(by=OFFICE, run=run, owner=None)
    assert batch.jobs.get().error_code == "no_time_stamp"
    assert "odd certificates" in caplog.text
    assert not Certificate.objects.exclude(file="").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("long_term")
@pytest.mark.parametrize("how", ["ocsp", "crl"])
def test_a_revoked_signer_issues_nothing(run: CourseRun, above, how):
    if how == "crl":
        above.ocsp_url = ""
    row = add_key(above)
    above.revoked.add(x509.load_pem_x509_certificate(row.public.encode()).serial_number)
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "signer_revoked"
    assert not Certificate.objects.exclude(file="").exists()
