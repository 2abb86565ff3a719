"""PDF files in the type of Decree 30/2020/NĐ-CP, which style sheets call ``Paper``.

It has the metrics of Times New Roman.
"""

import hashlib
import threading
from functools import cache

from common import clock
from common.fonts import find_font
from common.pdf import Asset, Metadata, Renderer

_FACES = {
    "LiberationSerif-Regular.ttf": "",
    "LiberationSerif-Bold.ttf": "font-weight:700;",
    "LiberationSerif-Italic.ttf": "font-style:italic;",
    "LiberationSerif-BoldItalic.ttf": "font-weight:700;font-style:italic;",
}
_renderers = threading.local()


def paper_pdf(html: str, style: str, *, title: str, lang: str = "vi") -> bytes:
    digest = hashlib.sha256(html.encode()).digest()[:16]
    metadata = Metadata(title=title, created=clock.now(), identifier=digest, lang=lang)
    return paper_renderer(style).render(html, metadata=metadata)


def paper_renderer(style: str) -> Renderer:
    """One for each thread and style sheet: reading fonts and styles is slow."""
    known: dict[str, Renderer] = _renderers.__dict__
    if style not in known:
        faces = "".join(
            f'@font-face{{font-family:Paper;src:url("asset:{file}");{face}}}'
            for file, face in _FACES.items()
        )
        known[style] = Renderer(stylesheets=[faces + style], assets=_fonts())
    return known[style]


@cache
def _fonts() -> dict[str, Asset]:
    return {file: Asset(find_font(file).read_bytes(), "font/ttf") for file in _FACES}
