"""What was added to an issued file: signatures that nobody sees, or anything else.

Compared object by object with what was issued, and as drawn. Only what a signing program has to
add is let through; whatever is not known here counts as a change.
"""

import hashlib
import io
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from common.bounded import unless_damaged

DOTS_PER_INCH: Final = 100
_DRAWING_SECONDS: Final = 6
_DEEPEST: Final = 12
_MOST_OBJECTS: Final = 5_000
_HIDDEN: Final = 2  # of the flags of an annotation

_IN_CATALOG = {"/AcroForm", "/Perms", "/Extensions", "/Version", "/Metadata"}
_IN_FORM = {"/Fields", "/SigFlags", "/DA", "/DR"}
_IN_FIELD = {
    "/Type", "/Subtype", "/FT", "/T", "/TU", "/TM", "/F", "/Ff", "/P", "/Rect", "/V", "/AP", "/MK",
    "/Lock", "/Parent", "/Kids", "/DA", "/DR", "/Q", "/BS", "/Border", "/NM", "/M",
}  # fmt: skip
_IN_INFO = {"/ModDate", "/Producer"}
_IN_XMP = {
    "{http://ns.adobe.com/xap/1.0/}ModifyDate",
    "{http://ns.adobe.com/xap/1.0/}MetadataDate",
    "{http://ns.adobe.com/pdf/1.3/}Producer",
    "{http://ns.adobe.com/xap/1.0/mm/}InstanceID",
}
# What does something, or is attached: never part of a signature.
_ACTIVE = {
    "/A", "/AA", "/JS", "/OpenAction", "/EF", "/AF", "/OC", "/XFA", "/Launch", "/URI", "/PieceInfo",
}  # fmt: skip
_VERSIONS = {"/1.7", "/2.0"}


class Drawing(StrEnum):
    FAILED = "failed"


