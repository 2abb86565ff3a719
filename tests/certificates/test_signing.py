import asyncio
import datetime as dt
import io
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from certificates.file_contents import code_in, read_certificate
from certificates.pdf import CertificateRenderer
from certificates.signing import SigningKey, load_key, self_signed_pkcs12
from common.errors import DomainError
from tests.certificates.samples import CODE, usual
from tests.pdfs import complaints_of_qpdf
from tests.validators.vera import broken_rules

MADE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
AT = dt.datetime(2024, 7, 5, 3, 30, tzinfo=dt.UTC)
PASSWORD = "mật khẩu"


@pytest.fixture(scope="module")
def pkcs12() -> bytes:
    return self_signed_pkcs12("Cục Chuyển đổi số quốc gia", PASSWORD, valid_from=MADE)


@pytest.fixture(scope="module")
def key(pkcs12: bytes) -> SigningKey:
    return load_key(pkcs12, PASSWORD)


@pytest.fixture(scope="module")
def rsa_key() -> SigningKey:
    """An RSA key under an authority, as certificates of state bodies are."""
    root, leaf = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    names = [
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("CA", "Cục")
    ]
    authority, certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(names[0])
        .public_key(public.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(MADE)
        .not_valid_after(MADE + dt.timedelta(days=3650))
        .sign(root, hashes.SHA256())
        for name, public in zip(names, (root, leaf), strict=True)
    )
    store = serialize_key_and_certificates(b"x", leaf, certificate, [authority], NoEncryption())
    return load_key(store, "")


@pytest.fixture(scope="module")
def unsigned(renderer: CertificateRenderer) -> bytes:
    return renderer.render(usual())


@pytest.fixture(scope="module")
def signed(key: SigningKey, unsigned: bytes) -> bytes:
    return key.sign(unsigned, at=AT, reason="Cấp giấy chứng nhận")


def test_a_signed_certificate_is_still_pdf_a_and_pdf_ua(signed, rsa_key, unsigned, tmp_path):
    paths = [tmp_path / "ec.pdf", tmp_path / "rsa.pdf"]
    for path, pdf in zip(paths, (signed, rsa_key.sign(unsigned, at=AT)), strict=True):
        path.write_bytes(pdf)
        assert path.stat().st_size <= 110_000
        assert complaints_of_qpdf(path) == ""
    assert not any(broken_rules(paths).values())


def test_a_signed_certificate_stays_pdf_1_7(signed):
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert pdf.pdf_version == "1.7"


def test_the_signature_reads_back(signed, key):
    (report,) = read_certificate(signed).signatures
    assert (report.intact, report.whole) == (True, True)
    assert report.fingerprint == key.fingerprint
    assert report.signed_at == AT
    assert "Cục Chuyển đổi số quốc gia" in report.signer


def test_the_signature_of_an_rsa_key_with_a_chain_reads_back(rsa_key, unsigned):
    (report,) = read_certificate(rsa_key.sign(unsigned, at=AT)).signatures
    assert (report.intact, report.whole) == (True, True)


def test_poppler_finds_the_signature_valid(signed, tmp_path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    run = subprocess.run(
        ["pdfsig", "-nocert", path], capture_output=True, text=True, check=False, timeout=60
    )
    assert "Signature is Valid." in run.stdout
    assert "Total document signed" in run.stdout
    assert "ETSI.CAdES.detached" in run.stdout


def test_the_machine_s_clock_leaves_no_trace_in_a_signed_file(signed, unsigned):
    with pikepdf.open(io.BytesIO(signed)) as pdf, pikepdf.open(io.BytesIO(unsigned)) as before:
        assert pdf.docinfo.ModDate == before.docinfo.ModDate
        assert pdf.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()


def test_no_change_is_allowed_after_the_signature(signed):
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        reference = pdf.Root.Perms.DocMDP.Reference[0]
        assert int(reference.TransformParams.P) == 1


def test_a_changed_byte_breaks_the_signature(signed):
    changed = bytearray(signed)
    changed[changed.index(b"stream") + 40] ^= 1
    assert all(not report.intact for report in read_certificate(bytes(changed)).signatures)


def test_appended_bytes_are_noticed(signed):
    longer = signed + b"\n% added\n"
    assert [report.whole for report in read_certificate(longer).signatures] == [False]


def test_a_signed_certificate_still_contains_its_code(signed):
    assert code_in(signed) == CODE


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04" * 99])
def test_what_is_no_pdf_has_no_signatures_and_takes_none(key, content):
    assert read_certificate(content).signatures == ()
    with pytest.raises(DomainError) as refused:
        key.sign(content, at=AT)
    assert refused.value.code == "not_signable"


def test_half_of_a_signed_file_has_no_intact_signature(signed):
    half = signed[: len(signed) - 4000]
    assert not any(report.intact and report.whole for report in read_certificate(half).signatures)


def test_an_unsigned_certificate_has_no_signature(unsigned):
    assert read_certificate(unsigned).signatures == ()


def test_a_certificate_is_signed_once(signed, key):
    with pytest.raises(DomainError) as refused:
        key.sign(signed, at=AT)
    assert refused.value.code == "already_signed"


def test_a_wrong_password_is_refused(pkcs12):
    with pytest.raises(DomainError) as refused:
        load_key(pkcs12, "sai")
    assert refused.value.code == "wrong_password"


def test_a_store_without_a_key_is_refused(key):
    store = serialize_key_and_certificates(b"x", None, key.certificate, None, NoEncryption())
    with pytest.raises(DomainError) as refused:
        load_key(store, "")
    assert refused.value.code == "unusable_key"


@pytest.mark.parametrize("moment", [MADE - dt.timedelta(1), MADE + dt.timedelta(days=3651)])
def test_an_expired_signer_signs_nothing(key, unsigned, moment):
    with pytest.raises(DomainError) as refused:
        key.sign(unsigned, at=moment)
    assert refused.value.code == "signer_expired"


def test_signing_and_reading_work_where_an_event_loop_runs(key, unsigned):
    async def sign_and_read() -> bool:
        (report,) = read_certificate(key.sign(unsigned, at=AT)).signatures
        return report.intact

    # In a thread of its own: the browser's tests leave a loop running in theirs.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, sign_and_read()).result()
