"""The form to fill in by pen, and the report on an evaluation: always in Vietnamese."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from common import clock
from common.dates import format_long
from common.paper import paper_pdf
from common.qr import qr_svg
from common.registries import paper_heads
from enrollment.pdf import PAPER_STYLE, PaperHead
from evaluations.layouts import Layout
from evaluations.models import Evaluation
from evaluations.models.forms import HIGHEST, LOWEST
from evaluations.results import Results

_FORM = """
@page { size: A4; margin: 15mm 15mm 15mm 20mm; }
html { font-size: 11pt; } h1 { margin-top: 0; } h2 { font-size: 11.5pt; margin: 4mm 0 1mm; }
.list { font-size: 10.5pt; } .list td.value { width: 6.2mm; padding: 1mm 0; text-align: center; }
.list td.criterion { font-weight: bold; } .intro { text-align: justify; margin: 0 0 2mm; }
.online { float: right; width: 26mm; text-align: center; font-size: 8.5pt; margin: 0 0 2mm 4mm; }
.online svg { width: 24mm; height: 24mm; } .question { margin: 2mm 0 0; break-inside: avoid; }
.line { border-bottom: 0.5pt dotted #000; height: 7mm; } .group { break-after: avoid; }
"""
_REPORT = """
@page { size: A4; }
.head .place { font-style: italic; margin: 2mm 0 0; } .head td:first-child { width: 42%; }
.body { text-align: justify; margin: 0 0 2mm; } .list { font-size: 11.5pt; }
h2 { font-size: 13pt; margin: 5mm 0 2mm; break-after: avoid; }
.group td, .group th { font-weight: bold; background: #eee; }
.list tbody tr.group th { font-weight: bold; } .criterion th, .criterion td { font-style: italic; }
.list tbody tr.criterion th { font-style: italic; } .signers p { margin: 0; }
.signers .signer { margin: 22mm 0 0; } .signers .to { font-size: 11pt; text-align: left; }
.to strong { font-style: italic; } ul { margin: 0 0 3mm; padding-left: 6mm; }
.signers { break-inside: avoid; }
"""


def paper_form(evaluation: Evaluation, layout: Layout, link: str) -> bytes:
    context = {
        "evaluation": evaluation,
        "layout": layout,
        "values": range(LOWEST, HIGHEST + 1),
        "qr": qr_svg(link),
    }
    return _render("form", _FORM, context, f"Phiếu đánh giá lớp {evaluation.run.code}")


def report_pdf(results: Results, texts: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    run = results.evaluation.run
    context = {
        "results": results,
        "evaluation": results.evaluation,
        "run": run,
        "head": paper_heads["class"](run) if "class" in paper_heads else PaperHead(),
        "today": format_long(clock.today()),
        "texts": texts,
    }
    return _render("report", _REPORT, context, f"Báo cáo đánh giá lớp {run.code}")


def _render(name: str, css: str, context: dict[str, Any], title: str) -> bytes:
    with override("vi"):
        html = render_to_string(f"evaluations/papers/{name}.html", context)
    return paper_pdf(html, PAPER_STYLE + css, title=title)
