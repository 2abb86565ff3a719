"""A signed report on paper, in Vietnamese and in the layout of Decree 30/2020/NĐ-CP.

Made from the frozen content of the report alone, so that it is the same file each time.
"""

import datetime as dt
import hashlib
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from common import charts, formats
from common.dates import format_long
from common.paper import paper_renderer
from common.pdf import Asset, Metadata
from targets.choices import TaskState, UnitAnswer
from targets.models import PeriodReport

# Margins, type and positions: Decree 30/2020/NĐ-CP, annex I.
_STYLE = """
@page { size: A4; margin: 20mm 17mm 20mm 30mm;
  @top-center { content: counter(page); font: 13pt Paper } }
@page :first { @top-center { content: none } }
html { font: 13.5pt/1.3 Paper; color: #000 } body, p, h1, h2 { margin: 0 }
.head { width: 100%; border-collapse: collapse; margin: 0 0 6mm }
.head td { text-align: center; vertical-align: top; padding: 0 }
.head .ours { width: 42% } .head p { white-space: nowrap } .head .body { white-space: normal }
.upper { text-transform: uppercase; font-size: 12.5pt }
.motto { font-weight: 700; font-size: 13.5pt }
.rule { width: 50%; margin: .8mm auto 2mm; border-top: .8pt solid #000 }
.motto + .rule { width: 46mm } .ours .rule { width: 22mm }
.place { font-style: italic }
h1 { font-size: 14pt; text-align: center; text-transform: uppercase }
.about { font-weight: 700; text-align: center; margin: 0 0 1mm }
.to-whom { text-align: center; margin: 3mm 0 4mm }
h2 { font-size: 13.5pt; margin: 4mm 0 1.5mm; break-after: avoid }
.text { text-align: justify; text-indent: 10mm; margin: 0 0 2mm }
.caption { font-style: italic; text-align: center; margin: 2.5mm 0 1mm; break-after: avoid }
.list { border-collapse: collapse; width: 100%; font-size: 12pt; margin: 0 0 2mm }
.list th, .list td { border: .5pt solid #000; padding: .8mm 1.6mm; vertical-align: middle }
.list thead th { text-align: center; font-weight: 700 } .list tbody th { text-align: left;
  font-weight: 400 } .list .n { text-align: right; white-space: nowrap }
.list .total th, .list .total td { font-weight: 700 }
.list thead { display: table-header-group } .list tr { break-inside: avoid }
.chart { width: 100%; margin: 1mm 0 } .hash { overflow-wrap: anywhere; margin: 0 0 2mm;
  break-before: avoid; break-inside: avoid }
.close { width: 100%; margin-top: 7mm; break-inside: avoid }
.close td { vertical-align: top; padding: 0; width: 50% }
.to { font-size: 11pt } .to strong { font: italic 700 12pt Paper }
.sign { text-align: center; font-weight: 700 } .sign .name { margin-top: 24mm }
.small { font-size: 11pt; text-align: justify; margin-top: 3mm }
"""
_CHART = """<style>text{font:15px Paper}.chart-grid{stroke:#bbb;stroke-width:.6}
.chart-axis{stroke:#000;fill:none}.chart-area{fill:#e4e4e4}.chart-line{fill:none;stroke:#000;
stroke-width:1.8}.chart-now{fill:#000}.chart-strong{font-weight:700}</style>"""
_SIZE = charts.Size(640, 260)


def report_pdf(report: PeriodReport) -> bytes:
    """PDF/A-3a and PDF/UA-1; every call gives the same bytes."""
    with override("vi"):
        context = _context(report)
        chart = _chart(report)
        html = render_to_string("targets/papers/report.html", context)
    seed = f"{html}{chart}{report.names_sha256}{report.pack_sha256}".encode()
    metadata = Metadata(
        title=f"{context['title']} ({context['days']})",
        created=report.signed_at,
        identifier=hashlib.sha256(seed).digest()[:16],
        author=context["letter"]["body"],
    )
    assets = {"chart": Asset(chart.encode(), "image/svg+xml")}
    return paper_renderer(_STYLE).render(html, metadata=metadata, assets=assets)


