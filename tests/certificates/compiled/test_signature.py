"""Signatures through a prepared CMS are those that pyHanko would make."""

import datetime as dt
import io
import subprocess

import pikepdf
import pytest

from certificates.compiled import signature
from certificates.errors import CertificateError
from certificates.file_contents import code_in, read_certificate
from certificates.signing import SigningKey
from tests.certificates.compiled.conftest import CREDENTIAL, Ways
from tests.certificates.samples import CODE, usual
from tests.certificates.test_signing import AT, MADE, key, pkcs12, rsa_key
from tests.pdfs import complaints_of_qpdf
from tests.validators.vera import broken_rules

__all__ = ["key", "pkcs12", "rsa_key"]


@pytest.fixture(params=["key", "rsa_key"])
def any_key(request: pytest.FixtureRequest) -> SigningKey:
    found: SigningKey = request.getfixturevalue(request.param)
    return found


def signed(ways: Ways, key: SigningKey, **changes: str) -> bytes:
    return signature.sign(ways.compiled.make(usual(**changes), CREDENTIAL), key, AT)


def test_the_signature_reads_back_with_its_true_time(default_ways, any_key):
    (report,) = read_certificate(signed(default_ways, any_key)).signatures
    assert (report.intact, report.whole) == (True, True)
    assert (report.fingerprint, report.signed_at) == (any_key.fingerprint, AT)


def test_signatures_of_every_length_read_back(default_ways, key):
    """ECDSA's DER has 70 to 72 bytes, rarely fewer."""
    for number in range(24):
        content = signed(default_ways, key, register_number=f"{number:04d}/2026/AI")
        (report,) = read_certificate(content).signatures
        assert (report.intact, report.whole) == (True, True)


def test_the_signed_file_begins_with_the_unsigned_one(default_ways, any_key):
    unsigned = default_ways.compiled.make(usual(), CREDENTIAL).content
    assert signed(default_ways, any_key).startswith(unsigned)


def test_a_changed_byte_breaks_the_signature(default_ways, any_key):
    content = bytearray(signed(default_ways, any_key))
    content[content.index(b"stream") + 40] ^= 1
    assert all(not report.intact for report in read_certificate(bytes(content)).signatures)


def test_appended_bytes_are_noticed(default_ways, any_key):
    longer = signed(default_ways, any_key) + b"\n% added\n"
    assert [report.whole for report in read_certificate(longer).signatures] == [False]


def test_no_change_is_allowed_after_the_signature_and_the_version_stays(default_ways, any_key):
    with pikepdf.open(io.BytesIO(signed(default_ways, any_key))) as pdf:
        reference = pdf.Root.Perms.DocMDP.Reference[0]
        assert int(reference.TransformParams.P) == 1
        assert pdf.pdf_version == "1.7"
        assert pdf.attachments["credential.json"].get_file().read_bytes() == CREDENTIAL.content


def test_poppler_qpdf_and_verapdf_find_it_valid(default_ways, key, rsa_key, tmp_path):
    paths = []
    for name, one in (("ec", key), ("rsa", rsa_key)):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(signed(default_ways, one))
        paths.append(path)
        seen = subprocess.run(
            ["pdfsig", "-nocert", path], capture_output=True, text=True, check=False, timeout=60
        )
        assert "Signature is Valid." in seen.stdout
        assert "Total document signed" in seen.stdout
        assert complaints_of_qpdf(path) == ""
        assert path.stat().st_size <= 140_000
        assert code_in(path.read_bytes()) == CODE
    assert not any(broken_rules(paths).values())


def test_the_container_is_the_one_that_pyhanko_writes(default_ways, any_key):
    """Certificates, attributes and algorithms, one for one; only digest and signature differ."""
    ours = _container(signed(default_ways, any_key))
    theirs = _container(any_key.sign(default_ways.renderer.render(usual()), at=AT))
    for one in (ours, theirs):
        info = one["content"]["signer_infos"][0]
        info["signature"] = b""
        for attribute in info["signed_attrs"]:
            if attribute["type"].native == "message_digest":
                attribute["values"] = [b""]
    assert ours.dump(force=True) == theirs.dump(force=True)


def _container(content: bytes):
    from asn1crypto import cms
    from pyhanko.pdf_utils.reader import PdfFileReader

    value = PdfFileReader(io.BytesIO(content)).embedded_signatures[0].sig_object
    return cms.ContentInfo.load(bytes(value["/Contents"]))


@pytest.mark.parametrize("moment", [MADE - dt.timedelta(1), MADE + dt.timedelta(days=3651)])
def test_an_expired_signer_signs_nothing(default_ways, any_key, moment):
    with pytest.raises(CertificateError) as refused:
        signature.sign(default_ways.compiled.make(usual(), CREDENTIAL), any_key, moment)
    assert refused.value.code == "signer_expired"
