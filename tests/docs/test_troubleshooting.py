"""The errors that the pages of troubleshooting quote are printed by the code, word by word."""

import ast
import re
from collections.abc import Iterator

import pytest

from .blocks import ROOT, Block, blocks, pages

PAGES = [page for page in pages() if page.startswith("docs/troubleshooting")]
QUOTED = [each for page in PAGES for each in blocks(page) if each.language == "text" and each.kind != "said by"]


def spoken(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module; `…` stands for what is known only when it is printed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)


TEXTS = [
    " ".join(text.split())
    for pattern in ("devkit/src/devkit/**/*.py", "libs/*/src/**/*.py", "services/*/src/**/*.py")
    for path in ROOT.glob(pattern)
    for text in spoken(ast.parse(path.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("block", QUOTED, ids=lambda each: each.place)
def test_a_quoted_error_is_in_the_source(block: Block) -> None:
    for line in block.text.splitlines():
        assert any(" ".join(line.split()) in text for text in TEXTS), f"{block.place}: {line}"


def test_every_symptom_has_its_mend() -> None:
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    sections = re.split(r"(?m)^###? ", re.sub(r"<!--.*?-->", "", text))[1:]
    # A heading above others alone is none.
    symptoms = [each for each in sections if len(each.split()) > 1]
    assert len(symptoms) >= 12
    assert [each.splitlines()[0] for each in symptoms if "`" not in each] == []
    assert len(QUOTED) >= 10
