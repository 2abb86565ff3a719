"""Documents signed outside: out unsigned, back signed, each checked against what was issued."""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import SimpleSigner

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import SignedBy
from certificates.errors import CertificateError
from certificates.models import Certificate, IssuingTerms, Key
from certificates.services.issuing import issue_for_run
from certificates.services.outside import take_signed_file, take_signed_files, unsigned_set
from certificates.services.verifying import verify_code, verify_file
from certificates.signing import self_signed_pkcs12

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def token(tmp_path_factory) -> SimpleSigner:
    """A key that this server never sees, as on a token."""
    path = tmp_path_factory.mktemp("token") / "token.p12"
    made = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    path.write_bytes(self_signed_pkcs12("Ban Cơ yếu", "pin", valid_from=made))
    signer = SimpleSigner.load_pkcs12(path, passphrase=b"pin")
    assert isinstance(signer, SimpleSigner)
    return signer


@pytest.fixture
def sent_out(run) -> list[bytes]:
    """The unsigned set of a class that is signed outside; there is no key here."""
    Key.objects.filter(use="signature").delete()
    IssuingTerms.objects.create(run=run, signed_by=SignedBy.OUTSIDE)
    issue_for_run(by=OFFICE, run=run)
    return [content for _name, content in unsigned_set(run)]


def signed(content: bytes, token: SimpleSigner, *, visible: bool = False) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    if visible:
        append_signature_field(writer, SigFieldSpec("Official", box=(500, 60, 640, 120)))
    field = PdfSignatureMetadata(field_name="Official")
    # pyHanko starts an event loop of its own, which Playwright's in this thread would forbid.
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(sign_pdf, writer, field, signer=token).result()
    return bytes(done.getvalue())


def refused(content: bytes, **expected) -> str:
    with pytest.raises(CertificateError) as error:
        take_signed_file(by=OFFICE, content=content, **expected)
    assert error.value.message.endswith(".")
    assert not Certificate.objects.exclude(file="").exists()
    return error.value.code


def test_nothing_lies_in_storage_until_the_signed_files_are_back(sent_out, settings) -> None:
    assert len(sent_out) == 3
    assert list(settings.MEDIA_ROOT.rglob("*.pdf")) == []


def test_the_unsigned_set_is_the_same_whenever_it_is_asked_for(sent_out, run) -> None:
    assert [content for _name, content in unsigned_set(run)] == sent_out


@pytest.mark.parametrize("visible", [False, True])
def test_a_signed_file_is_taken_back_and_verifies(sent_out, token, visible) -> None:
    content = signed(sent_out[0], token, visible=visible)
    certificate = take_signed_file(by=OFFICE, content=content)
    assert verify_file(content).state == "valid"
    assert verify_code(certificate.verification_code).state == "valid"


def test_a_batch_of_files_is_taken_one_by_one(sent_out, token, run) -> None:
    back = [("a.pdf", signed(sent_out[0], token)), ("b.pdf", b"%PDF-1.7"), ("c.pdf", sent_out[2])]
    taken = take_signed_files(by=OFFICE, files=iter(back))
    assert [one.code for one in taken] == ["", "not_ours", "not_signed"]
    assert len(list(unsigned_set(run))) == 2


def test_a_signed_file_for_another_certificate_is_refused(sent_out, token) -> None:
    second = Certificate.objects.order_by("register_number")[1]
    assert refused(signed(sent_out[0], token), expected=second) == "other_certificate"


def test_an_unsigned_file_is_refused(sent_out) -> None:
    assert refused(sent_out[0]) == "not_signed"


def test_a_file_that_was_saved_anew_before_signing_is_refused(sent_out, token) -> None:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(sent_out[0])) as pdf:
        pdf.save(output)
    assert refused(signed(output.getvalue(), token)) == "not_what_was_issued"


def test_a_page_changed_by_an_update_before_signing_is_refused(sent_out, token) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sent_out[0]))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = writer.add_object(_number(90))
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)
    assert refused(signed(changed.getvalue(), token)) == "not_what_was_issued"


def _number(value: int):
    from pyhanko.pdf_utils.generic import NumberObject

    return NumberObject(value)


def test_a_signature_that_was_broken_afterwards_is_refused(sent_out, token) -> None:
    assert refused(signed(sent_out[0], token) + b"\n% more\n") == "not_signed"


def test_what_is_back_is_not_taken_twice(sent_out, token) -> None:
    take_signed_file(by=OFFICE, content=signed(sent_out[0], token))
    with pytest.raises(CertificateError) as error:
        take_signed_file(by=OFFICE, content=signed(sent_out[0], token))
    assert error.value.code == "not_waiting"
