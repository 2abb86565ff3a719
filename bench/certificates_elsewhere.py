"""A like page by typst (tagged PDF/A-3a) and by reportlab (plain), neither with a credential."""

import atexit
import io
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

FONTS = ("LiberationSerif-Regular.ttf", "EBGaramond12-Regular.otf")
TYPST = """#set document(title: "%(document_title)s")
#set page(width: 297mm, height: 210mm, margin: (x: 27mm, top: 22mm, bottom: 20mm),
  background: image("frame.svg", width: 297mm, height: 210mm))
#set text(font: "Liberation Serif", size: 12.5pt, lang: "vi")
#set par(leading: .5em)
#grid(columns: (116mm, 1fr, 116mm),
  align(center)[#text(11.5pt)[%(parent_body)s \\ *%(issuing_body)s*]], [],
  align(center)[*%(nation)s* \\ *%(motto)s*])
#align(center)[#heading(level: 1, text(42pt, font: "EB Garamond", weight: 400,
  tracking: 2.4pt, fill: rgb("9a1f1b"))[%(title)s]) #emph[%(title_en)s] \\ %(salutation)s
#text(34pt, font: "EB Garamond", fill: rgb("1d2c4d"))[%(full_name)s]

%(position)s \\ Đơn vị công tác: *%(workplace)s*

%(statement)s \\ #text(18pt)[*%(course_title)s*] \\ #emph[%(course_title_en)s]

Lớp: *%(run_code)s* #h(5mm) %(time)s #h(5mm) Thời lượng: *%(periods)s tiết*]
#v(1fr)
#grid(columns: (29mm, 97mm, 1fr), image("qr.png", width: 25mm, alt: "%(qr_alt)s"),
  text(9.5pt)[Số vào sổ cấp chứng nhận: *%(register_number)s* \\ %(decision)s \\
    Mã tra cứu: *%(verification_code)s* \\ %(verification_url)s],
  align(center)[#emph[%(place_and_date)s] \\ *TL. BỘ TRƯỞNG* \\ *CỤC TRƯỞNG* \\
    #image("hand.jpg", height: 22mm, alt: "Chữ ký của %(signer_name)s") *%(signer_name)s*])
"""


def typst_way(world: Any) -> Callable[[int], bytes]:
    import typst as untyped_typst

    from certificates.pdf.page import qr_png
    from common.fonts import find_font

    typst: Any = untyped_typst
    folder = Path(tempfile.mkdtemp(prefix="lms-typst."))
    atexit.register(shutil.rmtree, folder, True)
    frame = re.search(r'<svg id="background".*?</svg>', world.designs[0].html, re.DOTALL)
    assert frame
    (folder / "frame.svg").write_text(frame[0])
    (folder / "hand.jpg").write_bytes(dict(world.appearances[0].images)["signature"])
    paths: list[Any] = sorted({str(find_font(name).parent) for name in FONTS})
    # Fonts, frame and picture are kept between files.
    fonts = typst.Fonts(False, False, paths)

    def render(number: int) -> bytes:
        values = _values(world, number)
        safe = {name: re.sub(r"([\\#$*_@<>~`/\[\]])", r"\\\1", str(value))
                for name, value in values.items()}  # fmt: skip
        safe |= {name: values[name] for name in ("document_title", "qr_alt")}
        (folder / "qr.png").write_bytes(qr_png(values["verification_url"]))
        return bytes(
            typst.compile(
                (TYPST % safe).encode(), root=str(folder), font_paths=fonts, format="pdf",
                pdf_standards=["a-3a"],
            )
        )  # fmt: skip

    return render


def reportlab_way(world: Any) -> Callable[[int], bytes]:
    """Every line centred below the last, with the QR code: no frame, no tags, no breaks."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    from certificates.pdf.page import qr_png
    from common.fonts import find_font

    pdfmetrics.registerFont(TTFont("Text", str(find_font(FONTS[0]))))
    names = (
        "nation", "motto", "issuing_body", "title", "full_name", "position", "workplace",
        "course_title", "course_title_en", "time", "register_number", "decision",
        "verification_code", "verification_url", "place_and_date", "signer_name",
    )  # fmt: skip

    def render(number: int) -> bytes:
        values, output = _values(world, number), io.BytesIO()
        canvas = Canvas(output, pagesize=landscape(A4))
        canvas.setFont("Text", 14)
        for line, name in enumerate(names):
            canvas.drawCentredString(421, 550 - 28 * line, values[name])
        qr = ImageReader(io.BytesIO(qr_png(values["verification_url"])))
        canvas.drawImage(qr, 40, 40, 70, 70)
        canvas.save()
        return output.getvalue()

    return render


def _values(world: Any, number: int) -> dict[str, Any]:
    from certificates.pdf.page import LANDSCAPE, values_of

    return values_of(world.fields(number), FONTS, LANDSCAPE)
