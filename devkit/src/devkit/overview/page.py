"""The page `reports/index.html`: made from results alone, one file, nothing from elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from devkit.overview import sections
from devkit.overview.html import Content, Html, badge, element, html, join, sign, table
from devkit.overview.results import Outcome, Results
from devkit.overview.sections import Links, code, section
from devkit.overview.verdict import state, verdict

_STYLE = Path(__file__).with_name("page.css")


@dataclass(frozen=True)
class About:
    """What the results are of: the project, its version, the commit and when that was made, and the steps there are."""

    project: str
    version: str
    commit: str
    committed: float
    steps: Sequence[str]
    required_coverage: float
    now: float


def render(about: About, results: Results, there: frozenset[str]) -> str:
    """Return the page; `there` are the names of the files that it may link to."""
    links, overall = Links(there), verdict(about.steps, results)
    title = f"{about.project} {about.version}: {overall.words}"
    head = element(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        element("style", Html(_STYLE.read_text(encoding="utf-8"))),
    )
    header = element(
        "header",
        element("h1", about.project, element("small", about.version)),
        element("p", "Commit ", code(about.commit), ". Page made ", _time(about.now), ".", class_="about"),
        element(
            "p",
            sign(overall.kind),
            f" {overall.words[:1].upper()}{overall.words[1:]}",
            class_=f"verdict {overall.kind}",
        ),
        _figures(results),
    )
    body = element("body", header, element("main", _steps(about, results, links), *_sections(about, results, links)))
    return f"<!doctype html>\n{html(element('html', head, body, lang='en'))}\n"


def _sections(about: About, results: Results, links: Links) -> Iterator[Html]:
    if results.tests:
        yield sections.tests(results.tests)
    if results.coverage:
        yield sections.coverage(results.coverage, about.required_coverage, links)
    if results.profiles:
        yield sections.profiles(results.profiles, links)
    if results.stress:
        yield sections.stress(results.stress, links)


def _figures(results: Results) -> Content:
    items = [
        element("li", element("strong", figure), element("span", words)) for figure, words in _main_figures(results)
    ]
    return element("ul", *items, class_="figures") if items else ""


def _main_figures(results: Results) -> Iterator[tuple[str, str]]:
    if suites := results.tests.values():
        failed = sum(len(suite.failed) for suite in suites)
        on = f"on {len(suites)} Pythons" if len(suites) > 1 else "on one Python"
        yield (f"{failed} failed" if failed else f"{sum(suite.passed for suite in suites)} passed"), f"tests {on}"
    if results.coverage:
        yield f"{results.coverage.percent:.1f} %", "of lines and branches run by tests"
    if results.stress and (row := results.stress.all_requests):
        yield f"{row['rate']:.0f} /s", f"requests; 95 % within {row['p95']:.0f} ms"
    for row in results.stress.jobs if results.stress else ():
        yield f"{row['p50']:.0f} ms", f"{row['name']}; 95 % within {row['p95']:.0f} ms"


def _steps(about: About, results: Results, links: Links) -> Html:
    rows = []
    for step in about.steps:
        found, outcome = state(step, results), results.outcomes.get(step)
        took = f"{outcome.seconds:.0f} s" if outcome else ""
        rows.append((step, badge(found.kind, found.words), _figure(step, results, links), took, _ended(outcome, about)))
    broken = [
        element("p", code(name), f" cannot be read. {why}", class_="verdict failed")
        for name, why in results.broken.items()
    ]
    return section("Steps", table("Steps", ("step", "state", "result", "took", "ended"), rows, numbers=(3,)), *broken)


def _figure(step: str, results: Results, links: Links) -> Content:
    if suite := results.tests.get(step):
        return f"{suite.passed} passed, {len(suite.failed)} failed, {len(suite.skipped)} skipped"
    if step == "coverage" and results.coverage:
        return links.to("coverage/index.html", f"{results.coverage.percent:.1f} %")
    if step == "profile" and (profile := results.profiles.get("tests")):
        return links.to("profile-tests.svg", f"{profile.seconds:.1f} s of tests without servers")
    if step == "stress" and results.stress and (row := results.stress.all_requests):
        words = f"{row['rate']:.0f} requests/s, p50 {row['p50']:.0f} ms, p95 {row['p95']:.0f} ms, "
        return links.to("stress.html", f"{words}{row['failures']:.0f} failed")
    return ""


def _ended(outcome: Outcome | None, about: About) -> Content:
    if outcome is None:
        return ""
    old = outcome.ended < about.committed
    return join(_time(outcome.ended), element("strong", "before the last commit")) if old else _time(outcome.ended)


def _time(moment: float) -> Html:
    when = datetime.fromtimestamp(moment, UTC)
    return element("time", when.strftime("%Y-%m-%d %H:%M UTC"), datetime=when.isoformat(timespec="seconds"))
