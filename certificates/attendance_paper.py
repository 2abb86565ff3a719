"""A confirmation of attendance as Decree 30/2020 lays papers out, always in Vietnamese."""

import hashlib
from typing import Any

from django.template.loader import render_to_string

from certificates.pdf.page import qr_png
from common import clock
from common.dates import format_long, parse_date
from common.paper import paper_renderer
from common.pdf import Asset, Metadata
from enrollment.pdf import PAPER_STYLE

_STYLE = f"""{PAPER_STYLE}
@page {{ size: A4 }}
.head td {{ width: 44%; font-size: 12pt }} .head td + td {{ width: 56% }}
.head .state {{ font-size: 12pt }}
.place {{ font-style: italic; margin: 3mm 0 0 }}
.person {{ margin: 1.5mm 0 0 10mm }} .body {{ text-align: justify; margin: 3mm 0 }}
.list {{ font-size: 12pt }} .list tbody .number {{ text-align: center }}
.foot {{ break-inside: avoid; margin-top: 5mm }} .foot td {{ width: 50%; vertical-align: top }}
.foot p {{ margin: 0 }} .sign p {{ text-align: center }}
.qr {{ width: 25mm; height: 25mm; image-rendering: crisp-edges }}
.check {{ font-size: 10pt }} .url {{ font-size: 8pt }}
.picture {{ display: block; height: 22mm; max-width: 70mm; object-fit: contain; margin: 0 auto }}
.sign .under-picture {{ margin: 0 }} .sign .by-hand {{ margin-top: 24mm }}
"""


def attendance_paper(printed: dict[str, Any], picture: bytes = b"") -> bytes:
    """PDF/A-3a, the same bytes for the same fields; ``picture`` is a baked signature or seal."""
    issued_on = parse_date(printed["issued_on"])
    context = printed | {"issued": format_long(issued_on), "has_picture": bool(picture)}
    html = render_to_string("certificates/attendance_paper.html", context)
    metadata = Metadata(
        title=f"Giấy xác nhận tham dự {printed['register_number']} – {printed['full_name']}",
        created=clock.start_of_day(issued_on),
        identifier=hashlib.sha256(html.encode()).digest()[:16],
        author=printed["issuing_body"],
    )
    assets = {"qr": Asset(qr_png(printed["verification_url"]), "image/png")}
    if picture:
        assets["picture"] = Asset(picture, "image/jpeg")
    return paper_renderer(_STYLE).render(html, metadata=metadata, assets=assets)
