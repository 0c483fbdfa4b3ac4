"""A document and its translation say the same: headings, blocks, commands, links, tables and marks, one by one."""

import re
from itertools import zip_longest
from pathlib import Path, PurePosixPath

import pytest

from .blocks import ROOT, TRANSLATION, blocks, pages, translations
from .outline import LANGUAGES, Element, outline

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / TRANSLATION).read_text(encoding="utf-8")
# A small document, in which each of the tests below makes one fault. Its marks are of no capability of ours, for a
# removal would take what they stand around.
SMALL = """# A

English

Say `x`<!-- shop --> or `y`<!-- /shop -->, see [b](../b.md#one).

<!-- web -->
## Some

| `c` | d |
|---|---|
| e | f <!-- mail --> |

<!-- /web -->
- one
- two

```sh
ls
```
"""
OF_EACH = pytest.mark.parametrize("page", translations())


def prose(text: str) -> str:
    return re.sub(r"(?ms)^```.*?^```$", "", text)


def sections(text: str) -> list[str]:
    return re.split(r"(?m)^#+ ", prose(text))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_the_readme_is_no_manual(text: str) -> None:
    assert len(text.splitlines()) <= 120
    assert max(len(line) for line in prose(text).splitlines() if not line.startswith("|")) <= 120


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_the_two_commands_stand_on_the_first_screen(text: str) -> None:
    screen = "\n".join(text.splitlines()[:40])
    assert re.search(r"\n(echo .* && )?uvx( --default-index \S+)? invoke dev\n", screen)
    assert re.search(r"\npython3 -m venv \.tools && .* pip install( -i \S+)? invoke nox uv && invoke dev\n", screen)
    assert "\nnox\n" in screen


def without_mirror(text: str) -> str:
    """A block without the mirror, which is one and the same, in the line and in the setting for what comes later."""
    address = r"(https://[\w./-]+/simple)"
    mirrors = re.findall(rf"(?:PYPI_INDEX_URL=|--default-index |-i ){address}", text)
    assert len(mirrors) in (0, 2), text
    assert len(set(mirrors)) <= 1, text
    text = re.sub(rf"^echo PYPI_INDEX_URL={address} >>\.env\.local(?: && |\n)", "", text)
    return re.sub(rf" (?:--default-index|-i) {address}", "", text)


def test_the_mirror_stands_in_two_blocks() -> None:
    assert sum("/simple" in each.text for each in blocks(TRANSLATION)) == 2


def test_the_mirror_in_the_line_is_one_that_the_document_of_mirrors_names() -> None:
    named = (ROOT / "docs" / "mirrors.md").read_text(encoding="utf-8")
    assert {each for each in re.findall(r"https://\S+/simple", CHINESE) if each not in named} == set()


def test_the_chinese_readme_is_chinese() -> None:
    for section in sections(CHINESE)[1:]:
        assert re.search(r"[\u4e00-\u9fff]{4}", section), section.splitlines()[0]


@OF_EACH
def test_each_element_holds_the_same_code_links_and_marks_at_the_same_place(page: str) -> None:
    for ours, theirs in zip_longest(outline(translations()[page]), outline(page)):
        assert ours, f"{theirs.place} has no original"
        assert theirs, f"{ours.place} is not translated"
        assert (ours.kind, ours.holds) == (theirs.kind, theirs.holds), f"{ours.place}, {theirs.place}"
    least = 5 if page == TRANSLATION else 1
    assert sum(each.kind.startswith("#") for each in outline(page)) > least


@OF_EACH
def test_the_blocks_are_identical_but_for_the_mirror_in_the_readme(page: str) -> None:
    for ours, theirs in zip(outline(translations()[page]), outline(page), strict=True):
        if ours.kind == "block":
            text = without_mirror(theirs.text) if page == TRANSLATION else theirs.text
            assert ours.text == text, f"{ours.place}, {theirs.place}"


