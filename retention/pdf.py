"""The listing of an archive package (PDF/A): always in Vietnamese, laid out as Decree 30/2020."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from common import clock
from common.dates import format_long
from common.paper import paper_pdf
from enrollment.pdf import PAPER_STYLE, PaperHead
from retention.models import ArchivePackage

_LISTING = """
@page { size: A4; }
.head .place { font-style: italic; margin: 2mm 0 0; } .head td:first-child { width: 42%; }
.list { font-size: 10.5pt; margin: 0 0 4mm; } .body { text-align: justify; margin: 0 0 2mm; }
.hash { font-size: 8.5pt; overflow-wrap: anywhere; } h2 { font-size: 12pt; margin: 4mm 0 1mm; }
.signers { break-inside: avoid; } .signers p { margin: 0; }
"""


def listing_pdf(package: ArchivePackage, head: PaperHead, lines: Sequence[dict[str, Any]]) -> bytes:
    """``lines`` as in the package, with ``label`` and ``by_year``: year, records."""
    context = {
        "package": package,
        "head": head,
        "today": format_long(clock.today()),
        "lines": lines,
        "records": sum(line["records"] for line in lines),
    }
    with override("vi"):
        html = render_to_string("retention/papers/listing.html", context)
    return paper_pdf(html, PAPER_STYLE + _LISTING, title="Mục lục hồ sơ, tài liệu nộp lưu")
