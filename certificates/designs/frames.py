"""Draws the backgrounds of the other starter designs: ``python -m certificates.designs.frames``.

Hoa sen: a portrait sheet in a double frame whose corners are lotus buds. Song ngữ: a band of
dark blue at the left of a landscape sheet, with a drum face and rows of sawteeth.
"""

from math import cos, pi, sin
from pathlib import Path

from certificates.designs.ornament import GOLD, PALE, drum

NAVY, RED = "#1d2c4d", "#9a1f1b"


def _svg(width: int, height: int, content: str) -> str:
    return (
        f'<svg id="background" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {height}">{content}</svg>\n'
    )


def _box(width: float, height: float, inset: float, colour: str, stroke: float) -> str:
    return (
        f'<rect x="{inset}" y="{inset}" width="{width - 2 * inset}" '
        f'height="{height - 2 * inset}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>'
    )


def _petal(angle: float, length: float, breadth: float) -> str:
    """A pointed leaf from the origin, in the direction of the angle."""
    along, across = (cos(angle), sin(angle)), (-sin(angle), cos(angle))

    def at(forward: float, aside: float) -> str:
        x = along[0] * forward + across[0] * aside
        y = along[1] * forward + across[1] * aside
        return f"{x:.2f} {y:.2f}"

    return (
        f"M0 0C{at(length * 0.3, breadth)} {at(length * 0.75, breadth * 0.8)} {at(length, 0)}"
        f"C{at(length * 0.75, -breadth * 0.8)} {at(length * 0.3, -breadth)} 0 0Z"
    )


def _lotus(size: float) -> str:
    """Five petals opening towards the sheet's middle (down and to the right)."""
    angles = (pi / 4 + step * pi / 7 for step in (-2, 2, -1, 1, 0))
    petals = "".join(
        f'<path d="{_petal(angle, size, size * 0.24)}" fill="#fffdf7" stroke="{GOLD}" '
        'stroke-width=".35"/>'
        for angle in angles
    )
    return f'{petals}<circle r="{size * 0.16:.2f}" fill="{RED}"/>'


def lotus_sheet() -> str:
    width, height, at = 210, 297, 12.5
    corners = "".join(
        f'<g transform="translate({x} {y}) scale({sx} {sy})">{_lotus(15)}</g>'
        for x, sx in ((at, 1), (width - at, -1))
        for y, sy in ((at, 1), (height - at, -1))
    )
    return _svg(
        width,
        height,
        f'<g transform="translate(105 142)">{drum(56)}</g>'
        f"{_box(width, height, 9, NAVY, 1.1)}{_box(width, height, 10.6, GOLD, 0.35)}"
        f"{_box(width, height, 12.5, GOLD, 0.25)}{corners}",
    )


def _saw(y: float, count: int, width: float) -> str:
    step = width / count
    teeth = "".join(
        f"M{i * step:.2f} {y:.2f}L{(i + 0.5) * step:.2f} {y - 2.2:.2f}"
        f"L{(i + 1) * step:.2f} {y:.2f}Z"
        for i in range(count)
    )
    return f'<path d="{teeth}" fill="{GOLD}"/>'


def bilingual_sheet() -> str:
    band = 36
    rows = "".join(_saw(y, 12, band) for y in (68, 74, 186, 192, 198))
    return _svg(
        297,
        210,
        f'<rect x="0" y="0" width="{band}" height="210" fill="{NAVY}"/>'
        f'<rect x="{band}" y="0" width="1.1" height="210" fill="{GOLD}"/>'
        f'<g transform="translate({band / 2} 34)">{drum(15, GOLD)}</g>{rows}'
        f'<g transform="translate(244 62)">{drum(34, PALE)}</g>',
    )


if __name__ == "__main__":
    here = Path(__file__).parent
    (here / "hoa_sen" / "background.svg").write_text(lotus_sheet(), encoding="utf-8")
    (here / "song_ngu" / "background.svg").write_text(bilingual_sheet(), encoding="utf-8")