@OF_EACH
def test_what_is_said_in_words_is_said_in_chinese(page: str) -> None:
    english = [
        theirs.place
        for ours, theirs in zip(outline(translations()[page]), outline(page), strict=True)
        if is_prose(ours) and not re.search(r"[\u4e00-\u9fff]", theirs.text)
    ]
    assert english == []


def is_prose(element: Element) -> bool:
    """Tell whether an English element has words of its own, which are not only names."""
    words = re.sub(r"<!-- .*? -->|`[^`]+`|\]\([^)]+\)|<[^>]+>", "", element.text)
    return element.kind != "block" and len(re.findall(r"\b[a-z]{2,}\b", words)) > 1


@OF_EACH
def test_each_links_the_other_below_its_title(page: str) -> None:
    original = translations()[page]
    folder = PurePosixPath(original).parent
    back = "../" * (len(PurePosixPath(page).parts) - len(PurePosixPath(original).parts)) + PurePosixPath(original).name
    there = PurePosixPath(page).relative_to(folder)
    firsts = [(ROOT / name).read_text(encoding="utf-8").splitlines()[LANGUAGES] for name in (original, page)]
    assert firsts[0].startswith(f"English | [简体中文]({there})")
    assert firsts[1].startswith(f"[English]({back}) | 简体中文")


@OF_EACH
def test_the_words_are_those_that_developers_use(page: str) -> None:
    """Say 密码, and address nobody as in a letter."""
    assert re.findall(r"口令|您", (ROOT / page).read_text(encoding="utf-8")) == []


def shape(text: str, root: Path) -> list[tuple[str, object]]:
    """Return what is compared of a document."""
    (root / "docs" / "zh" / "a.md").write_text(text, encoding="utf-8")
    return [(each.kind, each.holds) for each in outline("docs/zh/a.md", root)]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("`x`", "`z`"),
        ("`x`", "x"),
        ("<!-- shop --> or `y`<!-- /shop -->", " or `y`<!-- shop --><!-- /shop -->"),
        ("<!-- shop --> or `y`<!-- /shop -->", "<!-- mail --> or `y`<!-- /mail -->"),
        ("b.md#one", "b.md#two"),
        ("b.md#one", "b.md"),
        ("## Some", "### Some"),
        ("## Some", "Some"),
        ("<!-- web -->\n## Some", "## Some\n<!-- web -->"),
        ("| `c` | d |", "| d | `c` |"),
        ("| e | f <!-- mail --> |", "| e <!-- mail --> |"),
        ("| e | f <!-- mail --> |", "| e | f |"),
        ("| e | f <!-- mail --> |\n", ""),
        ("- two\n", ""),
        ("- two", "1. two"),
        ("```sh\nls\n```\n", ""),
        ("```sh", "```text"),
        ("```sh", "<!-- exits with: 1 -->\n```sh"),
    ],
)
def test_a_difference_is_seen(right: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "docs" / "zh").mkdir(parents=True)
    (tmp_path / "docs" / "b.md").write_text("# B\n\n## One\n\n## Two\n", encoding="utf-8")
    assert right in SMALL
    assert shape(SMALL.replace(right, wrong), tmp_path) != shape(SMALL, tmp_path)


def test_words_and_their_order_are_free(tmp_path: Path) -> None:
    (tmp_path / "docs" / "zh").mkdir(parents=True)
    (tmp_path / "docs" / "b.md").write_text("# B\n\n## One\n", encoding="utf-8")
    other = SMALL.replace("Say `x`", "`x` says").replace(", see [b](../b.md#one).", ": [一](../b.md#one)\nand more.")
    assert shape(other, tmp_path) == shape(SMALL, tmp_path)


@pytest.mark.parametrize("page", pages())
def test_no_line_of_words_begins_with_a_mark(page: str) -> None:
    """Renderers take such a line for HTML, and show its Markdown as it is written."""
    text = prose((ROOT / page).read_text(encoding="utf-8"))
    assert re.findall(r"(?m)^\s*(?:-|\d+\.)?\s*<!-- /?[a-z][a-z0-9-]* -->.+", text) == []
