"""The starter, as the answers of a product name it: a clone of it, and its versions."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from devkit.git import asked, git
from devkit.history import STARTER as ANSWERS
from devkit.signals import StopRequest, run_stoppable
from devkit.terminal import CommandError

# What copier knows besides addresses of git.
_SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}


@dataclass(frozen=True)
class Starter:
    """A clone of the starter, with its whole history."""

    folder: Path
    address: str

    def git(self, *arguments: str) -> str:
        """Return what a git command prints there; empty when it fails."""
        return asked("-C", str(self.folder), *arguments)

    def commit(self, version: str) -> str:
        """Return the commit of a tag, a branch or a commit; empty when there is none."""
        if version.startswith("-"):
            return ""
        names = (f"refs/tags/{version}", f"refs/remotes/origin/{version}", version)
        return next(
            filter(None, (self.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") for name in names)), ""
        )

    def version(self, commit: str) -> str:
        """Return the version that a commit is, for people: a tag, or what follows one; without tags the commit."""
        return self.git("describe", "--tags", "--always", commit)

    def releases(self) -> list[str]:
        """Return the tags of its releases, the newest first; a version before a release is none."""
        found = {}
        for tag in self.git("tag", "--list", "v[0-9]*").split():
            try:
                found[tag] = Version(tag)
            except InvalidVersion:
                continue
        return sorted((tag for tag, version in found.items() if not version.is_prerelease), key=found.__getitem__)[::-1]

    def newest(self) -> str:
        """Return the commit of its newest release; where nothing was released, its last commit."""
        return self.commit(next(iter(self.releases()), "HEAD"))

    def is_before(self, one: str, other: str) -> bool:
        """Return whether a commit is another one, or came before it."""
        return self.git("merge-base", one, other) == one

    def files(self, commit: str) -> Path:
        """Return a folder with the files of a commit, until another is asked for."""
        git("-C", str(self.folder), "checkout", "--quiet", "--detach", commit)
        return self.folder


@contextmanager
def cloned(answers: dict[str, Any], stop: StopRequest) -> Iterator[Starter]:
    """Yield a clone of the starter, which is deleted afterwards. Raises CommandError when it cannot be had."""
    if not (source := str(answers.get("_src_path") or "")):
        raise CommandError(
            f"{ANSWERS} does not say where the starter is: write `_src_path: ADDRESS` there, a git address or a folder."
        )
    for short, long in _SHORT.items():
        source = re.sub(rf"^{re.escape(short)}", long, source)
    with tempfile.TemporaryDirectory(prefix="starter-") as folder:
        starter = Starter(Path(folder).resolve() / "starter", source)
        # Seen by people, who may have to unlock a key; and stopped by Ctrl-C, when nothing answers.
        if run_stoppable(["git", "clone", "--quiet", "--", source, str(starter.folder)], stop):
            raise CommandError(
                f"the starter at {source} could not be cloned; git says above why. "
                f"`_src_path` in {ANSWERS} is its address."
            )
        yield starter
