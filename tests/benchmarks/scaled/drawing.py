"""Growth as a picture: one SVG, logarithmic both ways, each line against its own smallest value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from pathlib import Path

_WIDE, _HIGH, _LEFT, _TOP = 560, 360, 60, 20
_COLOURS = ("#1b6ca8", "#c0392b", "#27805d", "#8e44ad", "#b9770e", "#34495e")
_STEP = 22  # between two lines of the legend


def draw(file: Path, grown: Mapping[int, Mapping[str, float]]) -> None:
    """Write the picture. `grown` has figures by the number of passages; those of one size show no
    line.

    Drawn is how many times that of the smallest library each figure is.
    """
    names = list(dict.fromkeys(name for each in grown.values() for name in each))
    lines = {
        name: [(n, grown[n][name]) for n in sorted(grown) if name in grown[n]] for name in names
    }
    lines = {name: line for name, line in lines.items() if len(line) > 1}
    if not lines:
        return
    times = {name: [(n, value / line[0][1]) for n, value in line] for name, line in lines.items()}
    first, last = (math.log10(f(n for line in times.values() for n, _ in line)) for f in (min, max))
    values = [math.log10(value) for line in times.values() for _, value in line]
    low, high = math.floor(min(values)), math.ceil(max(*values, 1))

    def place(n: float, value: float) -> tuple[float, float]:
        across = (math.log10(n) - first) / (last - first)
        up = (math.log10(value) - low) / (high - low)
        return _LEFT + _WIDE * across, _TOP + _HIGH * (1 - up)

    parts = []
    for power in range(low, high + 1):
        _, y = place(10**first, 10**power)
        parts.append(f'<path d="M{_LEFT} {y:.0f}h{_WIDE}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{10**power:g}×</text>'
        )
    for n in sorted({n for line in times.values() for n, _ in line}):
        x, _ = place(n, 1)
        parts.append(f'<path d="M{x:.0f} {_TOP}v{_HIGH}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.0f}" y="{_TOP + _HIGH + 18}" text-anchor="middle">{n:,}</text>')
    for number, (name, line) in enumerate(times.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        dash = "" if number < len(_COLOURS) else ' stroke-dasharray="5 3"'
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in (place(*one) for one in line))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"{dash}/>')
        y = _TOP + _STEP * (number + 1)
        x = _LEFT + _WIDE + 20
        parts.append(f'<path d="M{x} {y - 4}h24" stroke="{colour}"{dash}/>')
        parts.append(f'<text x="{x + 30}" y="{y}">{escape(name)}, {lines[name][-1][1]:,.3g}</text>')
    size = f'width="{_LEFT + _WIDE + 320}" height="{_TOP + _HIGH + 40}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    )
    file.write_text("\n".join([head, *parts, "</svg>\n"]), "utf-8")
