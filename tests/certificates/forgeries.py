"""Keys of signers outside, what they sign with, and what else somebody could add to a file."""

import datetime as dt
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, StreamObject
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.generic import pdf_string as text
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import SimpleSigner

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import Certificate, IssuingBody, SignerCertificate
from certificates.services.outside_signatures import accept_signed_file
from certificates.services.signer_certificates import enter_certificate, read_certificate


@dataclass
class Token:
    """A key with its certificate, and those of the authorities above it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: list[x509.Certificate] = field(default_factory=list)

    @classmethod
    def self_signed(cls, called: str, **options: Any) -> "Token":
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(key, make_certificate(called, key.public_key(), called, key, **options))

    @classmethod
    def authority(cls, called: str, **options: Any) -> "Token":
        return cls.self_signed(called, authority=True, **options)

    def issue(self, called: str, **options: Any) -> "Token":
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        issued = make_certificate(called, key.public_key(), str(issuer), self.key, **options)
        return Token(key, issued, [self.certificate, *self.chain])

    def issue_authority(self, called: str) -> "Token":
        return self.issue(called, authority=True)

    def signer(self) -> SimpleSigner:
        pkcs12 = serialize_key_and_certificates(
            b"t", self.key, self.certificate, self.chain, NoEncryption()
        )
        signer = SimpleSigner.load_pkcs12_data(pkcs12, other_certs=[])
        assert isinstance(signer, SimpleSigner)
        return signer

    def list_of_revoked(self, other: "Token") -> asn1_crl.CertificateList:
        now = dt.datetime.now(dt.UTC)
        revoked = (
            x509.RevokedCertificateBuilder()
            .serial_number(other.certificate.serial_number)
            .revocation_date(now - dt.timedelta(hours=1))
            .build()
        )
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - dt.timedelta(minutes=5))
            .next_update(now + dt.timedelta(days=1))
            .add_revoked_certificate(revoked)
            .sign(self.key, hashes.SHA256())
        )
        return asn1_crl.CertificateList.load(made.public_bytes(Encoding.DER))


def make_certificate(
    called: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    *,
    authority: bool = False,
    for_signing: bool = True,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    valid_from: dt.datetime | None = None,
    days: int = 3650,
) -> x509.Certificate:
    start = valid_from or dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    usage = dict.fromkeys(
        ("data_encipherment", "encipher_only", "decipher_only"), False
    ) | {
        "digital_signature": for_signing and not authority,
        "content_commitment": for_signing and not authority,
        "key_encipherment": False,
        "key_agreement": not for_signing,
        "key_cert_sign": authority,
        "crl_sign": authority,
    }  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(_named(called))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
        .sign(by, hashes.SHA256())
    )


def _named(called: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, called)])


def enter(certificate: x509.Certificate, body: IssuingBody) -> SignerCertificate:
    found = read_certificate(certificate.public_bytes(Encoding.PEM))
    return enter_certificate(by=OFFICE, body=body, certificate=found)


def refused(content: bytes, *, taken: int = 0, **expected: Any) -> str:
    """The code of the refusal; nothing was stored."""
    with pytest.raises(CertificateError) as error:
        accept_signed_file(by=OFFICE, content=content, **expected)
    assert error.value.message.endswith(".")
    assert Certificate.objects.exclude(file="").count() == taken
    return error.value.code


# Signing ------------------------------------------------------------------------------------


def signed(
    content: bytes,
    token: Token,
    *,
    prepare: Callable[[IncrementalPdfFileWriter], None] = lambda writer: None,
    field: str = "Official",
    certify: bool = False,
    at: dt.datetime | None = None,
    revoked_by: Token | None = None,
) -> bytes:
    """The file with a signature; ``prepare`` writes into the same update what it likes."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    prepare(writer)
    signer = token.signer()
    options: dict[str, Any] = {}
    if revoked_by:
        _put_beside(signer, revoked_by.list_of_revoked(token))
    if certify:
        options = {"certify": True, "docmdp_permissions": MDPPerm.NO_CHANGES}
    metadata = PdfSignatureMetadata(field_name=field, **options)
    # pyHanko starts an event loop of its own, which Playwright's in this thread would forbid.
    with ThreadPoolExecutor(1) as thread:
        if at:
            done = thread.submit(_sign_dated, writer, metadata, signer, at).result()
        else:
            done = thread.submit(sign_pdf, writer, metadata, signer=signer).result()
    return bytes(done.getvalue())