def _context(report: PeriodReport) -> dict[str, Any]:
    content = report.content
    letter = content["letter"]
    agencies = [_part(row) for row in content["by_agency"]]
    return {
        "title": "Báo cáo kết quả đào tạo, bồi dưỡng kiến thức trí tuệ nhân tạo ứng dụng",
        "letter": letter | {"dated": format_long(dt.date.fromisoformat(letter["dated"]))},
        "signer_lines": letter["signer_title"].split(", "),
        "indicator": content["indicator"]["title_vi"],
        "days": formats.days(report.starts_on, report.ends_on),
        "starts": formats.day(report.starts_on),
        "ends": formats.day(report.ends_on),
        "persons": formats.number(report.persons),
        "new": formats.number(report.new_persons),
        "completions": formats.number(report.completions),
        "known": formats.exact(report.known_as_of),
        "rule": content["rule"],
        "targets": [_target(row) for row in content["targets"]],
        "basis": next((row["legal_basis"] for row in content["targets"]), ""),
        "sectors": [_part(row) for row in content["sectors"]],
        "kinds": [_part(row) for row in content["kinds"]],
        "agencies": agencies,
        "adopted": _iso_day(content["rule"]["adopted_on"]),
        "version": report.version,
        "signed_by": report.signed_by,
        "sha256": report.names_sha256,
        "pack_sha256": _in_groups(report.pack_sha256),
        "quality": _quality(content.get("quality")),
        "percentages": [_percentage(row) for row in content.get("percentages", ())],
        "tables": _table_numbers(content),
        "opening": _opening(content.get("opening")),
        "tasks": [_task(row) for row in content.get("tasks", ())],
        "audit_head": _audit_head(content.get("audit_head")),
    }


_QUALITY = {
    "doubles": "Khả năng trùng người",
    "evidence": "Theo loại minh chứng",
    "trainee_kinds": "Cán bộ và chuyên gia",
    "minimum_periods": "Theo số tiết tối thiểu",
    "cautions": "Cần lưu ý",
}


def _quality(quality: dict[str, Any] | None) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Title and rows of each part that was frozen; none in reports of release 1.0."""
    parts = {key: title for key, title in _QUALITY.items() if key in (quality or {})}
    return [(title, list(map(_quality_row, (quality or {})[key]))) for key, title in parts.items()]


def _quality_row(one: dict[str, Any]) -> tuple[str, str, str]:
    return one["label"], _or_dash(one["persons"]), _or_dash(one["completions"])


def _table_numbers(content: dict[str, Any]) -> dict[str, int]:
    """Numbers of the tables after the third: older reports lack some of them."""
    tables = ("opening", "quality", "percentages", "tasks")
    names = [name for name in tables if content.get(name)]
    return {name: number for number, name in enumerate(names, start=4)}


def _percentage(row: dict[str, Any]) -> dict[str, Any]:
    base, previous = row["base"], row["previous"]
    silent = [one["agency_name"] for one in row["states"] if one["state"] == "silent"]
    return {
        "title": row["title_vi"],
        "base": base,
        "part": f"{formats.number(row['numerator'])}/{formats.number(row['denominator'])}",
        "percent": _share(row["percent"]),
        "of_all": _share(row["percent_of_all"]),
        "targets": [_percent_target(goal) for goal in row["targets"]],
        "silent": "; ".join(silent),
        "previous": previous
        and {name: _share(previous[name]["percent"]) for name in ("signed", "now")},
        "changes": [_value_change(one) for one in row["changes"]],
    }


def _percent_target(goal: dict[str, Any]) -> str:
    state = "đạt" if goal["met"] else "chưa đạt"
    if goal["met_by_reported"] and not goal["met"]:
        state = "đạt một phần"
    return f"{goal['minimum']} % đến ngày {_iso_day(goal['due_on'])}: {state}"


_CHANGES = {
    "withdrawn": "rút lại",
    "replaced": "thay thế",
    "accepted_late": "chấp nhận sau khi ký báo cáo kỳ trước",
}


def _value_change(one: dict[str, Any]) -> dict[str, str]:
    new = one["replaced_by"]
    return {
        "agency": one["agency_name"],
        "what": _CHANGES[one["kind"]],
        "value": _dated_part(one),
        "new": _dated_part(new) if new else "",
        "reason": one["reason"],
    }


def _dated_part(one: dict[str, Any]) -> str:
    part = f"{formats.number(one['numerator'])}/{formats.number(one['denominator'])}"
    return f"{part} ({_iso_day(one['measured_on'])})"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1f}".replace(".", ",")


def _or_dash(number: int | None) -> str:
    return "–" if number is None else formats.number(number)


def _in_groups(digits: str) -> str:
    """A hash as somebody can type it from the paper: ``3f2a 90bc …``."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _opening(opening: dict[str, Any] | None) -> dict[str, Any] | None:
    """The bridge from the last signed figure; None in reports of release 1.0."""
    if opening is None:
        return None
    previous = opening["previous"]
    bridges = opening["persons"], opening["completions"]
    return {
        "previous": previous
        and {"number": previous["number"], "ends": _iso_day(previous["ends_on"])},
        "replaces": [
            {"number": one["number"], "persons": formats.number(one["persons"]),
             "reason": one["reason"], "code": one["code"]}
            for one in opening["replaces"]
        ],
        "first": [formats.number(bridge["opening"]) for bridge in bridges],
        "kinds": [
            {"label": row["label"],
             "figures": [formats.signed(row["persons"]), formats.signed(row["completions"])]}
            for row in opening["kinds"]
        ],
        "between": [formats.signed(bridge["between"]) for bridge in bridges]
        if any(bridge["between"] for bridge in bridges)
        else None,
        "new": [formats.signed(bridge["new"]) for bridge in bridges],
        "newly_recorded": formats.number(opening["newly_recorded"]),
        "recorded_after": formats.number(opening["recorded_after"]),
    }  # fmt: skip


