"""What a file draws and says, so that two ways of making it can be compared."""

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

# px: six decimals are written, WeasyPrint writes as many.
NEAR = 0.001


def differences(one: bytes, other: bytes) -> list[str]:
    import pikepdf

    with pikepdf.open(io.BytesIO(one)) as a, pikepdf.open(io.BytesIO(other)) as b:
        pairs = {
            "operators": _same_operators(_operators(a), _operators(b)),
            "tags": _tags(a.Root.StructTreeRoot) == _tags(b.Root.StructTreeRoot),
            "pictures": _pictures(a) == _pictures(b),
            "info": _info(a) == _info(b),
            "xmp": a.Root.Metadata.read_bytes() == b.Root.Metadata.read_bytes(),
            "attachment": _attachments(a) == _attachments(b),
            "catalog": sorted(a.Root.keys()) == sorted(b.Root.keys()),
        }
    return [name for name, same in pairs.items() if not same]


def _same_operators(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(map(_same_operator, one, other))


def _same_operator(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    if one[0] == other[0] == "Tm":
        return all(abs(float(a) - float(b)) < NEAR for a, b in zip(one[1], other[1], strict=True))
    return one == other


def _operators(pdf: "pikepdf.Pdf") -> list[Any]:
    """Number for number; kernings of nothing left out, and the names of pictures."""
    import pikepdf

    page = pdf.pages[0]
    pictures = {str(name) for name in page.Resources.XObject} - {"/background"}
    found: list[Any] = []
    instructions: Any = pikepdf.parse_content_stream(page)
    for operands, operator in instructions:
        if str(operator) == "TJ":
            found.append(("TJ", _glyphs(operands[0])))
        else:
            names = ["picture" if str(one) in pictures else str(one) for one in operands]
            found.append((str(operator), names))
    return found


def _glyphs(operand: Any) -> list[int]:
    import pikepdf

    # Glyph, kerning, glyph, kerning … glyph.
    found: list[int] = []
    for part in operand:
        if isinstance(part, pikepdf.String):
            raw = bytes(part)
            for at in range(0, len(raw), 2):
                found += [int.from_bytes(raw[at : at + 2], "big"), 0]
        else:
            found[-1] += int(part)
    return found[:-1]


def _tags(node: Any) -> list[Any]:
    import pikepdf

    if not isinstance(node, pikepdf.Dictionary):
        return [str(node)]
    kids: Any = node.get("/K", [])
    about: Any = node.get("/A", {})
    own = [str(node.get("/S")), str(node.get("/Alt", ""))]
    own += [str(node.get("/Lang", "")), str(about.get("/BBox", ""))]
    return [own, [_tags(kid) for kid in (kids if isinstance(kids, pikepdf.Array) else [kids])]]


def _pictures(pdf: "pikepdf.Pdf") -> list[Any]:
    import pikepdf

    drawn: list[Any] = [
        x for x in pdf.pages[0].Resources.XObject.values() if x.get("/Subtype") == "/Image"
    ]
    images = [pikepdf.PdfImage(one).as_pil_image().convert("L") for one in drawn]
    return sorted((image.size, image.tobytes()) for image in images)


def _info(pdf: "pikepdf.Pdf") -> dict[str, str]:
    return {name: str(value) for name, value in pdf.docinfo.items()}


def _attachments(pdf: "pikepdf.Pdf") -> list[Any]:
    return [
        (name, one.description, str(one.relationship), one.get_file().read_bytes(),
         str(one.get_file().creation_date), str(one.get_file().mod_date))
        for name, one in pdf.attachments.items()
    ]  # fmt: skip
