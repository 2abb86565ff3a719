"""Two certificates on each A4 page, marked: to be read through before the good paper is printed."""

import hashlib
import io
from functools import lru_cache
from typing import Any

from common import clock
from common.fonts import find_font
from common.pdf import Asset, Metadata, render_pdf

# A4, in points.
_SHORT, _LONG = 595.28, 841.89
_FONT = "LiberationSans-Bold.ttf"
_MARK = "BẢN IN THỬ"
_STYLE = f"""
@font-face {{ font-family: Mark; src: url("asset:{_FONT}") }}
@page {{ size: 210mm 148.5mm; margin: 0 }}
body {{ margin: 0; font: 54pt Mark; color: rgba(60, 60, 60, .16); text-align: center }}
p {{ margin: 58mm 0 0; transform: rotate(-24deg); letter-spacing: 3pt }}
"""


def two_up(merged: Any) -> bytes:
    """The pages of a merged file (open, binary), two to a sheet, each under the mark."""
    import pikepdf

    output = io.BytesIO()
    with (
        pikepdf.open(merged) as source,
        pikepdf.open(io.BytesIO(_mark())) as mark,
        pikepdf.new() as sheets,
    ):
        pages = list(source.pages)
        for start in range(0, len(pages), 2):
            _add_sheet(sheets, pages[start : start + 2], mark.pages[0])
        sheets.save(output)
    return output.getvalue()


def _add_sheet(sheets: Any, pair: list[Any], mark: Any) -> None:
    from pikepdf import Rectangle

    _left, _bottom, width, height = map(float, pair[0].mediabox)
    # Landscape certificates lie above each other, upright ones side by side.
    if width > height:
        size, half = (_SHORT, _LONG), _LONG / 2
        halves = [Rectangle(0, half, _SHORT, _LONG), Rectangle(0, 0, _SHORT, half)]
    else:
        size, half = (_LONG, _SHORT), _LONG / 2
        halves = [Rectangle(0, 0, half, _SHORT), Rectangle(half, 0, _LONG, _SHORT)]
    sheet = sheets.add_blank_page(page_size=size)
    for page, half_page in zip(pair, halves, strict=False):
        sheet.add_overlay(page, half_page)
        sheet.add_overlay(mark, half_page)


@lru_cache(maxsize=1)
def _mark() -> bytes:
    page = (
        f'<!doctype html><html lang="vi"><title>{_MARK}</title><body><p>{_MARK}</p></body></html>'
    )
    metadata = Metadata(
        title=_MARK,
        created=clock.now(),
        identifier=hashlib.sha256(page.encode()).digest()[:16],
    )
    fonts = {_FONT: Asset(find_font(_FONT).read_bytes(), "font/ttf")}
    return render_pdf(page, metadata=metadata, stylesheets=[_STYLE], assets=fonts)
