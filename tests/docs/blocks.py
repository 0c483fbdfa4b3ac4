"""The fenced blocks of the documents, and who runs each. Needs nothing but Python.

`python -m tests.docs.blocks` lists the blocks that the tests of documents do not run, with the reason.
`python -m tests.docs.blocks --run SESSION` runs those that are marked `<!-- run by: SESSION -->`, here and now.
`python -m tests.docs.blocks --show 'a newcomer with uv' --page README.md` prints one that another program types.

Blocks of `sh` are run in their order, each document in a fresh clone, unless a comment right above says otherwise:

    <!-- not run: REASON -->     nobody runs it
    <!-- run by: SESSION -->     the nox session of this name runs it
    <!-- run by: a running stack -->   `test_requests.py` sends it to one
    <!-- run by: CI -->          a file of `.ci` holds the same commands
    <!-- run by: FILE -->        this file of the repository holds the same commands
    <!-- exits with: 1 -->       one command, which must end with this exit code
    <!-- file: PATH -->          no commands: the content of this file, which the blocks that follow work with
    <!-- said by: WHO -->        no commands: what a program that is not ours says
"""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRANSLATION = "README.zh-CN.md"
MARKS = ("not run", "run by", "exits with", "file", "said by")
# What the tests of documents do something with.
_HERE = ("", "exits with", "file")

FENCE = re.compile(r"(?m)^(?:<!-- (?P<mark>.*?) -->\n)?```(?P<language>.*)\n(?P<text>(?:.*\n)*?)```$")


@dataclass(frozen=True)
class Block:
    """A fenced block: where its first line stands, and the comment above it as `kind: value`."""

    page: str
    line: int
    language: str
    text: str
    kind: str
    value: str

    @property
    def place(self) -> str:
        """Where it is found, as editors like it."""
        return f"{self.page}:{self.line}"

    def commands(self) -> list[str]:
        """Return the commands one by one, without comments."""
        joined = self.text.replace("\\\n", " ")
        words = (" ".join(line.partition(" #")[0].split()) for line in re.split(r"\n|&&", joined))
        return [each for each in words if each and not each.startswith("#")]


def pages(root: Path = ROOT) -> list[str]:
    """Return the documents, as paths below the root."""
    found = [root / "README.md", root / TRANSLATION, *sorted((root / "docs").rglob("*.md"))]
    return [str(path.relative_to(root)) for path in found]


def translations(root: Path = ROOT) -> dict[str, str]:
    """Return the Chinese documents, each with its English one; a test holds their blocks equal, so these run alone."""
    chinese = sorted(path.name for path in (root / "docs" / "zh").glob("*.md"))
    return {TRANSLATION: "README.md"} | {f"docs/zh/{name}": f"docs/{name}" for name in chinese}


def blocks(page: str, root: Path = ROOT) -> list[Block]:
    """Return the fenced blocks of a document in their order."""
    text = (root / page).read_text(encoding="utf-8")
    return list(_blocks(page, text))


def _blocks(page: str, text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        kind, _, value = (found["mark"] or "").partition(":")
        line = text.count("\n", 0, found.start("text")) + 1
        yield Block(page, line, found["language"].strip(), found["text"], kind.strip(), value.strip())


def run_here(page: str, root: Path = ROOT) -> list[Block]:
    """Return what the tests of documents do with a document: its commands, and the files that they need."""
    if page in translations(root):
        return []
    found = [each for each in blocks(page, root) if each.kind in _HERE and (each.language == "sh" or each.kind)]
    return found if any(each.language == "sh" for each in found) else []


def run_by(runner: str, root: Path = ROOT) -> list[Block]:
    """Return the blocks that somebody else runs."""
    everywhere = [each for page in pages(root) if page not in translations(root) for each in blocks(page, root)]
    return [each for each in everywhere if (each.kind, each.value) == ("run by", runner)]


def sessions(root: Path = ROOT) -> set[str]:
    """Return the names of the functions that are sessions of nox."""
    return set(re.findall(r"(?m)^def (\w+)\(session", (root / "noxfile.py").read_text(encoding="utf-8")))


def script(chosen: Sequence[Block]) -> str:
    """Return blocks of one document as a script for bash that ends at the first command that fails, and says where."""
    lines = [
        "set -e",
        """trap 'code=$?; [ $code -eq 0 ] || echo "$place: exit code $code of: $BASH_COMMAND" >&2' EXIT""",
    ]
    for each in chosen:
        lines += [f"place={shlex.quote(each.place)}", 'echo "=== $place"']
        lines.append({"file": _writing, "exits with": _exiting}.get(each.kind, _plain)(each))
    return "\n".join(lines)


def _plain(block: Block) -> str:
    return block.text


def _exiting(block: Block) -> str:
    return f"code=0; (\n{block.text}) || code=$?\n[ $code -eq {int(block.value)} ]\n"


def _writing(block: Block) -> str:
    path = shlex.quote(block.value)
    return f"mkdir -p \"$(dirname {path})\"\ncat >{path} <<'END OF FILE'\n{block.text}END OF FILE\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """List what is not run by the tests of documents, or run what is marked for a runner."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.blocks")
    parser.add_argument("--run", metavar="RUNNER", help="run the blocks that are marked for this runner, here and now")
    parser.add_argument("--show", metavar="RUNNER", help="print the one block of a page that is marked for this runner")
    parser.add_argument("--page", default="README.md", help="the page of --show")
    options = parser.parse_args(arguments)
    if options.show:
        (chosen_one,) = [each for each in blocks(options.page) if (each.kind, each.value) == ("run by", options.show)]
        print(chosen_one.text, end="")
        return 0
    runner = options.run
    if not runner:
        for each in (each for page in pages() for each in blocks(page)):
            if each.language == "sh" and each.kind:
                print(f"{each.place:30} {each.kind}: {each.value}")
        return 0
    chosen = run_by(runner)
    print(f"{len(chosen)} blocks are marked `run by: {runner}`", flush=True)
    for page in dict.fromkeys(each.page for each in chosen):
        commands = script([each for each in chosen if each.page == page])
        code = subprocess.run(["bash", "-c", commands], stdin=subprocess.DEVNULL, check=False).returncode
        if code:
            return code
    return int(not chosen)


if __name__ == "__main__":
    sys.exit(main())
