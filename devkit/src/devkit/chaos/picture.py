"""A picture of a run: reports accepted and done in each second, and when the fault was; SVG, written by hand."""

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

WIDTH, HEIGHT = 900, 300
LEFT, TOP, RIGHT, BOTTOM = 50, 40, 20, 40
COLOURS = {"accepted": "#1f77b4", "done": "#2ca02c"}


def draw(title: str, lines: Mapping[str, Iterable[float]], *, fault: tuple[float, float]) -> str:
    """An SVG document. `lines` are the moments of what happened, `fault` is from when to when; seconds since 1970."""
    moments = {name: list(each) for name, each in lines.items()}
    everything = [*(at for each in moments.values() for at in each), *fault]
    first, last = int(min(everything)), int(max(everything)) + 1
    counts = {name: Counter(int(at) - first for at in each) for name, each in moments.items()}
    span = max(1, last - first)
    top = max([1, *(count for each in counts.values() for count in each.values())])

    def x(second: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * second / span, 1)

    def y(count: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / top, 1)

    box, area = f"0 0 {WIDTH} {HEIGHT}", f'y="{TOP}" height="{HEIGHT - TOP - BOTTOM}" fill="#d62728" opacity="0.15"'
    begin, end = x(fault[0] - first), x(fault[1] - first)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
        f'<rect class="fault" x="{begin}" width="{max(2.0, end - begin):.1f}" {area}/>',
    ]
    for count in sorted({0, top // 2, top}):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(count)}" y2="{y(count)}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(count) + 4}" text-anchor="end">{count}</text>')
    parts += [
        f'<text x="{x(second)}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{second} s</text>'
        for second in range(0, span + 1, max(1, span // 10))
    ]
    for number, (name, each) in enumerate(counts.items()):
        points = " ".join(f"{x(second)},{y(each[second])}" for second in range(span))
        colour = COLOURS.get(name, "black")
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{WIDTH - 260 + number * 140}" y="20" fill="{colour}">{escape(name)} per second</text>')
    return "\n".join([*parts, "</svg>", ""])
