"""A document and its translation say the same: headings, blocks, commands, links, tables and marks, one by one."""

import re
from itertools import zip_longest
from pathlib import PurePosixPath

import pytest

from .blocks import ROOT, TRANSLATION, blocks, translations
from .outline import LANGUAGES, Element, outline

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / TRANSLATION).read_text(encoding="utf-8")
OF_EACH = pytest.mark.parametrize("page", translations())


def prose(text: str) -> str:
    return re.sub(r"(?ms)^```.*?^```$", "", text)


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"(?m)^(#+) ", prose(text))]


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


def test_the_headings_have_the_same_levels_in_the_same_order() -> None:
    assert headings(ENGLISH) == headings(CHINESE)
    assert len(headings(ENGLISH)) > 5


def without_mirror(text: str) -> str:
    """A block without the mirror, which is one and the same, in the line and in the setting for what comes later."""
    address = r"(https://[\w./-]+/simple)"
    mirrors = re.findall(rf"(?:PYPI_INDEX_URL=|--default-index |-i ){address}", text)
    assert len(mirrors) in (0, 2), text
    assert len(set(mirrors)) <= 1, text
    text = re.sub(rf"^echo PYPI_INDEX_URL={address} >>\.env\.local(?: && |\n)", "", text)
    return re.sub(rf" (?:--default-index|-i) {address}", "", text)


def test_the_blocks_and_their_marks_are_identical_but_for_the_mirror() -> None:
    english, chinese = (
        [(b.language, b.text, b.kind, b.value) for b in blocks(page)] for page in ("README.md", TRANSLATION)
    )
    assert english == [(language, without_mirror(text), *mark) for language, text, *mark in chinese]
    assert sum("/simple" in text for _, text, *_ in chinese) == 2


def test_the_mirror_in_the_line_is_one_that_the_document_of_mirrors_names() -> None:
    named = (ROOT / "docs" / "mirrors.md").read_text(encoding="utf-8")
    assert {each for each in re.findall(r"https://\S+/simple", CHINESE) if each not in named} == set()


def test_each_section_names_the_same_code_and_has_as_many_rows() -> None:
    for ours, theirs in zip(sections(ENGLISH), sections(CHINESE), strict=True):
        code = [sorted(re.findall(r"`([^`\n]+)`", text)) for text in (ours, theirs)]
        assert code[0] == code[1], theirs.splitlines()[0]
        assert ours.count("\n|") == theirs.count("\n|"), theirs.splitlines()[0]


def test_the_chinese_readme_is_chinese() -> None:
    for section in sections(CHINESE)[1:]:
        assert re.search(r"[\u4e00-\u9fff]{4}", section), section.splitlines()[0]


@OF_EACH
def test_each_element_holds_the_same_code_links_and_marks_at_the_same_place(page: str) -> None:
    for ours, theirs in zip_longest(outline(translations()[page]), outline(page)):
        assert ours, f"{theirs.place} has no original"
        assert theirs, f"{ours.place} is not translated"
        assert (ours.kind, ours.holds) == (theirs.kind, theirs.holds), f"{ours.place}, {theirs.place}"


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
