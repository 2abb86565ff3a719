"""PDF files made from HTML: the one place that knows WeasyPrint.

A file made here is PDF/A-3a and PDF/UA-1 at once, is built from memory alone (no
network, no disk), and has the same bytes in every run for the same input.
"""

import atexit
import datetime as dt
import re
import threading
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError

if TYPE_CHECKING:
    import pydyf
    from weasyprint.document import Document
    from weasyprint.urls import URLFetcherResponse


class PdfError(DomainError):
    pass


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file carried inside the PDF; ``relationship`` as in ISO 32000-2, 7.11.3."""

    name: str
    content: bytes
    description: str
    relationship: str = "Source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the file says of itself. ``created`` is aware; ``identifier`` holds 16 bytes."""

    title: str
    created: dt.datetime
    identifier: bytes
    lang: str = "vi"
    author: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A document that is not written yet: the boxes of its pages, the objects of its PDF."""

    pages: list[Any]
    pdf: Any


class Renderer:
    """Makes many files of one look: style sheets, fonts and background are read once.

    ``background`` is an SVG of solid shapes, as large as the page in mm; it is compiled into
    drawing operators and lies beneath every page as an artifact (readers skip it).
    One instance serves one document at a time; other threads wait.
    """

    def __init__(
        self,
        *,
        stylesheets: Sequence[str],
        assets: Mapping[str, Asset] | None = None,
        background: str = "",
    ) -> None:
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self._assets = dict(assets or {})
        self._fonts: Any = FontConfiguration()
        self._images: dict[str, Any] = {}
        self._lock = threading.Lock()
        with _closed() as refused:
            self._styles = [
                CSS(
                    string=sheet,
                    base_url=_NOWHERE,
                    font_config=self._fonts,
                    url_fetcher=_fetcher(self._assets, refused),
                )
                for sheet in stylesheets
            ]
            self._background = _compile(background, refused) if background else None
        _renderers.add(self)

    def render(
        self,
        html: str,
        *,
        metadata: Metadata,
        assets: Mapping[str, Asset] | None = None,
        attachments: Sequence[Attachment] = (),
        max_pages: int | None = None,
    ) -> bytes:
        """The file's bytes. ``assets`` are added for this document alone.

        Errors: ``blocked_resource`` where the page asks for anything but its assets,
        ``does_not_fit`` where it needs more than ``max_pages``.
        """
        with self._lock, _closed() as refused:
            document = self._lay_out(html, dict(assets or {}), refused, max_pages)
            _describe(document, metadata)
            return _write(document, metadata, attachments, self._background)

    def draw(
        self,
        html: str,
        *,
        metadata: Metadata,
        assets: Mapping[str, Asset],
        attachments: Sequence[Attachment],
        fonts: dict[Any, Any],
        max_pages: int | None = None,
    ) -> Drawing:
        """What ``render`` would write. ``fonts`` receives each font before it is embedded."""
        with self._lock, _closed() as refused:
            document = self._lay_out(html, dict(assets), refused, max_pages)
            _describe(document, metadata)
            document.fonts = fonts
            drawn: list[Any] = []

            def keep(pdf: "pydyf.PDF") -> None:
                drawn.append(pdf)
                raise _DrawnError

            with suppress(_DrawnError):
                _write(document, metadata, attachments, self._background, keep)
            return Drawing([page._page_box for page in document.pages], drawn[0])

    def close(self) -> None:
        """WeasyPrint keeps fonts in temporary files until then."""
        self._fonts = None
        self._styles.clear()
        self._images.clear()

    def _lay_out(
        self, html: str, assets: dict[str, Asset], refused: list[str], max_pages: int | None
    ) -> "Document":
        from weasyprint import HTML

        fetcher = _fetcher(self._assets | assets, refused)
        page = HTML(string=html, base_url=_NOWHERE, url_fetcher=fetcher)
        # Images of one document must not stay for the next ones, those of the look may.
        cache = dict(self._images)
        document = page.render(
            font_config=self._fonts,
            stylesheets=self._styles,
            cache=cache,
            pdf_variant="pdf/a-3a",
        )
        shared = {f"asset:{name}" for name in self._assets} - {f"asset:{name}" for name in assets}
        self._images.update((url, image) for url, image in cache.items() if url in shared)
        if max_pages is not None and len(document.pages) > max_pages:
            raise PdfError("does_not_fit", _("The text does not fit on the page."))
        return document


_renderers: "weakref.WeakSet[Renderer]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    # WeasyPrint cannot delete its temporary files any more when the interpreter is going.
    for renderer in list(_renderers):
        renderer.close()


def render_pdf(
    html: str,
    *,
    metadata: Metadata,
    stylesheets: Sequence[str] = (),
    assets: Mapping[str, Asset] | None = None,
    attachments: Sequence[Attachment] = (),
    background: str = "",
    max_pages: int | None = None,
) -> bytes:
    """For a single file; ``Renderer`` makes many faster."""
    renderer = Renderer(stylesheets=stylesheets, assets=assets, background=background)
    return renderer.render(html, metadata=metadata, attachments=attachments, max_pages=max_pages)


# What WeasyPrint may fetch -------------------------------------------------------------

# Relative addresses resolve to a place that the fetcher refuses, so none is dropped silently.
_NOWHERE = "blocked://relative/"


@contextmanager
def _closed() -> Iterator[list[str]]:
    """Turns refused fetches into PdfError; yields the list of refused addresses.

    WeasyPrint raises a BaseException for them, but swallows it inside SVG pictures: so each
    fetcher also records what it refused.
    """
    from weasyprint.urls import FatalURLFetchingError

    refused: list[str] = []
    with suppress(FatalURLFetchingError):
        yield refused
    if refused:
        message = _("The design refers to %(address)s, which is not part of it.")
        raise PdfError("blocked_resource", message % {"address": refused[0][:200]})


def _fetcher(assets: Mapping[str, Asset], refused: list[str]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> "URLFetcherResponse":
            asset = assets.get(url.removeprefix("asset:")) if url.startswith("asset:") else None
            if asset is None:
                refused.append(url)
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, asset.content, {"Content-Type": asset.media_type})

    return ClosedFetcher(allowed_protocols={"asset"}, allow_redirects=False, fail_on_errors=True)


# Writing -------------------------------------------------------------------------------

# PDF/A wants a schema for every property that it does not know: PDF/UA's mark is one.
_PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\
<pdfuaid:part>1</pdfuaid:part></rdf:Description><rdf:Description rdf:about="" \
xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema\
</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/\
</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property>\
<rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal\
</pdfaProperty:category><pdfaProperty:description>PDF/UA version</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\
</rdf:Description></rdf:RDF>"""


