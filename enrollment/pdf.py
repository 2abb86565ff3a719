"""Documents of a run as Decree 30/2020 lays them out, always in Vietnamese."""

import hashlib
import threading
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from common import clock, formats
from common.dates import format_date, format_long
from common.fonts import find_font
from common.pdf import Asset, Metadata, Renderer
from common.registries import paper_heads
from courses.choices import DecisionKind
from courses.models import CourseRun, OfficialDecision
from enrollment.models import Enrollment
from enrollment.querysets import EnrollmentQuerySet

# Same metrics as Times New Roman (Decree 30/2020/NĐ-CP asks for that type).
_FONTS = {
    "LiberationSerif-Regular.ttf": "normal",
    "LiberationSerif-Bold.ttf": "bold",
    "LiberationSerif-Italic.ttf": "italic",
}
# More signature columns than these do not leave room to sign on A4.
SESSIONS_A_PAGE = 8
_renderers = threading.local()

# Margins, type and position of the parts: Decree 30/2020/NĐ-CP, annex I.
_COMMON = """
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
    sessions = [
        {
            "number": session.number,
            "day": formats.short_day(session.starts_at),
            "hours": formats.hours(session.starts_at, session.ends_at),
        }
        for session in run.sessions.order_by("number")
    ]
    pages = -(-len(sessions) // SESSIONS_A_PAGE) or 1
    per_page = -(-len(sessions) // pages) or 1
    parts = [sessions[start : start + per_page] for start in range(0, len(sessions), per_page)]
    context = {
        "run": run,
        "course": run.course.title_vi,
        "head": paper_heads["class"](run) if "class" in paper_heads else PaperHead(),
        "today": format_long(clock.today()),
        "first_day": format_date(run.starts_on),
        "last_day": format_date(run.ends_on),
        "people": _people(run),
        "parts": parts or [[]],
    }
    return _render("sheet", _SHEET, context, f"Danh sách điểm danh {run.code}")


def class_opening_list(run: CourseRun) -> bytes:
    decision = run.decisions.filter(kind=DecisionKind.CLASS_OPENING).first()
    context = {
        "run": run,
        "course": run.course.title_vi,
        "days": formats.days(run.starts_on, run.ends_on),
        "people": _people(run),
        "decision": _decision(decision),
    }
    return _render("opening", _OPENING, context, f"Danh sách lớp {run.code}")


def named_in_documents(run: CourseRun) -> EnrollmentQuerySet:
    enrollments: EnrollmentQuerySet = run.enrollments.holding_a_seat().named()
    return enrollments


def _people(run: CourseRun) -> list[dict[str, Any]]:
    enrollments = named_in_documents(run).select_related("trainee", "sending_agency")
    return [_person(enrollment) for enrollment in enrollments.in_roster_order()]


def _person(enrollment: Enrollment) -> dict[str, Any]:
    who = enrollment.trainee
    return {
        "name": who.full_name,
        "birth": formats.day(who.birth_date) or who.birth_year or "",
        "position": enrollment.position or who.position,
        "unit": enrollment.unit or who.unit,
        "agency": enrollment.sending_agency.name_vi,
    }


def _decision(decision: OfficialDecision | None) -> dict[str, str]:
    if decision is None:
        return {}
    return {
        "number": decision.number,
        "dated": format_long(decision.dated),
        "parent": decision.parent_body,
        "body": decision.issuing_body,
        "place": decision.place,
        "signer": decision.signer_name,
        "title": decision.signer_title,
    }


def _render(name: str, css: str, context: dict[str, Any], title: str) -> bytes:
    html = render_to_string(f"enrollment/documents/{name}.html", context)
    metadata = Metadata(
        title=title,
        created=clock.now(),
        identifier=hashlib.sha256(html.encode()).digest()[:16],
    )
    return _renderer(name, css).render(html, metadata=metadata)


def _renderer(name: str, css: str) -> Renderer:
    """One renderer per thread and document: reading fonts and styles is slow."""
    known: dict[str, Renderer] = _renderers.__dict__
    if name not in known:
        faces = "".join(
            f'@font-face {{ font-family: Paper; src: url("asset:{file}"); '
            f"font-weight: {'bold' if style == 'bold' else 'normal'}; "
            f"font-style: {'italic' if style == 'italic' else 'normal'} }}"
            for file, style in _FONTS.items()
        )
        assets = {file: Asset(find_font(file).read_bytes(), "font/ttf") for file in _FONTS}
        known[name] = Renderer(stylesheets=[faces + _COMMON + css], assets=assets)
    return known[name]
