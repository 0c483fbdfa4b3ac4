"""Make of the starter's files, as they were copied to here, the product that was chosen.

`python -m devkit.project.settle OPERATION NAME PORT FEATURES WITHOUT CI SOURCE`; features, capabilities and forges are
lists in JSON. Repeating it changes nothing. `invoke update` has two products made that it compares (the operation
`compare`): only a copy becomes a repository.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from devkit import ROOT, answers, env, forges, names
from devkit.capability.change import take_away
from devkit.capability.declaration import STARTER, capabilities, chosen
from devkit.capability.users import refuse_used
from devkit.feature.delete import features
from devkit.git import asked, git
from devkit.history import STARTER as ANSWERS
from devkit.project.choice import Choice
from devkit.project.source import address, source_line
from devkit.signals import StopRequest
from devkit.templates import template
from devkit.terminal import CommandError, complain, say
from devkit.worktree import Worktree

VERSION = "0.1.0"
# What is written for a product in place of what the starter says of itself.
_OWN_TEXTS = ("README.md", "LICENSE", "SECURITY.md")
_TEMPLATES = Path(__file__).parent / "templates"


def main(arguments: Sequence[str]) -> int:
    """Settle with what copier was answered; return the exit code."""
    operation, name, port, *lists, source = arguments
    try:
        kept, without, ci = (tuple(json.loads(each)) for each in lists)
        choice = Choice(name, int(port), kept, without, ci)
        settle(choice, ROOT, source, is_compared=operation == "compare")
        if operation == "copy":
            begin_history(name, ROOT)
    except CommandError as error:
        complain(str(error))
        return error.code
    return 0


def settle(choice: Choice, root: Path, source: str, *, is_compared: bool = False) -> None:
    """Make the product of a source, unless that was done. Raises CommandError for what cannot be chosen."""
    if STARTER not in capabilities(root):
        return
    choice.refuse(root)
    gone = chosen([STARTER, *choice.without], root)
    removed = [feature for feature in features(root) if feature not in choice.features]
    refuse_used(gone, root, but=removed)
    say(f"making {choice.name} of it ...")
    former = env.read(root / ".env")
    ports = choice.ports()
    _write_settings(root / ".env", {"PROJECT": choice.name, "VERSION": VERSION, **ports})
    _write_ports(root / "docs", {former[name]: port for name, port in ports.items() if name in former})
    take_away(gone, Worktree(root, StopRequest(install=False)), features=removed)
    (root / "CHANGELOG.md").unlink(missing_ok=True)
    # Of all that is the product's now: where its name stood for something else, a later rename could not tell. A
    # product that is there keeps its name, whatever words a newer starter has.
    if not is_compared:
        names.refuse(choice.name)
    # A capability that is left out takes its features with it.
    _write_own_texts(replace(choice, features=tuple(features(root))), root, former | ports)
    forges.write(choice.ci, root)
    _write_source(root / ANSWERS, source)


def begin_history(name: str, root: Path) -> None:
    """Make a repository of the product with one commit; where it is part of another one, or has one, leave that."""
    if (root / ".git").exists():
        return
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    if asked("var", "GIT_COMMITTER_IDENT"):
        git("commit", "--quiet", "--message", f"chore: begin {name}")
    else:
        say('Nothing is committed, for git does not know who you are: `git config user.name "Your Name"`, ')
        say("`git config user.email you@example.com`, then `git commit --message start`.")


def _write_source(path: Path, source: str) -> None:
    """Write an address that others can use in place of the one that copier was given, which may be a folder here."""
    text = path.read_text(encoding="utf-8")
    path.write_text(answers.with_lines(text, "_src_path", source_line(address(source))), encoding="utf-8")


def _write_settings(path: Path, values: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, value in values.items():
        text = re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", text)
    path.write_text(text, encoding="utf-8")


def _write_ports(documents: Path, ports: Mapping[str, str]) -> None:
    """Write the product's ports where documents tell an address on this machine."""
    address = re.compile(r"(localhost|127\.0\.0\.1):(\d+)\b")
    for path in documents.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(address.sub(lambda told: f"{told[1]}:{ports.get(told[2], told[2])}", text), encoding="utf-8")


def _write_own_texts(choice: Choice, root: Path, settings: Mapping[str, str]) -> None:
    for name in _OWN_TEXTS:
        text = template(_TEMPLATES / f"{name}.jinja").render(asdict(choice), settings=settings)
        (root / name).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
