"""Every link within the repository leads to a file that is there, and to a heading that is in it."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from .blocks import ROOT, pages, translations


def without_blocks(text: str) -> str:
    return re.sub(r"(?ms)^```.*?^```$", "", text)


def anchors(path: Path) -> list[str]:
    """Return the names that GitHub and its likes give to the headings of a document, in their order."""
    found: list[str] = []
    counts = Counter[str]()
    for title in re.findall(r"(?m)^#{1,6} (.+)$", without_blocks(path.read_text(encoding="utf-8"))):
        name = re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        found.append(f"{name}-{counts[name]}" if counts[name] else name)
        counts[name] += 1
    return found


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks((ROOT / page).read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert missing == []


def test_the_readme_leads_to_every_document() -> None:
    """To each one by its map, or by a document that the map names."""
    named = linked("README.md")
    documents = {page for page in {*pages()} - {*translations()} if re.match(r"docs/(?!decisions/)", page)}
    assert documents - named.union(*map(linked, named & documents)) == set()


def linked(page: str) -> set[str]:
    """Return the pages that a page has links to."""
    text, folder = (ROOT / page).read_text(encoding="utf-8"), (ROOT / page).parent
    names = re.findall(r"\]\(([\w./-]+\.md)", text)
    return {os.path.relpath(folder / name, ROOT) for name in names}


def test_every_decision_is_in_their_index() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    decisions = {Path(page).name for page in pages() if re.search(r"/decisions/\d", page)}
    assert {name for name in decisions if f"({name})" not in index} == set()
