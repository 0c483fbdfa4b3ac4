"""The commands, options and sessions that documents name exist, as `invoke` and nox themselves read them."""

import io
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from unittest import mock

import pytest
from dotenv import dotenv_values
from invoke.exceptions import ParseError
from invoke.parser import Parser
from invoke.parser.context import ParserContext

from devkit import env
from devkit.commands.collection import collection

from .blocks import ROOT, blocks, pages, run_by, sessions

COMMANDS = {str(context.name): context for context in collection().to_contexts()}
# What stands in a line after a command and is no part of it.
ENDS = re.compile(r"\|\|?|&&?|;|[<>].*|2>.*")

OF_THE_MACHINE = {"HTTPS_PROXY", "NO_PROXY"}


def texts(page: str) -> Iterator[str]:
    """Yield each command line of a document: the lines of its blocks, and its code within sentences."""
    for each in blocks(page):
        if each.language == "sh":
            yield from each.commands()
    prose = re.sub(r"(?ms)^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"))
    yield from re.findall(r"`([^`\n]+)`", prose)


def invocations(page: str) -> list[list[str]]:
    """Return the words after each `invoke` of a document."""
    return words_of(texts(page))


def words_of(texts: Iterable[str]) -> list[list[str]]:
    """Return the words after each `invoke`."""
    found = []
    for text in texts:
        # At the start, behind uvx, after settings, or behind a pipe; `pip install invoke nox` is another matter.
        for part in re.findall(r"(?:^|\| )(?:[A-Z_]+=\S* )*(?:uvx |pipx run )?invoke (.+)", text):
            words = shlex.split(part, comments=True)
            end = next((number for number, word in enumerate(words) if ENDS.fullmatch(word)), len(words))
            found.append([word.rstrip(";") for word in words[:end]])
    return found


def complaint(words: list[str]) -> str | None:
    """Return what invoke has against a line; a command that is only named may lack what it needs."""
    if words[:1] == ["--list"]:
        return None
    if len(words) == 1:
        return None if words[0] in COMMANDS else "no such command"
    try:
        # Whether a word may follow a command is seen by the command line.
        with mock.patch.object(sys, "argv", ["invoke", *words]):
            contexts = collection().to_contexts()
        Parser(contexts=contexts, initial=ParserContext()).parse_argv(words)
    except ParseError as error:
        return str(error)
    return None


# Decisions tell of what was, and what they name may have been removed.
@pytest.mark.parametrize("page", [page for page in pages() if not page.startswith("docs/decisions/")])
def test_every_command_that_is_named_exists_with_its_options(page: str) -> None:
    wrong = [f"invoke {' '.join(words)}: {problem}" for words in invocations(page) if (problem := complaint(words))]
    assert wrong == []


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_options_in_a_row_of_the_table_of_commands_are_of_its_commands(page: str) -> None:
    for row in re.findall(r"(?m)^\| (`invoke .*) \|$", (ROOT / page).read_text(encoding="utf-8")):
        first = row.partition("|")[0]
        names = [name for code in re.findall(r"`([^`]+)`", first) for name in code.removeprefix("invoke ").split()[:1]]
        assert [name for name in names if name not in COMMANDS] == [], row
        known = {flag for name in names for flag in COMMANDS[name].flags}
        assert set(re.findall(r"`(--?[a-z][a-z-]*)", row)) <= known, row


def typed_first() -> list[list[str]]:
    """Return the words after each `invoke` in the lines that CI types in a fresh clone."""
    lines = (ROOT / ".ci" / "commands").read_text(encoding="utf-8").splitlines()
    found = [re.findall(r"(?:^\d+ |&& |;; |\{ )invoke ([^&;}|]+)", line) for line in lines if line[:1].isdigit()]
    return [shlex.split(words) for each in found for words in each]


def test_ci_types_every_command_of_the_readme_first_in_a_fresh_clone() -> None:
    table = re.findall(r"(?m)^\| (`invoke .*?) \|", (ROOT / "README.md").read_text(encoding="utf-8"))
    named = {code.removeprefix("invoke ").split()[0] for row in table for code in re.findall(r"`([^`]+)`", row)}
    script = "\n".join((ROOT / ".ci" / name).read_text(encoding="utf-8") for name in ("run", "newcomer"))
    elsewhere = {name for name in named if re.search(rf"invoke {name}\b|first_minute\.py .* {name}\b", script)}
    typed_by_sessions = [each for session in sessions() for each in run_by(session)]
    in_sessions = {words[0] for each in typed_by_sessions for words in words_of(each.commands())}
    missing = named - {words[0] for words in typed_first()} - elsewhere - in_sessions - {"nox"}
    assert missing == set()
    assert [complaint(words) for words in typed_first() if complaint(words)] == []


def test_every_command_is_in_the_readme_or_a_document() -> None:
    everything = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in pages())
    missing = [name for name in COMMANDS if not re.search(rf"`(?:invoke )?{name}\b|invoke {name}\b", everything)]
    assert missing == []


def test_every_nox_session_that_is_named_exists() -> None:
    known = {name.replace("_", "-") for name in sessions()}
    for page in pages():
        for names in re.findall(r"nox -s ([a-z -]*[a-z])", (ROOT / page).read_text(encoding="utf-8")):
            assert set(names.split()) <= known, page


def test_every_setting_in_a_block_is_documented_in_env() -> None:
    known = set(env.read(ROOT / ".env")) | OF_THE_MACHINE
    for page in pages():
        for each in blocks(page):
            if each.language == "ini":
                assert set(dotenv_values(stream=io.StringIO(each.text))) <= known, each.place


def test_what_is_wrong_with_a_line_is_found() -> None:
    assert complaint(["test", "-k", "report"]) is None
    assert complaint(["test", "--no-such-option"]) is not None
    assert complaint(["no-such-command"]) is not None
    assert complaint(["db-up", "--only"]) is not None


def test_every_command_is_documented() -> None:
    named = {words[0] for page in pages() for words in invocations(page)}
    # Where commands stand in a row of code, only the first says `invoke`.
    named |= {code.split()[0] for page in pages() for code in texts(page) if code.strip()}
    assert set(COMMANDS) - named == set()