@unless_damaged(lambda: {"damaged"})
def changes_between(issued: bytes, signed: bytes, *, fields: int) -> set[str]:
    """What differs beside signatures, in words for the caller; empty where nothing does.

    ``fields`` is how many signatures the whole file has. ``visible_signature``, ``page``,
    ``catalog``, ``form``, ``object``, ``information``, ``active``, ``loose_object``, ``damaged``.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(issued)) as before, pikepdf.open(io.BytesIO(signed)) as after:
        found = _Comparison(before, after, fields).changes()
        return found | ({"damaged"} if after.get_warnings() else set())


def drawings_of(pdf: bytes) -> str:
    """A digest of all pages as poppler draws them, annotations included."""
    try:
        run = subprocess.run(
            ["pdftoppm", "-r", str(DOTS_PER_INCH), "-"],
            input=pdf,
            capture_output=True,
            check=True,
            timeout=_DRAWING_SECONDS,
        )
    except (subprocess.SubprocessError, OSError):
        return Drawing.FAILED
    return hashlib.sha256(run.stdout).hexdigest() if run.stdout else Drawing.FAILED


class _Comparison:
    """Two states of one file; the later one was appended to the earlier."""

    def __init__(self, before: Any, after: Any, fields: int) -> None:
        self.before, self.after, self.fields = before, after, fields
        self.known = {one.objgen: one for one in before.objects}
        self.now = {one.objgen: one for one in after.objects}
        if len(self.now) > _MOST_OBJECTS:
            raise ValueError("too many objects")
        self.found: set[str] = set()

    def changes(self) -> set[str]:
        self._compare_trailer()
        self._compare_existing_objects()
        self._compare_catalog()
        self._compare_pages()
        self._check_form()
        self._check_new_objects()
        return self.found

    def _require(self, condition: bool, change: str) -> None:
        if not condition:
            self.found.add(change)

    # Objects that were there -----------------------------------------------------------

    def _compare_trailer(self) -> None:
        old, new = self.before.trailer, self.after.trailer
        same_roots = all(
            _text(old.get(name)) == _text(new.get(name)) for name in ("/Root", "/Info")
        )
        self._require(same_roots, "catalog")
        self._require("/Encrypt" not in new and "/XRefStm" not in new, "damaged")

    def _compare_existing_objects(self) -> None:
        changeable = {self.before.Root.objgen, *(page.objgen for page in _pages(self.before))}
        for page in _pages(self.before):
            if "/Annots" in page and page.Annots.is_indirect:
                changeable.add(page.Annots.objgen)
        for objgen, old in self.known.items():
            new = self.now.get(objgen)
            if new is not None and _content(old) == _content(new):
                continue
            if new is not None and objgen == _id(self.before.trailer.get("/Info")):
                self._require(_differing(old, new) <= _IN_INFO, "information")
            elif new is not None and objgen == _id(self.before.Root.get("/Metadata")):
                self._compare_metadata()
            else:
                self._require(new is not None and objgen in changeable, "object")

    def _compare_metadata(self) -> None:
        old, new = (dict(pdf.open_metadata(set_pikepdf_as_editor=False)) for pdf in self._both())
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        self._require(changed <= _IN_XMP, "information")

    def _both(self) -> tuple[Any, Any]:
        return self.before, self.after

    def _compare_catalog(self) -> None:
        old, new = self.before.Root, self.after.Root
        self._require(_differing(old, new) <= _IN_CATALOG, "catalog")
        self._require(_text(old.get("/Metadata")) == _text(new.get("/Metadata")), "information")
        self._require(str(new.get("/Version", "/1.7")) in _VERSIONS, "catalog")
        self._require(set(new.get("/Perms", {}).keys()) <= {"/DocMDP"}, "catalog")

    def _compare_pages(self) -> None:
        for old, new in zip(_pages(self.before), _pages(self.after), strict=True):
            self._require(_differing(old, new) <= {"/Annots"}, "page")
            was, now = list(old.get("/Annots", [])), list(new.get("/Annots", []))
            unchanged = [_text(one) for one in was] == [_text(one) for one in now[: len(was)]]
            self._require(unchanged, "page")
            for added in now[len(was) :]:
                self._require("/Rect" in added, "form")
                self._check_field(added)

    # What was added ---------------------------------------------------------------------

    def _check_form(self) -> None:
        form = self.after.Root.get("/AcroForm", {})
        self._require(set(form.keys()) <= _IN_FORM, "form")
        fields = list(form.get("/Fields", []))
        self._require(len(fields) <= self.fields, "form")
        for field in fields:
            self._check_field(field)

    def _check_field(self, field: Any, depth: int = 0) -> None:
        parent = field.get("/Parent", {})
        kind = str(field.get("/FT", parent.get("/FT", "")))
        self._require(kind == "/Sig" and set(field.keys()) <= _IN_FIELD, "form")
        self._require(depth < _DEEPEST and _id(field) not in self.known, "form")
        # An empty field waits for whoever signs in it next.
        self._require("/V" in field or "/V" in parent or "/Kids" in field, "form")
        if "/Rect" in field:
            self._require(_is_unseen(field), "visible_signature")
        if depth < _DEEPEST:
            for kid in field.get("/Kids", []):
                self._check_field(kid, depth + 1)

    def _check_new_objects(self) -> None:
        catalog = self.after.Root
        starts = [catalog.get(name) for name in ("/AcroForm", "/Perms", "/Extensions")]
        starts += [page.get("/Annots") for page in _pages(self.after)]
        reached: set[tuple[int, int]] = set()
        for start in starts:
            self._follow(start, reached)
        for objgen, thing in self.now.items():
            new = objgen not in self.known and objgen not in reached and not _is_structure(thing)
            self._require(not new or _content(thing) == b"null", "loose_object")

    def _follow(self, start: Any, reached: set[tuple[int, int]]) -> None:
        waiting = [start]
        while waiting:
            thing = waiting.pop()
            objgen = _id(thing)
            if objgen in self.known or objgen in reached:
                continue
            if objgen is not None:
                reached.add(objgen)
            if keys := _keys(thing):
                self._require(not keys & _ACTIVE and "/JavaScript" not in _names(thing), "active")
            waiting.extend(_parts(thing))


def _pages(pdf: Any) -> list[Any]:
    # The leaves of the page tree. ``pdf.pages`` would repair the tree while reading it.
    found, waiting, seen = [], [pdf.Root.Pages], set()
    while waiting:
        node = waiting.pop(0)
        if node.objgen in seen:
            raise ValueError("a page tree with a loop")
        seen.add(node.objgen)
        if "/Kids" in node:
            waiting = [*node.Kids, *waiting]
        else:
            found.append(node)
    return found


def _is_unseen(widget: Any) -> bool:
    left, bottom, right, top = (float(number) for number in widget.Rect)
    return (left == right and bottom == top) or bool(int(widget.get("/F", 0)) & _HIDDEN)


def _differing(old: Any, new: Any) -> set[str]:
    names = set(old.keys()) | set(new.keys())
    return {name for name in names if _text(old.get(name)) != _text(new.get(name))}


def _text(thing: Any) -> bytes:
    """A value as written; references stay references."""
    import pikepdf

    if isinstance(thing, pikepdf.Object):
        return bytes(thing.unparse())
    return repr(thing).encode()


def _content(thing: Any) -> bytes:
    # An object as written; streams by the hash of their raw bytes.
    import pikepdf

    if isinstance(thing, pikepdf.Stream):
        keys = sorted(set(thing.keys()) - {"/Length"})
        head = b" ".join(name.encode() + b" " + _text(thing.get(name)) for name in keys)
        return head + hashlib.sha256(thing.read_raw_bytes()).digest()
    return bytes(thing.unparse(resolved=True))


def _is_structure(thing: Any) -> bool:
    import pikepdf

    is_stream = isinstance(thing, pikepdf.Stream)
    return is_stream and str(thing.get("/Type", "")) in {"/XRef", "/ObjStm"}


def _id(thing: Any) -> tuple[int, int] | None:
    is_indirect = getattr(thing, "is_indirect", False)
    return tuple(thing.objgen) if is_indirect else None


def _keys(thing: Any) -> set[str]:
    import pikepdf

    return set(thing.keys()) if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) else set()


def _names(thing: Any) -> set[str]:
    return {str(thing.get(name)) for name in ("/S", "/Subtype", "/Type") if name in thing}


def _parts(thing: Any) -> Iterator[Any]:
    import pikepdf

    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        # A widget names its page, which is compared by itself.
        yield from (value for name, value in thing.items() if name not in {"/P", "/Parent"})
    elif isinstance(thing, pikepdf.Array):
        yield from thing