def _sign_dated(writer: Any, metadata: Any, signer: Any, at: dt.datetime) -> Any:
    from pyhanko.sign.signers import PdfSigner

    class Dated(PdfSigner):
        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            session = super().init_signing_session(*arguments, **options)
            session.system_time = at
            return session

    return Dated(metadata, signer=signer).sign_pdf(writer)


def _put_beside(signer: SimpleSigner, revocations: asn1_crl.CertificateList) -> None:
    """Have the signature carry a list of revoked certificates, as Adobe's do."""
    from asn1crypto.cms import CMSAttributes
    from pyhanko.sign.attributes import AdobeRevinfoProvider

    provider = AdobeRevinfoProvider(value={"crl": [revocations]})

    async def with_revocations(*arguments: Any, **options: Any) -> CMSAttributes:
        attributes = await type(signer).signed_attrs(signer, *arguments, **options)
        return CMSAttributes([*attributes, await provider.get_attribute()])

    signer.signed_attrs = with_revocations  # type: ignore[method-assign]  # a forger's signer


# What could be added ------------------------------------------------------------------------

Forgery = Callable[[bytes, Token], bytes]


def _page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0].get_object()


def _changing(change: Callable[[IncrementalPdfFileWriter], None]) -> Forgery:
    """Changed and signed in one update."""
    return lambda content, token: signed(content, token, prepare=change)