def _describe(document: "Document", metadata: Metadata) -> None:
    when = metadata.created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    data = document.metadata
    data.title, data.lang = metadata.title, metadata.lang
    data.authors = [metadata.author] if metadata.author else []
    data.keywords = list(metadata.keywords)
    data.description, data.generator, data.attachments, data.custom = None, None, [], {}
    data.created = data.modified = when


def _write(
    document: "Document",
    metadata: Metadata,
    attachments: Sequence[Attachment],
    background: "_Background | None",
    and_then: Callable[["pydyf.PDF"], None] = lambda _pdf: None,
) -> bytes:
    from weasyprint import Attachment as Embedded

    def finish(_document: "Document", pdf: "pydyf.PDF") -> None:
        _mark_accessible(pdf)
        if background is not None:
            background.lay_beneath(pdf)
        and_then(pdf)

    result = document.write_pdf(
        finisher=finish,
        pdf_variant="pdf/a-3a",
        pdf_identifier=metadata.identifier,
        attachments=[
            Embedded(
                string=attachment.content,
                name=attachment.name,
                description=attachment.description,
                created=metadata.created,
                modified=metadata.created,
                relationship=attachment.relationship,
            )
            for attachment in attachments
        ],
    )
    assert isinstance(result, bytes)
    return result


