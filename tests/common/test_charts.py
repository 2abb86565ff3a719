"""Charts: well-formed, named, and nothing in them that the security policy stops."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.bar_charts import horizontal, meter
from common.charts import NARROW, WIDE, Mark, Point, cumulative

DAY = dt.date(2024, 6, 10)


def draw(points, marks, size=WIDE):
    return cumulative(points, marks, title="How <many>", description="A & B", name="x", size=size)


def test_a_chart_is_named_by_title_and_description():
    svg = ElementTree.fromstring(draw([Point(DAY, 5)], []))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "x-title x-desc"
    assert svg.findtext("title") == "How <many>"
    assert svg.findtext("desc") == "A & B"


def test_a_chart_holds_no_style_and_no_script():
    drawn = draw([Point(DAY, 5)], [Mark(DAY, 9, "nine")])
    assert "style=" not in drawn
    assert "<script" not in drawn


def test_marks_alone_can_be_drawn():
    assert "1.000" in draw([], [Mark(dt.date(2030, 12, 31), 1000, "1.000")])


@given(
    totals=st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    goal=st.integers(1, 10**6),
    size=st.sampled_from([WIDE, NARROW]),
)
def test_everything_lies_within_the_picture(totals, goal, size):
    points = [Point(DAY + dt.timedelta(days=30 * n), t) for n, t in enumerate(sorted(totals))]
    svg = ElementTree.fromstring(draw(points, [Mark(dt.date(2030, 12, 31), goal, "goal")], size))
    spots = [(float(c.get("cx", 0)), float(c.get("cy", 0))) for c in svg.iter("circle")]
    spots += [(float(x.get("x", 0)), float(x.get("y", 0))) for x in svg.iter("text")]
    assert all(0 <= x <= size.width and 0 <= y <= size.height for x, y in spots)


@pytest.mark.parametrize("most", [1, 7, 99, 100, 640, 1000, 123_456])
def test_the_scale_has_few_round_steps(most):
    svg = ElementTree.fromstring(draw([Point(DAY, most)], []))
    lines = [line for line in svg.iter("line") if line.get("y1") == line.get("y2")]
    assert 2 <= len(lines) <= 7


def test_bars_of_rows_name_each_row_and_escape_its_name():
    drawn = horizontal([("<A>", 10), ("B", 5)], title="t", description="d", name="n")
    assert "&lt;A&gt;" in drawn
    assert "<A>" not in drawn
    lengths = [int(width) for width in re.findall(r'<rect[^>]*width="(\d+)"', drawn)]
    assert lengths[0] == 2 * lengths[1]


def test_a_meter_marks_what_is_required():
    drawn = meter(62, 80, title="62 % of 80 %", name="m")
    done = int(re.findall(r'meter-done"[^>]*width="(\d+)"', drawn)[0])
    mark = int(re.findall(r'meter-mark" d="M(\d+)', drawn)[0])
    assert (done, mark) == (247, 319)