def _update(content: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _in_page(key: str, value: Callable[[IncrementalPdfFileWriter], Any]) -> Forgery:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        page[name(key)] = value(writer)
        writer.update_container(page)

    return _changing(change)


def _in_catalog(key: str, value: Callable[[IncrementalPdfFileWriter], Any]) -> Forgery:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[name(key)] = value(writer)
        writer.update_root()

    return _changing(change)


def _numbers(*values: int) -> ArrayObject:
    return ArrayObject([NumberObject(value) for value in values])


def _dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({name(f"/{key}"): value for key, value in entries.items()})


def _script(writer: IncrementalPdfFileWriter) -> Any:
    return writer.add_object(_dictionary(S=name("/JavaScript"), JS=text("app.alert(1)")))


_PAINT = b"1 1 1 rg 0 0 2000 2000 re f"


def _painted_annotation(writer: IncrementalPdfFileWriter, **entries: Any) -> Any:
    drawing = StreamObject(
        {
            name("/Type"): name("/XObject"),
            name("/Subtype"): name("/Form"),
            name("/BBox"): _numbers(0, 0, 2000, 2000),
        },
        stream_data=_PAINT,
    )
    appearance = _dictionary(N=writer.add_object(drawing))
    values = {"Rect": _numbers(0, 0, 900, 600), "AP": appearance, "F": NumberObject(4)} | entries
    return writer.add_object(_dictionary(Type=name("/Annot"), **values))


def _annotated(writer: IncrementalPdfFileWriter, **entries: Any) -> None:
    page = _page(writer)
    there = list(page.get("/Annots", []))
    page[name("/Annots")] = ArrayObject([*there, _painted_annotation(writer, **entries)])
    writer.update_container(page)


def _page_wide_field(content: bytes, token: Token) -> bytes:
    """An opaque field as large as the page, the signature's own."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Official", box=(0, 0, 900, 600)))

    return signed(content, token, prepare=change)


def _small_field(content: bytes, token: Token) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Official", box=(500, 60, 640, 120)))

    return signed(content, token, prepare=change)


def _painted_twin(writer: IncrementalPdfFileWriter) -> None:
    """A second widget of the signature's field, which is seen."""
    append_signature_field(writer, SigFieldSpec("Official", box=(0, 0, 0, 0)))
    field = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    _annotated(writer, Subtype=name("/Widget"), Parent=field)


VISIBLE: dict[str, Forgery] = {
    "page-wide field": _page_wide_field,
    "small field": _small_field,
    "second widget of the field": _changing(_painted_twin),
}


def _more_content(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    there = page.raw_get("/Contents")
    there = list(there) if isinstance(there, ArrayObject) else [there]
    extra = writer.add_object(StreamObject(stream_data=_PAINT))
    page[name("/Contents")] = ArrayObject([*there, extra])
    writer.update_container(page)


def _overwritten_content(writer: IncrementalPdfFileWriter) -> None:
    content = _page(writer)["/Contents"]
    content = content[0] if isinstance(content, ArrayObject) else content
    content = content.get_object()
    content._data = _PAINT
    content._encoded_data = None
    writer.update_container(content)


def _second_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages["/Kids"].raw_get(0))
    pages[name("/Count")] = NumberObject(2)
    writer.update_container(pages)


def _hidden_stream(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(StreamObject(stream_data=_PAINT))


def _text_field(writer: IncrementalPdfFileWriter) -> None:
    shown = _dictionary(
        Type=name("/Annot"), Subtype=name("/Widget"), FT=name("/Tx"), T=text("x"),
        V=text("x"), Rect=_numbers(0, 0, 0, 0),
    )  # fmt: skip
    writer.root[name("/AcroForm")] = _dictionary(Fields=ArrayObject([writer.add_object(shown)]))
    writer.update_root()


def _calculated_form(writer: IncrementalPdfFileWriter) -> Any:
    return _dictionary(Fields=ArrayObject(), CO=ArrayObject([_script(writer)]))


def _waiting_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Later"))


def _other_words(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer_view["/Info"]
    info[name("/Title")] = text("Bằng tiến sĩ")
    writer.update_container(info)


def _attachment(writer: IncrementalPdfFileWriter) -> Any:
    from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file

    file = EmbeddedFileObject.from_file_data(writer, data=b"x", mime_type="text/plain")
    embed_file(writer, FileSpec("x.txt", embedded_data=file))


def _changed_then_signed(content: bytes, token: Token) -> bytes:
    """Two updates, the last of them signed."""
    return signed(_update(content, _more_content), token)


def _changed_back_before_the_second(content: bytes, token: Token) -> bytes:
    """The first signature covers another page than the last."""

    def restore(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        page[name("/Contents")] = page["/Contents"].raw_get(0)
        writer.update_container(page)

    first = signed(content, token, prepare=_more_content, field="One")
    return signed(first, token, prepare=restore, field="Two")


def _signed_then_changed(content: bytes, token: Token) -> bytes:
    return _update(signed(content, token), _more_content)


def _without_the_end(content: bytes, token: Token) -> bytes:
    return signed(content, token)[:-20]


def _moved_table(content: bytes, token: Token) -> bytes:
    """Old object numbers that lead to other objects of the old bytes."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        content_id = page.raw_get("/Contents")
        content_id = content_id[0] if isinstance(content_id, ArrayObject) else content_id
        replaced = generic.IndirectObject(content_id.idnum, content_id.generation, writer)
        writer.objects[(replaced.generation, replaced.idnum)] = StreamObject(stream_data=b" ")

    return signed(content, token, prepare=change)


def _replaced(kind: str) -> Forgery:
    """The first object of a kind (``/Font``, ``/XObject``) of the page, under its old number."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        found = next(iter(_page(writer)["/Resources"][kind].values())).get_object()
        found[name("/Name")] = name("/Other")
        writer.update_container(found)

    return _changing(change)


def _by_hand(content: bytes, token: Token, *, body: bytes, about: bytes = b"") -> bytes:
    """One more update of a signed file, written without a library's care."""
    before = signed(content, token)
    start = before.rindex(b"startxref")
    previous = int(before[start + 9 :].split()[0])
    at = len(before) + 1
    root = re.findall(rb"/Root (\d+ \d+ R)", before)[-1]
    update = b"\n" + body + b"\n"
    table = at + len(body) + 1
    update += b"xref\n3 1\n%010d 00000 n \n3 1\n%010d 00000 n \n" % (at, at)
    update += b"trailer <</Size 999 /Root %b /Prev %d %b>>\n" % (root, previous, about)
    return before + update + b"startxref\n%d\n%%%%EOF\n" % table


def _listed_twice(content: bytes, token: Token) -> bytes:
    """Two entries for one object in one table: readers differ in which one counts."""
    return _by_hand(content, token, body=b"3 0 obj <<>> endobj")


def _hybrid_table(content: bytes, token: Token) -> bytes:
    """A second table, which only some readers look at."""
    return _by_hand(content, token, body=b"3 0 obj <<>> endobj", about=b"/XRefStm 20")


def _behind_the_end(content: bytes, token: Token) -> bytes:
    return signed(content, token) + b"\n1 0 obj <<>> endobj\n%%EOF\n"


def _inherited_resources(writer: IncrementalPdfFileWriter) -> None:
    """Fonts of the page tree, which stand in for those that a page does not name."""
    pages = writer.root["/Pages"]
    pages[name("/Resources")] = _dictionary(Font=_dictionary())
    writer.update_container(pages)


def _ocg(writer: IncrementalPdfFileWriter) -> Any:
    layer = writer.add_object(_dictionary(Type=name("/OCG"), Name=text("x")))
    return _dictionary(OCGs=ArrayObject([layer]), D=_dictionary(ON=ArrayObject([layer])))


def _other_tree(writer: IncrementalPdfFileWriter) -> Any:
    there = writer.root["/Pages"]
    tree = {name("/Rotate"): NumberObject(180)} | dict(there)
    return writer.add_object(DictionaryObject(tree))


FORGERIES: dict[str, Forgery] = {
    "turned page": _in_page("/Rotate", lambda _w: NumberObject(90)),
    "smaller page": _in_page("/CropBox", lambda _w: _numbers(0, 0, 200, 200)),
    "other media box": _in_page("/MediaBox", lambda _w: _numbers(0, 0, 200, 200)),
    "other resources": _in_page("/Resources", lambda _w: _dictionary()),
    "page script": _in_page("/AA", lambda w: _dictionary(O=_script(w))),
    "page of another unit": _in_page("/UserUnit", lambda _w: NumberObject(2)),
    "script at opening": _in_catalog("/OpenAction", _script),
    "named script": _in_catalog("/Names", lambda w: _dictionary(JavaScript=_script(w))),
    "layers": _in_catalog("/OCProperties", _ocg),
    "other language": _in_catalog("/Lang", lambda _w: text("en")),
    "other structure": _in_catalog("/StructTreeRoot", lambda _w: _dictionary()),
    "other page tree": _in_catalog("/Pages", _other_tree),
    "more content": _changing(_more_content),
    "overwritten content": _changing(_overwritten_content),
    "object replaced under its number": _moved_table,
    "replaced font": _replaced("/Font"),
    "replaced picture": _replaced("/XObject"),
    "inherited resources": _changing(_inherited_resources),
    "object listed twice": _listed_twice,
    "second table for some readers": _hybrid_table,
    "object behind the end": _behind_the_end,
    "page drawn as a group": _in_page("/Group", lambda _w: _dictionary(S=name("/Transparency"))),
    "second page": _changing(_second_page),
    "stamp over the page": _changing(lambda w: _annotated(w, Subtype=name("/Stamp"))),
    "free text over the page": _changing(lambda w: _annotated(w, Subtype=name("/FreeText"))),
    "hidden stamp for later": _changing(
        lambda w: _annotated(w, Subtype=name("/Stamp"), F=NumberObject(2))
    ),
    "link over the page": _changing(lambda w: _annotated(w, Subtype=name("/Link"))),
    "hidden content for later": _changing(_hidden_stream),
    "text field": _changing(_text_field),
    "field that waits for a signature": _changing(_waiting_field),
    "script of a form": _in_catalog("/AcroForm", _calculated_form),
    "other title": _changing(_other_words),
    "attachment": _changing(_attachment),
    "changed, then signed": _changed_then_signed,
    "first signature over another page": _changed_back_before_the_second,
    "signed, then changed": _signed_then_changed,
    "cut off": _without_the_end,
}


# What signing programs add ------------------------------------------------------------------


def _as_itext_does(writer: IncrementalPdfFileWriter) -> None:
    """The day of the change and the program's name in the information dictionary."""
    info = writer.trailer_view["/Info"]
    info[name("/ModDate")] = text("D:20261129120000+07'00'")
    info[name("/Producer")] = text("iText 5.5.13")
    writer.update_container(info)


def _field_of_no_size(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Official", box=(0, 0, 0, 0)))


HONEST: dict[str, Forgery] = {
    "plain": lambda content, token: signed(content, token),
    "certified": lambda content, token: signed(content, token, certify=True),
    "with its own information": _changing(_as_itext_does),
    "with a field of no size": _changing(_field_of_no_size),
}
