"""The sections of the page, each about one kind of result."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.overview.html import Content, Html, badge, element, image, share, table
from devkit.overview.results import Coverage, Profile, Stress, Suite

_SUBJECTS = {"tests": "The tests that need no server", "api": "The running API", "worker": "The running worker"}


class Links:
    """Links to files beside the page; those that are not there are plain text."""

    def __init__(self, there: frozenset[str]) -> None:
        self._there = there

    def to(self, name: str, content: Content) -> Content:
        """Return a link, or the content alone."""
        return element("a", content, href=name) if name in self._there else content

    def picture(self, name: str, text: str) -> Content:
        """Return a picture that leads to itself, with the text that stands for it; nothing when it is not there."""
        return self.to(name, image(name, text)) if name in self._there else ""


def section(title: str, *contents: Content) -> Html:
    """Return a section with its heading."""
    name = title.lower()
    return element("section", element("h2", title, id=name), *contents, aria_labelledby=name)


def code(text: str) -> Html:
    """Return the name of something in the code."""
    return element("span", text, class_="code")


def tests(suites: Mapping[str, Suite]) -> Html:
    """Return the tests on each Python, those that failed or were skipped with the reasons, and the slowest."""
    rows = [
        (_python(step), str(suite.passed), str(len(suite.failed)), str(len(suite.skipped)), f"{suite.seconds:.0f} s")
        for step, suite in suites.items()
    ]
    header = ("Python", "passed", "failed", "skipped", "took")
    parts = [table("Tests on each Python", header, rows, numbers=range(1, 5))]
    parts += _reasons("Failed", "failed", {step: suite.failed for step, suite in suites.items()})
    parts += _reasons("Skipped", "idle", {step: suite.skipped for step, suite in suites.items()})
    step, suite = max(suites.items(), key=lambda each: each[1].seconds)
    longest = max((seconds for _, seconds in suite.slowest), default=0) or 1
    slowest = [(code(name), f"{seconds:.1f} s", share(seconds / longest)) for name, seconds in suite.slowest]
    if slowest:
        parts.append(element("h3", f"Slowest on Python {_python(step)}"))
        parts.append(table("Slowest tests", ("test", "took", ""), slowest, numbers=(1,)))
    return section("Tests", *parts)


def _reasons(title: str, kind: str, cases: Mapping[str, Sequence[tuple[str, str]]]) -> list[Html]:
    found = [
        element("div", code(f"{_python(step)} {name}"), element("pre", why or "no reason was given", class_=kind))
        for step, each in cases.items()
        for name, why in each
    ]
    return [element("h3", title), *found] if found else []


def coverage(found: Coverage, required: float, links: Links) -> Html:
    """Return how much the tests run, and the files of which they run least."""
    words = f"{found.percent:.1f} % of lines and branches"
    text = element(
        "p",
        badge("passed" if found.percent >= required else "failed", words),
        f" in {found.files} files; {required:.0f} % are required. ",
        links.to("coverage/index.html", "See each line"),
    )
    rows = [(code(name), f"{percent:.0f} %", share(percent / 100)) for name, percent in found.lowest]
    lowest = table("Files with the lowest coverage", ("lowest files", "lines run", ""), rows, numbers=(1,))
    return section("Coverage", text, lowest if rows else "")


def profiles(found: Mapping[str, Profile], links: Links) -> Html:
    """Return where time goes, with the pictures."""
    order = sorted(found.values(), key=lambda each: (each.of != "tests", each.of))
    return section("Profiles", element("div", *(_profile(each, links) for each in order), class_="pictures"))


def _profile(profile: Profile, links: Links) -> Html:
    of = _SUBJECTS.get(profile.of, profile.of)
    samples = f", {profile.samples} samples" if profile.samples else ""
    rows = [(code(function), f"{part:.1%}") for function, part in profile.top]
    # py-spy tells which function ran, Python's own profiler also how long it waited for what it called.
    header = ("function", "itself" if profile.samples else "with all it calls")
    return element(
        "figure",
        element("h3", of),
        element("span", f"{profile.seconds:.1f} s{samples}", class_="soft"),
        links.picture(f"profile-{profile.of}.svg", f"Flame graph of {of.lower()}; opens in full"),
        table(f"Where time goes: {of}", header, rows, numbers=(1,)),
    )


def stress(found: Stress, links: Links) -> Html:
    """Return what simulated users have seen."""
    rows = [_request(row) for row in found.rows]
    header = ("request", "count", "per second", "p50 ms", "p95 ms", "p99 ms", "failed")
    what = f"{found.users} users for {found.run_time:.0f} s. " if found.users else ""
    text = element("p", what, links.to("stress.html", "See the plots"))
    breaches = [element("pre", each, class_="failed") for each in found.breaches]
    return section("Stress", text, *breaches, table("Requests under stress", header, rows, numbers=range(1, 7)))


def _request(row: Mapping[str, Any]) -> list[str]:
    times = [f"{row[name]:.0f}" for name in ("p50", "p95", "p99")]
    return [str(row["name"]), f"{row['count']:.0f}", f"{row['rate']:.1f}", *times, f"{row['failures']:.0f}"]


def _python(step: str) -> str:
    return step.removeprefix("tests-")
