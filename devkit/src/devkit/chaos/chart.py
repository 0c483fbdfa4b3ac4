"""A chart of a run: jobs accepted and done in each second, and when the fault was, as SVG."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from devkit.templates import template

WIDTH, HEIGHT = 900, 320
_LEFT, _TOP, _RIGHT, _BOTTOM = 50, 60, 20, 40
_COLOURS = {"accepted": "#1f77b4", "done": "#2ca02c"}
_TEMPLATE = template(Path(__file__).with_name("chart.svg.jinja"))


def draw(title: str, series: Mapping[str, Iterable[float]], *, fault: tuple[float, float] | None) -> str:
    """Return an SVG document.

    `series` are the moments of what happened, by its name; `fault` is when the fault began and ended, None without
    one. All are in seconds since 1970.
    """
    moments = {name: list(times) for name, times in series.items()}
    everything = [*(at for times in moments.values() for at in times), *(fault or ())] or [0.0]
    first = int(min(everything))
    span = max(1, int(max(everything)) + 1 - first)
    counts = {name: Counter(int(at) - first for at in times) for name, times in moments.items()}
    top = max([1, *(count for seconds in counts.values() for count in seconds.values())])

    def x(second: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * second / span, 1)

    def y(count: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * count / top, 1)

    return _TEMPLATE.render(
        title=title,
        width=WIDTH,
        height=HEIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        fault=(x(fault[0] - first), max(2.0, x(fault[1] - first) - x(fault[0] - first))) if fault else None,
        levels=[(count, y(count)) for count in sorted({0, top // 2, top})],
        seconds=[(second, x(second)) for second in range(0, span + 1, max(1, span // 10))],
        series=[
            (
                f"{name} per second",
                _COLOURS.get(name, "black"),
                [(x(second), y(seconds[second])) for second in range(span)],
            )
            for name, seconds in counts.items()
        ],
    )
