"""Documents of a run as Decree 30/2020 lays them out, always in Vietnamese."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from common import clock
from common.dates import format_long
from common.paper import paper_pdf
from common.registries import paper_heads
from courses.choices import DecisionKind
from courses.models import CourseRun
from enrollment.querysets import EnrollmentQuerySet

# More signature columns than these do not leave room to sign on A4.
SESSIONS_A_PAGE = 8

# Margins, type and position of the parts: Decree 30/2020/NĐ-CP, annex I.
PAPER_STYLE = """
@page { margin: 20mm 15mm 20mm 30mm;
  @top-center { content: counter(page); font-family: Paper; font-size: 13pt } }
@page :first { @top-center { content: none } }
html { font-family: Paper; font-size: 13pt; color: #000; }
table { border-collapse: collapse; width: 100%; }
.list th, .list td { border: 0.5pt solid #000; padding: 1.2mm 1.5mm; vertical-align: middle; }
.list th { font-weight: bold; text-align: center; }
.list tbody th { font-weight: normal; text-align: left; }
.list thead { display: table-header-group; }
.list tr { break-inside: avoid; }
.number { text-align: center; white-space: nowrap; }
.head td { text-align: center; vertical-align: top; padding: 0; }
.head p { margin: 0; }
.head .rule { margin: 1mm auto 0; border-top: 0.7pt solid #000; width: 30mm; line-height: 2mm; }
.head .motto + .rule { width: 49mm; }
h1 { font-size: 14pt; text-align: center; margin: 6mm 0 1mm; }
.under { text-align: center; margin: 0 0 4mm; }
.signers td { text-align: center; padding-top: 6mm; vertical-align: top; width: 50%; }
.motto { font-weight: bold; font-size: 13pt; } .state { font-weight: bold; font-size: 12.5pt; }
.signer { margin: 22mm 0 0; }
"""
_SHEET = """
@page { size: A4 landscape; }
.head td { width: 50%; } .head .place { font-style: italic; margin: 2mm 0 0; }
.about { text-align: center; font-weight: bold; margin: 0; } .days { font-style: italic; }
.list { font-size: 11pt; } .list td { height: 9mm; }
.list .sign { width: 20mm; } .list .narrow { width: 15mm; }
.signers { break-inside: avoid; } .signers p { margin: 0; } .signers .signer { margin: 22mm 0 0; }
.part { break-before: page; } .part:first-of-type { break-before: auto; }
"""
_OPENING = """
@page { size: A4; }
.place { font-style: italic; text-align: right; margin: 3mm 0 0; }
.body { text-align: justify; } .list { font-size: 12pt; }
.signers .to { font-size: 11pt; text-align: left; } .to strong { font-style: italic; }
"""


@dataclass(frozen=True, slots=True)
class PaperHead:
    """Issuer and signer of a document; blank parts are filled in by hand."""

    parent: str = ""
    body: str = ""
    place: str = ""
    authority: tuple[str, ...] = ()
    signer: str = ""


def attendance_sheet(run: CourseRun) -> bytes:
    """A4 landscape, one row per seated person, one signature column per session.

    Same layout as the attendance sheet that ``rosters`` exports.
    """
    sessions = list(run.sessions.order_by("number"))
    pages = -(-len(sessions) // SESSIONS_A_PAGE) or 1
    per_page = -(-len(sessions) // pages) or 1
    parts = [sessions[start : start + per_page] for start in range(0, len(sessions), per_page)]
    context = {
        "run": run,
        "head": paper_heads["class"](run) if "class" in paper_heads else PaperHead(),
        "today": format_long(clock.today()),
        "people": _people(run),
        "parts": parts or [[]],
    }
    return _render("sheet", _SHEET, context, f"Danh sách điểm danh {run.code}")


def class_opening_list(run: CourseRun) -> bytes:
    decision = run.decisions.filter(kind=DecisionKind.CLASS_OPENING).first()
    context = {
        "run": run,
        "people": _people(run),
        "decision": decision,
        "dated": format_long(decision.dated) if decision else "",
    }
    return _render("opening", _OPENING, context, f"Danh sách lớp {run.code}")


def named_in_documents(run: CourseRun) -> EnrollmentQuerySet:
    enrollments: EnrollmentQuerySet = run.enrollments.holding_a_seat().named()
    return enrollments


def _people(run: CourseRun) -> EnrollmentQuerySet:
    people = named_in_documents(run).select_related("trainee", "sending_agency")
    return people.in_roster_order()


def _render(name: str, css: str, context: dict[str, Any], title: str) -> bytes:
    html = render_to_string(f"enrollment/documents/{name}.html", context)
    return paper_pdf(html, PAPER_STYLE + css, title=title)