def _iso_day(day: str) -> str:
    return formats.day(dt.date.fromisoformat(day))


def _audit_head(head: dict[str, Any] | None) -> dict[str, str] | None:
    """None in reports from before heads of the audit log were signed."""
    if head is None:
        return None
    sealed_at = formats.instant(dt.datetime.fromisoformat(head["sealed_at"]))
    return {
        "length": formats.number(head["length"]),
        "sealed": sealed_at,
        "hash": head["hash"],
        "key": head["key"],
        "signature": head["signature"],
    }


def _part(row: dict[str, Any]) -> dict[str, Any]:
    figures = {name: formats.number(row[name]) for name in ("persons", "new", "completions")}
    return {"label": row["label"]} | figures


def _target(row: dict[str, Any]) -> dict[str, Any]:
    if row["met"]:
        state = f"Đạt ngày {_iso_day(row['met_on'])}"
    else:
        state = f"Còn thiếu {formats.number(row['minimum'] - row['persons'])} người"
    return {
        "due": _iso_day(row["due_on"]),
        "minimum": formats.number(row["minimum"]),
        "persons": formats.number(row["persons"]),
        "percent": f"{100 * row['persons'] / row['minimum']:.1f}".replace(".", ","),
        "state": state,
    }


_TASK_STATES = {
    TaskState.OPEN: "Đang thực hiện",
    TaskState.OVERDUE: "Quá hạn",
    TaskState.DONE: "Hoàn thành",
    TaskState.DONE_LATE: "Hoàn thành muộn",
}
_ANSWERS = {
    "": "chưa trả lời",
    UnitAnswer.ACCEPTED: "nhận phối hợp",
    UnitAnswer.DONE: "đã hoàn thành",
    UnitAnswer.REFUSED: "từ chối",
}


def _task(row: dict[str, Any]) -> dict[str, Any]:
    done_on, progress = row["done_on"], row["progress"]
    return row | {
        "due": _iso_day(row["due_on"]),
        "state": _TASK_STATES[row["state"]],
        "done": _iso_day(done_on) if done_on else "",
        "progress": progress and f"{_iso_day(progress['day'])}: {progress['text']}",
        "units": [unit | {"answer": _ANSWERS[unit["answer"]]} for unit in row["cooperating_units"]],
    }


def _chart(report: PeriodReport) -> str:
    points, total = [], 0
    for month in report.content["months"]:
        total += month["persons"]
        points.append(charts.Point(min(_last_day(month["key"]), report.ends_on), total))
    if not points or points[-1].day < report.ends_on:
        points.append(charts.Point(report.ends_on, total))
    # Without the targets: one years ahead would flatten the curve; table 1 lists them.
    drawing = charts.cumulative(
        points, (), title="Số người", description="Lũy kế", name="chart", size=_SIZE
    )
    head, _, rest = str(drawing).partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg">{_CHART}{rest}'


def _last_day(month: str) -> dt.date:
    first = dt.date.fromisoformat(f"{month}-01")
    return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
