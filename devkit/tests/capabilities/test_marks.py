"""What is marked for a capability in a file that remains goes with it, and nothing else does."""

import ast
import re

import pytest

from devkit.capability.declaration import capabilities
from devkit.capability.marks import marked, without
from devkit.terminal import CommandError

from ..features.copies import ROOT
from .remains import tracked

MARK = re.compile(r"(?:#|//) \[(/?[a-z][a-z0-9-]*)\]\s*$|<!-- (/?[a-z][a-z0-9-]*) -->", re.MULTILINE)
# Python of packages is found by folder: a mark there would be an `if` by other means.
PACKAGES = re.compile(r"(libs|services|devkit/src)/.*\.py$")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\n# [web]\nb\n# [/web]\nc\n", "a\nc\n"),
        ("a\n    # [web]\n    b\n    # [/web]\nc\n", "a\nc\n"),
        ("{\n  // [web]\n  1,\n  // [/web]\n  2}\n", "{\n  2}\n"),
        ("<!-- web -->\n## Web\n\n<!-- /web -->\nc", "c"),
        ("| a | b |\n| c | d <!-- web --> |\n| e | f |\n", "| a | b |\n| e | f |\n"),
        ("one<!-- web --> and two<!-- /web -->, three\n", "one, three\n"),
        ("<!-- web -->one<!-- /web --><!-- web -->two<!-- /web -->\n", "\n"),
        ("# [other]\na\n# [web]\nb\n# [/web]\n# [/other]\n", "# [other]\na\n# [/other]\n"),
        ("# [web]\n# [other]\na\n# [/other]\n# [/web]\n", ""),
        ("# [webs]\na\n# [/webs]\nx = web\n", "# [webs]\na\n# [/webs]\nx = web\n"),
        ("a\r\n# [web]\r\nb\r\n# [/web]\r\nc\r\n", "a\r\nc\r\n"),
    ],
)
def test_the_marked_lines_go_and_no_others(text: str, left: str) -> None:
    assert without(text, "web") == left
    assert marked(left, ["web"]) == set()


@pytest.mark.parametrize(
    "text", ["# [web]\na\n", "a\n# [/web]\n", "<!-- web -->\na\n", "a<!-- web --> b\nc<!-- /web -->\n"]
)
def test_an_open_end_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="web"):
        without(text, "web")


def test_every_mark_of_the_repository_is_closed_and_names_a_capability() -> None:
    names = set(capabilities(ROOT))
    for name in tracked(ROOT):
        text = (ROOT / name).read_bytes().decode(errors="replace")
        found = marked(text, names)
        assert not (found and PACKAGES.match(name)), name
        for each in found:
            without(text, each)
        # Elsewhere such comments are examples, as in the tests.
        if name.endswith((".md", ".toml", ".env", ".json", "noxfile.py")) or name.startswith(".ci/"):
            assert {mark.strip("/") for found_there in MARK.findall(text) for mark in found_there if mark} <= names, (
                name
            )


def test_no_code_holds_a_mark_of_documents() -> None:
    """A removal would take what stands around it, in a string of a test too."""
    names = "|".join(capabilities(ROOT))
    code = [name for name in tracked(ROOT) if name.endswith(".py")]
    found = [name for name in code if re.search(rf"<!-- /?({names}) -->", (ROOT / name).read_text(encoding="utf-8"))]
    assert found == []


def test_code_without_what_is_marked_imports_nothing_that_it_does_not_use() -> None:
    """An import for marked lines stands between marks too. The matrix would find this as well, after minutes."""
    names = capabilities(ROOT)
    found = {}
    for path in tracked(ROOT):
        text = (ROOT / path).read_text(encoding="utf-8") if path.endswith(".py") else ""
        for name in marked(text, names):
            if left := unused_imports(without(text, name)) - unused_imports(text):
                found[path, name] = left
    assert found == {}


def unused_imports(text: str) -> set[str]:
    """Return the names that code imports and does not mention again, in its strings neither."""
    nodes = [*ast.walk(ast.parse(text))]
    imports = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    imported = {alias.asname or alias.name.partition(".")[0] for alias in imports}
    strings = " ".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return imported - {node.id for node in nodes if isinstance(node, ast.Name)} - set(re.findall(r"\w+", strings))


def test_an_import_that_nothing_mentions_is_found() -> None:
    assert unused_imports("import os, re as r\nfrom a import b, c, d\nx: 'c' = r.compile(os.sep)\n") == {"b", "d"}