class _DrawnError(Exception):
    """Thrown out of WeasyPrint when all objects are made: nobody wants them written."""


def _mark_accessible(pdf: "pydyf.PDF") -> None:
    """PDF/UA-1 mark inside the first rdf:RDF, the only one that validators read."""
    stream = pdf.objects[_number(pdf.catalog["Metadata"])]
    xml = b"".join(part if isinstance(part, bytes) else part.encode() for part in stream.stream)
    stream.stream = [xml.replace(b"</rdf:RDF>", _PDF_UA, 1)]
    for thing in pdf.objects:
        extra = getattr(thing, "extra", None) or {}
        if extra.get("Subtype") == "/Image":
            # ISO 19005-3, 6.2.8: an image must not ask to be smoothed.
            extra["Interpolate"] = "false"


def _number(reference: object) -> int:
    text = reference.decode() if isinstance(reference, bytes) else str(reference)
    return int(text.split()[0])


@dataclass(frozen=True, slots=True)
class _Background:
    content: bytes
    box: tuple[float, ...]

    def lay_beneath(self, pdf: "pydyf.PDF") -> None:
        import pydyf

        form = pydyf.Stream(
            [self.content],
            {
                "Type": "/XObject",
                "Subtype": "/Form",
                "BBox": pydyf.Array(self.box),
                "Resources": pydyf.Dictionary(),
                "Filter": "/FlateDecode",
            },
        )
        pdf.add_object(form)
        for page in [thing for thing in pdf.objects if _is_page(thing)]:
            resources = pdf.objects[_number(page["Resources"])]
            resources["XObject"]["background"] = form.reference
            content = pdf.objects[_number(page["Contents"])]
            content.stream.insert(0, b"/Artifact BMC q /background Do Q EMC")


def _is_page(thing: object) -> bool:
    return isinstance(thing, dict) and thing.get("Type") == "/Page"


def _compile(svg: str, refused: list[str]) -> _Background:
    from weasyprint import HTML

    taken: list[_Background] = []

    def take(_document: "Document", pdf: "pydyf.PDF") -> None:
        page = next(thing for thing in pdf.objects if _is_page(thing))
        resources = pdf.objects[_number(page["Resources"])]
        _refuse_all_but_solid_shapes(resources, pdf.objects[_number(resources["Font"])])
        parts = pdf.objects[_number(page["Contents"])].stream
        operators = b"\n".join(part if isinstance(part, bytes) else part.encode() for part in parts)
        solid = re.sub(rb"/[aA]1(\.0)? gs\n", b"", operators)
        taken.append(_Background(zlib.compress(solid, 9), tuple(page["MediaBox"])))

    box = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    width, height = (box[1], box[2]) if box else ("297", "210")
    page = f"@page{{size:{width}mm {height}mm;margin:0}} body{{margin:0}}"
    page += f" img{{display:block;width:{width}mm}}"
    HTML(
        string=f"<style>{page}</style><img src='asset:background'>",
        base_url=_NOWHERE,
        url_fetcher=_fetcher({"background": Asset(svg.encode(), "image/svg+xml")}, refused),
    ).write_pdf(finisher=take)
    return taken[0]


def _refuse_all_but_solid_shapes(resources: Mapping[str, Any], fonts: object) -> None:
    states = resources["ExtGState"].values()
    opaque = all(value == 1 for state in states for value in state.values())
    others = [fonts, *(resources[kind] for kind in ("XObject", "Pattern", "Shading"))]
    if not opaque or any(others):
        message = _("The background may contain only solid lines and shapes.")
        raise PdfError("design_invalid", message)
