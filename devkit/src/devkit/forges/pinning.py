"""The actions of GitHub's workflows, for `invoke pin`: a tag becomes the commit that it stands for, and a comment."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial

from devkit import ROOT
from devkit.mention import AskError, Mention

SERVER = "https://github.com"
# Seconds that a server gets to answer.
_PATIENCE = 20
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml|.*/forges/templates/github\.yml")
_USED = re.compile(r"(?m)(?<=uses: )(?P<action>[\w.-]+/[\w.-]+)(?P<path>/[\w./-]+)?@(?P<at>\S+)(?: # (?P<tag>\S+))?$")


def mentions(names: Sequence[str], server: str = SERVER) -> Iterator[Mention]:
    """Yield the actions that files of ours use. One that is pinned without a tag beside it cannot be asked about."""
    for name in filter(_WORKFLOW.fullmatch, names):
        for found in _USED.finditer((ROOT / name).read_text(encoding="utf-8")):
            is_pinned = re.fullmatch(r"[0-9a-f]{40}", found["at"]) is not None
            if found["tag"] or not is_pinned:
                asked = partial(_pinned, found, found["tag"] if is_pinned else found["at"], server)
                yield Mention(name, found.start(), found[0], is_pinned, asked)


def _pinned(found: re.Match[str], tag: str, server: str) -> str:
    commit = commit_of(f"{server}/{found['action']}", tag)
    return f"{found['action']}{found['path'] or ''}@{commit} # {tag}"


def commit_of(address: str, tag: str) -> str:
    """Return the commit that a tag or branch of a repository stands for. Raises AskError."""
    # An annotated tag is an object of its own; what it stands for is listed beside it.
    names = (f"refs/tags/{tag}^{{}}", f"refs/tags/{tag}", f"refs/heads/{tag}")
    command = ("git", "ls-remote", "--quiet", address, *names)
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AskError(f"{address} did not answer in {_PATIENCE} s") from None
    if done.returncode:
        raise AskError((done.stderr.strip().splitlines() or [f"{address} did not answer"])[0])
    commits = {name: commit for commit, name in (line.split("\t") for line in done.stdout.splitlines())}
    if not (commit := next((commits[name] for name in names if name in commits), "")):
        raise AskError(f"{address} has no tag {tag}")
    return commit
