"""Papers of a run, in Vietnamese as the decree asks: attendance sheet, class-opening list."""

import hashlib
import threading
from typing import Any

from django.template.loader import render_to_string

from common import clock, formats
from common.dates import format_long
from common.fonts import find_font
from common.pdf import Asset, Metadata, Renderer
from courses.choices import DecisionKind
from courses.models import CourseRun, OfficialDecision
from enrollment.models import Enrollment

# Same metrics as Times New Roman (Decree 30/2020/NĐ-CP asks for that type).
_FONTS = {
    "LiberationSerif-Regular.ttf": "normal",
    "LiberationSerif-Bold.ttf": "bold",
    "LiberationSerif-Italic.ttf": "italic",
}
# More signature columns than these do not leave room to sign on A4.
SESSIONS_A_PAGE = 8
_renderers = threading.local()

_COMMON = """
html { font-family: Paper; font-size: 13pt; color: #000; }
table { border-collapse: collapse; width: 100%; }
.list th, .list td { border: 0.5pt solid #000; padding: 1.2mm 1.5mm; vertical-align: middle; }
.list th { font-weight: bold; text-align: center; }
.list thead { display: table-header-group; }
.list tr { break-inside: avoid; }
.number { text-align: center; white-space: nowrap; }
.head td { text-align: center; vertical-align: top; padding: 0; }
.head p { margin: 0; }
.rule { margin: 1mm auto 0; border-top: 0.7pt solid #000; }
h1 { font-size: 14pt; text-align: center; margin: 6mm 0 1mm; }
.under { text-align: center; margin: 0 0 4mm; }
.signers td { text-align: center; padding-top: 6mm; vertical-align: top; }
"""
_SHEET = """
@page { size: A4 landscape; margin: 15mm 12mm 15mm 20mm;
  @top-center { content: counter(page); font-family: Paper; font-size: 11pt } }
@page :first { @top-center { content: none } }
html { font-size: 11pt; } .list td { height: 9mm; } .sign { width: 22mm; }
.part { break-before: page; } .part:first-of-type { break-before: auto; }
"""
# Margins, type and places of the parts: Decree 30/2020/NĐ-CP, annex I.
_DECREE_30 = """
@page { size: A4; margin: 20mm 15mm 20mm 30mm;
  @top-center { content: counter(page); font-family: Paper; font-size: 13pt } }
@page :first { @top-center { content: none } }
.motto { font-weight: bold; font-size: 13pt; } .state { font-weight: bold; font-size: 12.5pt; }
.place { font-style: italic; text-align: right; margin: 3mm 0 0; }
.body { text-align: justify; } .list { font-size: 12pt; }
.signer { margin: 22mm 0 0; }
.to { font-size: 11pt; text-align: left; } .to strong { font-style: italic; }
"""


def attendance_sheet(run: CourseRun) -> bytes:
    """A4 landscape, one row per person who holds a seat, a signature column per session."""
    sessions = [
        {
            "number": session.number,
            "day": f"{session.starts_at.astimezone(clock.HANOI):%d/%m}",
            "hours": formats.hours(session.starts_at, session.ends_at),
        }
        for session in run.sessions.order_by("number")
    ]
    parts = [
        sessions[start : start + SESSIONS_A_PAGE]
        for start in range(0, len(sessions), SESSIONS_A_PAGE)
    ]
    context = {"run": run, "course": run.course.title_vi, "people": _people(run)}
    return _made("sheet", _SHEET, context | {"parts": parts or [[]]}, f"Bảng điểm danh {run.code}")


def class_opening_list(run: CourseRun) -> bytes:
    """The confirmed list that goes with the class-opening decision, laid out by Decree 30."""
    decision = run.decisions.filter(kind=DecisionKind.CLASS_OPENING).first()
    context = {
        "run": run,
        "course": run.course.title_vi,
        "days": formats.days(run.starts_on, run.ends_on),
        "people": _people(run),
        "decision": _decision(decision),
    }
    return _made("opening", _DECREE_30, context, f"Danh sách lớp {run.code}")


def _people(run: CourseRun) -> list[dict[str, Any]]:
    places = run.enrollments.holding_a_seat().select_related("trainee", "sending_agency")
    return [_person(place) for place in places.in_roster_order()]


def _person(place: Enrollment) -> dict[str, Any]:
    who = place.trainee
    return {
        "name": who.full_name,
        "birth": formats.day(who.birth_date) or who.birth_year or "",
        "position": place.position or who.position,
        "unit": place.unit or place.sending_agency.name_vi,
        "agency": place.sending_agency.name_vi,
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


def _made(name: str, css: str, context: dict[str, Any], title: str) -> bytes:
    html = render_to_string(f"enrollment/papers/{name}.html", context)
    metadata = Metadata(
        title=title,
        created=clock.now(),
        identifier=hashlib.sha256(html.encode()).digest()[:16],
    )
    return _renderer(name, css).render(html, metadata=metadata)


def _renderer(name: str, css: str) -> Renderer:
    """One for each thread and paper: fonts and styles are read once."""
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
