"""The page of `invoke check-all` as tests look at it: from results as the real tools have written them."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from devkit.overview.page import About, render
from devkit.overview.reading import read

SAMPLES = Path(__file__).with_name("samples")
STEPS = ("lint", "types", "tests-3.11", "tests-3.13", "coverage", "profile")
ABOUT = About("a<b", "1.2.3", "abc1234 (fix: <i>all</i>)", 0, STEPS, 40, 1_800_000_000)
VOID = ("meta", "img")


def copied(folder: Path, own: Path) -> Path:
    """Reports in a new folder: the common ones, and others beside them."""
    shutil.copytree(SAMPLES, folder / "reports")
    return Path(shutil.copytree(own, folder / "reports", dirs_exist_ok=True))


def page(reports: Path, about: About = ABOUT) -> str:
    return render(about, read(reports), frozenset(str(path.relative_to(reports)) for path in reports.rglob("*")))


def row(text: str, step: str) -> str:
    """The text of a step's row, words only."""
    found = re.search(rf"<tr><th[^>]*>{re.escape(step)}</th>(.*?)</tr>", text, re.DOTALL)
    assert found, f"there is no row for {step}"
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


class Strict(HTMLParser):
    """Refuses elements that are not closed, or closed in a wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.opened.append(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]
        self.ids += [str(value) for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag
