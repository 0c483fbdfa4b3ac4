"""What a document and its translation have in common: everything but the words.

An outline is a list of elements: headings, blocks of code, paragraphs, items of lists, rows of tables, and the lines
that mark something for a capability. Each has the marks that stand within it, and between these the code and the links.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .blocks import FENCE, ROOT, blocks, translations
from .test_links import anchors

# Where the languages are chosen: the line below the title.
LANGUAGES = 2

_MARK = re.compile(r"<!-- (/?[a-z][a-z0-9-]*) -->")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>]+)>")
_ITEM = re.compile(r"(#+|-|\d+\.) ")


@dataclass(frozen=True)
class Element:
    """A part of a document: what it is, what it holds beside words, and its text."""

    place: str
    kind: str
    holds: object
    text: str


def outline(page: str, root: Path = ROOT) -> list[Element]:
    """Return the elements of a document."""
    text = (root / page).read_text(encoding="utf-8")
    code = iter(blocks(page, root))
    # As many lines as before, so that places are right.
    text = FENCE.sub(lambda found: "\0" + "\n" * found[0].count("\n"), text)
    elements = []
    for line, lines in _elements(text.splitlines()):
        place, whole = f"{page}:{line}", " ".join(lines)
        if whole == "\0":
            block = next(code)
            elements.append(Element(place, "block", (block.language, block.kind, block.value), block.text))
        elif whole.startswith("|"):
            elements.append(Element(place, "row", [_holds(cell, page, root) for cell in whole.split("|")], whole))
        else:
            start = _ITEM.match(whole)
            elements.append(Element(place, start[1] if start else "text", _holds(whole, page, root), whole))
    return elements


def _elements(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each element's first line, and its lines."""
    first, kept = 0, list[str]()
    for number, line in enumerate(lines):
        text = "" if number == LANGUAGES else line.strip()
        alone = text in ("", "\0") or text.startswith("|") or _MARK.fullmatch(text)
        if kept and (alone or _ITEM.match(text) or kept[0].startswith("#")):
            yield first + 1, kept
            kept = []
        if alone and text:
            yield number + 1, [text]
        elif text:
            first = first if kept else number
            kept.append(text)
    if kept:
        yield first + 1, kept


def _holds(text: str, page: str, root: Path) -> tuple[list[str], list[object]]:
    """Return the marks in a text in their order, and what stands outside of them and in each."""
    outside, *pieces = _MARK.split(text)
    marks, inside, depth = pieces[::2], list[str](), 0
    for mark, piece in zip(marks, pieces[1::2], strict=True):
        depth += -1 if mark.startswith("/") else 1
        if depth:
            inside.append(piece)
        else:
            # A sentence of another language may have another order.
            outside += piece
    return marks, [_code_and_links(each, page, root) for each in (outside, *inside)]


def _code_and_links(text: str, page: str, root: Path) -> tuple[list[str], list[str]]:
    links = (found[1] or found[2] for found in _LINK.finditer(_CODE.sub("", text)))
    return sorted(_CODE.findall(text)), sorted(_target(link, page, root) for link in links)


def _target(link: str, page: str, root: Path) -> str:
    """Return where a link leads to, whatever the language: a document, and the number of a heading in it."""
    if re.match(r"[a-z]+:", link):
        return link
    name, _, anchor = link.partition("#")
    path = os.path.normpath(PurePosixPath(page).parent / name) if name else page
    heading = anchors(root / path).index(anchor) if anchor else ""
    if page in translations(root) and path in translations(root).values():
        return f"{link}: there is a translation of it"
    return f"{translations(root).get(path, path)}#{heading}"
