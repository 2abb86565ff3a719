"""Files that harm whoever opens them, made by code: small, and each of a kind of its own."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf

Bomb = Callable[[], bytes]
CODE = b"/ByteRange"

# PDF --------------------------------------------------------------------------------------


def pdf(objects: dict[int, bytes], trailer: bytes = b"/Root 1 0 R", tail: bytes = b"") -> bytes:
    """A file of objects as they are given, right or wrong."""
    out, offsets = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets.get(number, 0)
    trailer = trailer.replace(b"START", b"%d" % start)
    out += b"trailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out + tail)


def signed_pdf(**changes: bytes) -> dict[int, bytes]:
    """The objects of a file with a signature field, with some parts changed."""
    part = {
        "catalog": b"<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R %b >>",
        "extra": b"",
        "pages": b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "page": b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [5 0 R] >>",
        "form": b"<< /Fields [5 0 R] /SigFlags 3 >>",
        "field": b"<< /FT /Sig /T (s) /Subtype /Widget /Rect [0 0 0 0] /V 6 0 R >>",
        "range": b"[0 100 200 100]",
        "contents": b"<3003020100>",
        "filter": b"/Adobe.PPKLite",
        "subfilter": b"/ETSI.CAdES.detached",
        "when": b"(D:20260101000000Z)",
    } | changes
    return {
        1: part["catalog"].replace(b"%b", part["extra"]),
        2: part["pages"],
        3: part["page"],
        4: part["form"],
        5: part["field"],
        6: b"<< /Type /Sig /Filter %b /SubFilter %b /ByteRange %b /Contents %b /M %b >>"
        % (part["filter"], part["subfilter"], part["range"], part["contents"], part["when"]),
    }


def stream(content: bytes, about: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (about, len(content), content)


def nested_fields(depth: int = 40) -> bytes:
    """Each field has the next one twice: 2^depth visits."""
    objects = signed_pdf(form=b"<< /Fields [10 0 R] /SigFlags 3 >>")
    for level in range(depth):
        number = 10 + level
        kid = b"%d 0 R" % (number + 1)
        objects[number] = b"<< /T (f%d) /Kids [%b %b] >>" % (level, kid, kid)
    objects[10 + depth] = b"<< /FT /Sig /T (s) >>"  # unsigned, so that every path is walked
    return pdf(objects)


def field_cycle() -> bytes:
    objects = signed_pdf(form=b"<< /Fields [10 0 R] >>")
    objects[10] = b"<< /T (a) /Kids [10 0 R 10 0 R 5 0 R] /Parent 10 0 R >>"
    return pdf(objects)


def page_tree_cycle() -> bytes:
    return pdf(signed_pdf(pages=b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 /Parent 2 0 R >>"))


def wide_page_tree(depth: int = 40) -> bytes:
    objects = signed_pdf(pages=b"<< /Type /Pages /Kids [10 0 R 10 0 R] /Count 9 >>")
    for level in range(depth):
        kid = b"%d 0 R" % (11 + level)
        objects[10 + level] = b"<< /Type /Pages /Kids [%b %b] /Count 9 >>" % (kid, kid)
    objects[10 + depth] = objects[3]
    return pdf(objects)


def flate_bomb(layers: int = 2) -> bytes:
    content = zlib.compress(bytes(200_000_000), 9)
    for _layer in range(layers - 1):
        content = zlib.compress(content, 9)
    objects = signed_pdf(
        page=b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 9 0 R >>"
    )
    objects[9] = stream(content, b"/Filter [%b]" % (b"/FlateDecode " * layers))
    return pdf(objects)


def object_stream_bomb() -> bytes:
    objects = signed_pdf()
    body = b"".join(b"%d 0 " % n for n in range(10, 10_010)) + b"<<>>"
    about = b"/Type /ObjStm /N 2000000000 /First 7 /Extends 9 0 R /Filter /FlateDecode"
    objects[9] = stream(zlib.compress(body + bytes(50_000_000)), about)
    return pdf(objects)


def attached_bomb() -> bytes:
    objects = signed_pdf(
        extra=b"/Names << /EmbeddedFiles << /Names [(credential.json) 9 0 R] >> >>"
    )
    objects[9] = b"<< /Type /Filespec /F (credential.json) /EF << /F 10 0 R >> >>"
    content = zlib.compress(b"{" + bytes(300_000_000), 9)
    objects[10] = stream(content, b"/Type /EmbeddedFile /Filter /FlateDecode")
    return pdf(objects)


def names_cycle() -> bytes:
    objects = signed_pdf(extra=b"/Names << /EmbeddedFiles 9 0 R >>")
    objects[9] = b"<< /Kids [9 0 R 9 0 R] /EmbeddedFile 1 >>"
    return pdf(objects)


def deep(opening: bytes, closing: bytes, depth: int = 100_000) -> bytes:
    return pdf(signed_pdf(extra=b"/X " + opening * depth + b"1" + closing * depth))


PDFS: dict[str, Bomb] = {
    "nested form fields": nested_fields,
    "field cycle": field_cycle,
    "page tree cycle": page_tree_cycle,
    "wide page tree": wide_page_tree,
    "flate bomb": flate_bomb,
    "object stream bomb": object_stream_bomb,
    "attached bomb": attached_bomb,
    "names cycle": names_cycle,
    "nested arrays": lambda: deep(b"[", b"]"),
    "nested dictionaries": lambda: deep(b"<</A ", b">>"),
    "unclosed arrays": lambda: deep(b"[", b""),
    "xref loop": lambda: pdf(signed_pdf(), b"/Root 1 0 R /Prev START"),
    "xref far away": lambda: pdf(signed_pdf(), b"/Root 1 0 R /Prev 99999999999999999999"),
    "no catalog": lambda: pdf(signed_pdf(), b"/Root 99 0 R"),
    "catalog is a number": lambda: pdf(signed_pdf(catalog=b"42")),
    "catalog is itself": lambda: pdf(signed_pdf(catalog=b"1 0 R")),
    "odd encryption": lambda: pdf(
        signed_pdf(), b"/Root 1 0 R /ID [(a) 3] /Encrypt << /Filter /Standard /V 5 /R (x) /O 1 >>"
    ),
    "a long integer": lambda: pdf(signed_pdf(), b"/Root 1 0 R /Info " + b"9" * 100_000),
    "cut off": lambda: pdf(signed_pdf())[:400],
    "only a head": lambda: b"%PDF-1.7 /ByteRange /EmbeddedFile",
    "many ends": lambda: pdf(signed_pdf(), tail=b"startxref\n0\n%%EOF\n" * 50_000),
    "a wrong length": lambda: pdf(
        signed_pdf() | {9: b"<< /Length 99999999999 >>\nstream\nx\nendstream"}
    ),
}

_ODD = (
    b"null", b"true", b"-1", b"1e400", b"(x)", b"/X", b"[]", b"[[]]", b"<<>>", b"1 0 R", b"5 0 R",
    b"99 0 R", b"<zz>", b"[1 0 R 5 0 R 6 0 R]", b"(\xfe\xff\xd8\x00)", b"[0 -1 9999999999 1]",
    b"[0 10 5 10]", b"(D:99999999999999+99'99')",
)  # fmt: skip


def malformed_pdfs() -> Iterator[tuple[str, bytes]]:
    """A signature field of which one part is of another kind than it should be."""
    for name in _PARTS:
        for odd in _ODD:
            yield f"{name} {odd.decode('latin-1')}", pdf(signed_pdf(**{name: odd}))


_PARTS = (
    "catalog", "pages", "page", "form", "field", "range", "contents", "filter", "subfilter", "when",
)  # fmt: skip

# Credentials --------------------------------------------------------------------------------


def with_credential(content: bytes) -> bytes:
    """A PDF that carries a credential."""
    made = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.attachments["credential.json"] = content
        file.save(made)
    return made.getvalue()


_ODD_VALUES: tuple[Any, ...] = (
    None, True, 1, -1.5, "", "did:key:z6Mk", [], {}, [[]], {"id": []}, 2**80, ["did:web:x"],
    "\ud800", {"a": {"b": None}},
)  # fmt: skip


def malformed_credentials(method: str) -> Iterator[tuple[str, bytes]]:
    """Credentials that name a key of ours, with one part of another kind than it should be."""
    proof = {
        "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "verificationMethod": method,
        "proofPurpose": "assertionMethod", "proofValue": "z" + "1" * 88, "created": "2026-01-01",
    }  # fmt: skip
    whole = {"@context": ["x"], "issuer": {"id": method.partition("#")[0]}, "proof": proof}
    for odd in _ODD_VALUES:
        for name in whole:
            yield f"{name} {odd!r}", json.dumps(whole | {name: odd}).encode()
        for name in proof:
            changed = whole | {"proof": proof | {name: odd}}
            yield f"proof {name} {odd!r}", json.dumps(changed).encode()
    text = json.dumps(whole)
    yield "nested", b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    yield "nested and ours", text[:-1].encode() + b',"a":' + b"[" * 9_000 + b"]" * 9_000 + b"}"
    yield "not a number", text.replace('["x"]', "NaN").encode()
    yield "infinite", text.replace('["x"]', "1e999").encode()
    yield "a long integer", text.replace('["x"]', "9" * 10_000).encode()
    yield "a name twice", text[:-1].encode() + b',"issuer":"x"}'
    yield "an array", b"[1]"
    yield "no text", b"{\xff\xfe\x00"


# Pictures -----------------------------------------------------------------------------------


def png(width: int, height: int, *extra: tuple[bytes, bytes], data: bytes = b"") -> bytes:
    """A picture that says that it is so large."""
    head = struct.pack("!IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [
        (b"IHDR", head),
        *extra,
        (b"IDAT", data or zlib.compress(bytes(1000))),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _text_bomb() -> bytes:
    return b"a\0\0" + zlib.compress(bytes(300_000_000), 9)


PICTURES: dict[str, Bomb] = {
    "30,000 dots square": lambda: png(30_000, 30_000, data=zlib.compress(bytes(10_000_000))),
    "5,000 dots square, nearly empty": lambda: png(5_000, 5_000),
    "all the dots there are": lambda: png(2**31 - 1, 2**31 - 1),
    "no dots": lambda: png(0, 0),
    "text bomb": lambda: png(8, 8, (b"zTXt", _text_bomb())),
    "profile bomb": lambda: png(8, 8, (b"iCCP", _text_bomb())),
    "exif of nonsense": lambda: png(8, 8, (b"eXIf", b"II*\0" + b"\xff" * 64)),
    "a thousand texts": lambda: png(8, 8, *[(b"tEXt", b"a\0" + bytes(60_000))] * 60),
    "a dishonest deflate": lambda: png(4_900, 4_900, data=zlib.compress(bytes(98_010_000), 9)),
    "cut off": lambda: png(600, 600)[:60],
    "JPEG without an end": lambda: (
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03" + b"\1\x22\0" * 3
    ),
    "JPEG of markers": lambda: b"\xff\xd8" + b"\xff\xe1\0\2" * 500_000,
    "GIF": lambda: b"GIF89a\xff\xff\xff\xff\xf7\0\0," + bytes(8) + b"\xff\xff\0\x0b\xff" * 200,
    "TIFF with a cycle": lambda: b"II*\0\x08\0\0\0\1\0\0\1\4\0\1\0\0\0\xff\xff\xff\xff\x08\0\0\0",
    "WebP": lambda: b"RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\xff\xff\xff\xff\xff",
    "SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='99999999'/>",
}

# Spreadsheets -------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsx(sheet: bytes, **parts: bytes) -> bytes:
    """A workbook of one sheet; further parts by name, ``__`` for a slash and ``_`` for a dot."""
    content = {
        "[Content_Types].xml": b"<Types xmlns='x'/>",
        "xl/workbook.xml": f"<workbook xmlns='{MAIN}' xmlns:r='{_RELATIONS}'><sheets>"
        "<sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>".encode(),
        "xl/_rels/workbook.xml.rels": f"<Relationships><Relationship Id='r1' Type='{_RELATIONS}"
        "/worksheet' Target='worksheets/sheet1.xml'/></Relationships>".encode(),
        "xl/worksheets/sheet1.xml": sheet,
    } | {name.replace("__", "/").replace("_", "."): body for name, body in parts.items()}
    return packed(content)


def packed(content: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return made.getvalue()


def sheet(rows: bytes, after: bytes = b"") -> bytes:
    return b"<worksheet xmlns='%b'><sheetData>%b</sheetData>%b</worksheet>" % (
        MAIN.encode(),
        rows,
        after,
    )


def laughs(levels: int = 10) -> bytes:
    entities = b"<!ENTITY a0 'ha'>" + b"".join(
        b"<!ENTITY a%d '%b'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, levels)
    )
    cell = b"<row r='1'><c t='inlineStr'><is><t>&a%d;</t></is></c></row>" % (levels - 1)
    return b"<!DOCTYPE x [%b]>" % entities + sheet(cell)


def quadratic() -> bytes:
    cell = b"<row r='1'><c t='inlineStr'><is><t>%b</t></is></c></row>" % (b"&a;" * 50_000)
    return b"<!DOCTYPE x [<!ENTITY a '%b'>]>" % (b"a" * 50_000) + sheet(cell)


def dishonest_zip() -> bytes:
    """The directory says that the sheet has ten bytes; unpacked it has a hundred million."""
    content = bytearray(xlsx(sheet(b" " * 100_000_000)))
    size = struct.pack("<I", 100_000_000 + len(sheet(b"")))
    return bytes(content.replace(size, struct.pack("<I", 10)))


def overlapping_zip() -> bytes:
    """Many entries share one body, as in the better zip bombs."""
    content = xlsx(sheet(b" " * 1_000_000))
    end = content.rfind(b"PK\5\6")
    directory = struct.unpack_from("<I", content, end + 16)[0]
    entries = content[directory:end]
    count = 1_500
    again = entries * count
    tail = bytearray(content[end:])
    struct.pack_into("<HHII", tail, 8, 4 * count, 4 * count, len(again), directory)
    return content[:directory] + again + bytes(tail)


XLSX: dict[str, Bomb] = {
    "zip bomb": lambda: xlsx(sheet(b" " * 300_000_000)),
    "dishonest sizes": dishonest_zip,
    "overlapping entries": overlapping_zip,
    "65,000 entries": lambda: packed({f"a{n}": b"" for n in range(65_000)}),
    "a zip in a zip in a zip": lambda: packed({"a.zip": packed({"b.zip": packed({"c": b""})})}),
    "a thousand million laughs": lambda: xlsx(laughs()),
    "quadratic entities": lambda: xlsx(quadratic()),
    "entities behind UTF-16": lambda: xlsx(laughs().decode().encode("utf-16")),
    "external entity": lambda: xlsx(
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
        + sheet(b"<row><c><v>&a;</v></c></row>")
    ),
    "columns without end": lambda: xlsx(
        sheet(b"<row r='1'>" + b"<c r='ZZZ1'><v>1</v></c>" * 20_000 + b"</row>")
    ),
    "a million cells in a row": lambda: xlsx(
        sheet(b"<row r='1'>" + b"<c><v>1</v></c>" * 1_000_000 + b"</row>")
    ),
    "rows far apart": lambda: xlsx(
        sheet(b"<row r='1'><c><v>1</v></c></row><row r='4294967296'><c><v>1</v></c></row>")
    ),
    "shared texts without end": lambda: xlsx(
        sheet(b"<row r='1'><c t='s'><v>99999999999999</v></c></row>"),
        xl__sharedStrings_xml=b"<sst xmlns='%b'>%b</sst>"
        % (MAIN.encode(), b"<si><t>aaaaaaa</t></si>" * 2_000_000),
    ),
    "one text of 200 MB": lambda: xlsx(
        sheet(b"<row r='1'><c t='s'><v>0</v></c></row>"),
        xl__sharedStrings_xml=b"<sst xmlns='%b'><si><t>%b" % (MAIN.encode(), b"ab" * 100_000_000),
    ),
    "nested elements": lambda: xlsx(sheet(b"<row><c>" + b"<is>" * 200_000)),
    "merged without end": lambda: xlsx(
        sheet(
            b"<row r='1'><c><v>1</v></c></row>",
            b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 50_000 + b"</mergeCells>",
        )
    ),
    "a sheet that is its own directory": lambda: xlsx(
        b"", xl___rels__workbook_xml_rels=b"<Relationships/>"
    ),
    "cut off": lambda: xlsx(sheet(b"<row/>"))[:300],
    "an odd date": lambda: xlsx(sheet(b"<row><c t='d'><v>9999-99-99T99:99</v></c></row>")),
}

CSVS: dict[str, Bomb] = {
    "one cell": lambda: b'"' + b"a" * 15_000_000,
    "one cell, closed": lambda: b'a;b\n"' + b"a" * 5_000_000 + b'";x',
    "zero bytes": lambda: "Họ và tên;Ngày sinh\n\0An\0;01/01/1980\n".encode(),
    "nothing but zero bytes": lambda: bytes(100_000),
    "300,000 rows": lambda: b"a;b\n" + b"1;2\n" * 300_000,
    "a million columns": lambda: b"a;" * 1_000_000 + b"\n",
    "quotation marks": lambda: b'"' * 3_000_000,
    "half characters": lambda: b"\xff\xfea\0;\0\x00\xd8\n\0",
    "only signs": lambda: b"=" * 1_000_000 + b"\n'" * 100_000,
    "apostrophes and signs": lambda: ("'" + " " * 500_000 + "=1;" * 1000 + "\n").encode() * 3,
}

# Designs ------------------------------------------------------------------------------------


def _page(body: str) -> str:
    fields = (
        "{{ name_lines }}{{ course_title }}{{ register_number }}{{ issuing_body }}"
        "{{ verification_code }}{{ signer_name }}{{ place_and_date }}<img src='asset:qr' alt='QR'>"
    )
    return f"<!DOCTYPE html><html><body>{fields}{body}</body></html>"


_FONT = "@font-face{font-family:F;src:url('asset:LiberationSerif-Regular.ttf')} body{font-family:F}"


def _nested(opening: str, depth: int) -> tuple[str, str]:
    return _page(opening * depth + "x"), _FONT


DESIGNS: dict[str, tuple[str, str]] = {
    "nested flex boxes": _nested("<div style='display:flex'>", 22),
    "nested inline flex boxes": _nested("<div style='display:inline-flex;flex-wrap:wrap'>", 22),
    "nested grids": _nested("<div style='display:grid'>", 22),
    "nested tables": _nested("<table><tr><td>", 30),
    "nested floats": _nested("<div style='float:left'>", 60),
    "deep elements": _nested("<div>", 30_000),
    "loops": (
        _page(
            "{% for a in full_name %}{% for b in full_name %}{% for c in full_name %}"
            "{% for d in full_name %}{% for e in full_name %}{{ full_name }}{% endfor %}"
            "{% endfor %}{% endfor %}{% endfor %}{% endfor %}"
        ),
        _FONT,
    ),
    "a huge font": (_page("<p style='font-size:9999999px'>x</p>"), _FONT),
    "a huge page": (_page(""), _FONT + "@page{size:9999999mm 9999999mm}"),
    "a large page": (_page(""), _FONT + "@page{size:40000mm 40000mm}"),
    "no page": (_page("x " * 1000), _FONT + "@page{size:0.0001mm 0.0001mm}"),
    "counters": (
        _page("<p></p>" * 2000),
        _FONT + "p{counter-increment:a 999999999} p::before{content:counters(a,'.',hebrew)}",
    ),
    "gradients": (
        _page("<div class=g></div>" * 3000),
        _FONT + ".g{background:repeating-linear-gradient(1deg,red,blue 0.0001px)}",
    ),
    "many pages": (_page("<p style='break-after:page'>x</p>" * 20_000), _FONT),
    "an import": (_page(""), "@import url('http://169.254.169.254/latest/');" + _FONT),
    "a file": (_page("<img src='file:///etc/passwd'>"), _FONT),
    "an address": (_page("<img src='http://169.254.169.254/latest/meta-data/'>"), _FONT),
    "a file as background": (_page(""), _FONT + "body{background:url(file:///etc/passwd)}"),
    "SVG bomb": (
        _page(
            "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><defs>"
            + "".join(
                f"<g id='a{n + 1}'>" + f"<use href='%23a{n}'/>" * 10 + "</g>" for n in range(9)
            )
            + "</defs><use href='%23a9'/></svg>\">"
        ),
        _FONT,
    ),
    "SVG in the page": (
        _page(
            "<svg width=9 height=9><defs><g id=a0><path d='M0 0L1 1'/></g>"
            + "".join(f"<g id=a{n + 1}>" + f"<use href='#a{n}'/>" * 10 + "</g>" for n in range(9))
            + "</defs><use href='#a9'/></svg>"
        ),
        _FONT,
    ),
    "many selectors": (
        _page("<div><p>x</p></div>" * 500),
        _FONT + "".join(f"div:nth-child({n}n+1) > p:not(.a{n}) {{color:red}}" for n in range(2000)),
    ),
}

# Keys ---------------------------------------------------------------------------------------


def endless_key(pkcs12: bytes) -> bytes:
    """The key file with so many rounds for its password that nobody lives to see them."""
    from asn1crypto import pkcs12 as asn1

    pfx = asn1.Pfx.load(pkcs12)
    pfx["mac_data"]["iterations"] = 2**31 - 1
    content: bytes = pfx.dump(force=True)
    return content
