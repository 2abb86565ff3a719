"""Draws the background of the starter design: ``python -m certificates.designs.ornament``.

Frame and watermark take up the geometry of the bronze drums of Đông Sơn:
a star of fourteen rays, rings of sawteeth, of ladders and of circles with tangents.
Units are millimetres on an A4 sheet in landscape; the SVG uses solid paths alone,
because the background is compiled once into plain PDF drawing operators.
"""

from math import cos, pi, sin
from pathlib import Path

WIDTH, HEIGHT = 297, 210
GOLD, PALE, RED = "#b4913f", "#f5eedd", "#9a1f1b"
FRAME = 9.0
BAND = 7.2


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _path(points: list[tuple[float, float]], *, closed: bool = True) -> str:
    steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return f"M{steps}{'Z' if closed else ''}"


def _polar(radius: float, angle: float) -> tuple[float, float]:
    return radius * cos(angle), radius * sin(angle)


def _ring(radius: float) -> str:
    r = _n(radius)
    return f"M{r} 0A{r} {r} 0 1 1 -{r} 0A{r} {r} 0 1 1 {r} 0Z"


def _star(rays: int, outer: float, inner: float) -> str:
    turn = pi / rays
    points = [_polar(inner if i % 2 else outer, i * turn - pi / 2) for i in range(2 * rays)]
    return _path(points)


def _sawteeth(count: int, inner: float, outer: float) -> str:
    turn = 2 * pi / count
    teeth = (
        [_polar(inner, i * turn), _polar(outer, (i + 0.5) * turn), _polar(inner, (i + 1) * turn)]
        for i in range(count)
    )
    return "".join(_path(tooth) for tooth in teeth)


def _ladder(count: int, inner: float, outer: float) -> str:
    turn = 2 * pi / count
    rungs = ([_polar(inner, i * turn), _polar(outer, i * turn)] for i in range(count))
    return "".join(_path(rung, closed=False) for rung in rungs)


def _circles(count: int, radius: float, size: float) -> str:
    """Rings of circles, each tied to the next by a tangent, as on the drums."""
    turn = 2 * pi / count
    parts = []
    for i in range(count):
        (x, y), (nx, ny) = _polar(radius, i * turn), _polar(radius, (i + 1) * turn)
        parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(size)}"/>')
        ux, uy = (nx - x), (ny - y)
        length = (ux * ux + uy * uy) ** 0.5
        ox, oy = -uy / length * size, ux / length * size
        parts.append(f'<path d="{_path([(x - ox, y - oy), (nx + ox, ny + oy)], closed=False)}"/>')
    return "".join(parts)


def drum(size: float, colour: str = PALE) -> str:
    """A drum face around the origin, ``size`` mm in radius."""
    unit = size / 70
    lines = "".join(_ring(r * unit) for r in (16, 18.5, 26, 28, 35.5, 37.5, 48, 50, 57, 59, 68, 70))
    fills = (
        _star(14, 15 * unit, 4.6 * unit)
        + _sawteeth(56, 19.5 * unit, 25 * unit)
        + _sawteeth(120, 51 * unit, 56 * unit)
    )
    return (
        f'<path fill="{colour}" d="{fills}"/>'
        f'<g fill="none" stroke="{colour}" stroke-width="{_n(0.55 * unit)}">'
        f'<path d="{lines}"/><path d="{_ladder(144, 59.5 * unit, 67.5 * unit)}"/>'
        f"{_circles(30, 31.75 * unit, 2.4 * unit)}{_circles(36, 42.75 * unit, 3.2 * unit)}</g>"
    )


def _side(length: float, count: int) -> str:
    step, middle, size = length / count, BAND / 2, 1.35
    circles, dots, ties, teeth = [], [], [], []
    for i in range(count):
        x = (i + 0.5) * step
        circles.append(f'<circle cx="{_n(x)}" cy="{_n(middle)}" r="{size}"/>')
        dots.append(f'<circle cx="{_n(x)}" cy="{_n(middle)}" r=".45"/>')
        if i + 1 < count:
            tie = [(x, middle - size), (x + step, middle + size)]
            ties.append(_path(tie, closed=False))
        for k in (0, 1):
            left, right = x + (k - 1) * step / 2, x + k * step / 2
            teeth.append(_path([(left, 0.75), ((left + right) / 2, 1.75), (right, 0.75)]))
            low = BAND - 0.75
            teeth.append(_path([(left, low), ((left + right) / 2, low - 1), (right, low)]))
    return (
        f'<g fill="none" stroke="{GOLD}" stroke-width=".28">{"".join(circles)}'
        f'<path d="{"".join(ties)}"/></g>'
        f'<g fill="{GOLD}">{"".join(dots)}<path d="{"".join(teeth)}"/></g>'
    )


def _frame() -> str:
    across, down = WIDTH - 2 * FRAME - 2 * BAND, HEIGHT - 2 * FRAME - 2 * BAND
    near, far_x, far_y = FRAME + BAND, WIDTH - FRAME - BAND, HEIGHT - FRAME - BAND
    top, side = _side(across, 56), _side(down, 38)
    transforms = (
        (top, f"translate({_n(near)} {_n(FRAME)})"),
        (top, f"translate({_n(far_x)} {_n(HEIGHT - FRAME)}) rotate(180)"),
        (side, f"translate({_n(WIDTH - FRAME)} {_n(near)}) rotate(90)"),
        (side, f"translate({_n(FRAME)} {_n(far_y)}) rotate(-90)"),
    )
    return "".join(f'<g transform="{where}">{what}</g>' for what, where in transforms)


def _box(inset: float, colour: str, width: float) -> str:
    return (
        f'<rect x="{_n(inset)}" y="{_n(inset)}" width="{_n(WIDTH - 2 * inset)}" '
        f'height="{_n(HEIGHT - 2 * inset)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
    )


def _corner(x: float, y: float) -> str:
    return (
        f'<g transform="translate({_n(x)} {_n(y)})"><path fill="{RED}" '
        f'd="{_star(14, 2.6, 1.15)}"/><path fill="none" stroke="{GOLD}" '
        f'stroke-width=".3" d="{_ring(3.1)}"/></g>'
    )


def _corners() -> str:
    half = FRAME + BAND / 2
    return "".join(_corner(x, y) for x in (half, WIDTH - half) for y in (half, HEIGHT - half))


def background() -> str:
    return (
        f'<svg id="background" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<g transform="translate({WIDTH / 2} 98)">{drum(52)}</g>'
        f"{_box(FRAME - 1, RED, 0.9)}{_box(FRAME + 0.15, GOLD, 0.3)}{_frame()}{_corners()}"
        f"{_box(FRAME + BAND - 0.15, GOLD, 0.3)}{_box(FRAME + BAND + 1.2, RED, 0.35)}</svg>\n"
    )


if __name__ == "__main__":
    target = Path(__file__).parent / "dong_son" / "background.svg"
    target.write_text(background(), encoding="utf-8")
