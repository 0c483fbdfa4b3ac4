"""README.md and README.zh-CN.md say the same: headings, blocks, commands, links and tables, one by one."""

import re

import pytest

from .blocks import ROOT, TRANSLATION, blocks

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / TRANSLATION).read_text(encoding="utf-8")


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


def test_they_link_the_same_and_each_other() -> None:
    links = [set(re.findall(r"\]\(([^)]+)\)|<(https?://[^>]+)>", text)) for text in (ENGLISH, CHINESE)]
    assert links[0] - links[1] == {("README.zh-CN.md", "")}
    assert links[1] - links[0] == {("README.md", "")}


def test_the_chinese_one_is_chinese() -> None:
    for section in sections(CHINESE)[1:]:
        assert re.search(r"[\u4e00-\u9fff]{4}", section), section.splitlines()[0]
