"""Several files replaced as a whole: all of them, or none, also when the command is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit.git import asked

# Git ignores this folder. It is at the root, for a file is replaced in one step within one file system only.
_FOLDER = ".replacement"


@dataclass(frozen=True)
class Change:
    """A file, by its path from the root, and what it is to hold; None deletes it."""

    path: str
    after: bytes | None


class Replacement:
    """Files that are prepared, put in their place, and taken back, in a repository with a journal of it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / _FOLDER
        self._journal = self._folder / "journal.json"

    @contextmanager
    def prepared(self, changes: Sequence[Change], commit: str) -> Iterator[None]:
        """Write all that is needed to put the files in place, and to take them back, before any is touched.

        A full disk is noticed here.
        """
        try:
            for change in changes:
                self._prepare(change)
            known = {"commit": commit, "paths": [change.path for change in changes]}
            # Last: without it, nothing was put in place.
            self._journal.write_text(json.dumps(known), encoding="utf-8")
            yield
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def put(self) -> None:
        """Put the files in their place."""
        for path in self._known()[1]:
            self._move("after", path)

    def take_back(self) -> None:
        """Put the former files in their place; repeating it after an interruption goes on where it stopped."""
        for path in self._known()[1]:
            if (self._folder / "absent" / path).exists() or (self._folder / "before" / path).exists():
                self._move("before", path)

    def recover(self) -> None:
        """Take back what a killed command has left, unless it had come to its commit."""
        if self._journal.exists():
            commit, paths = self._known()
            if commit == asked("rev-parse", "--verify", "HEAD"):
                self.take_back()
                asked("reset", "--quiet", "--", *paths)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prepare(self, change: Change) -> None:
        file = self._root / change.path
        if file.exists():
            shutil.copy2(file, self._new("before", change.path))
        else:
            self._new("absent", change.path).touch()
        if change.after is not None:
            after = self._new("after", change.path)
            after.write_bytes(change.after)
            if file.exists():
                shutil.copymode(file, after)

    def _new(self, kind: str, path: str) -> Path:
        made = self._folder / kind / path
        made.parent.mkdir(parents=True, exist_ok=True)
        return made

    def _move(self, kind: str, path: str) -> None:
        prepared = self._folder / kind / path
        if prepared.exists():
            os.replace(prepared, self._root / path)
        else:
            (self._root / path).unlink(missing_ok=True)

    def _known(self) -> tuple[str, list[str]]:
        known = json.loads(self._journal.read_text(encoding="utf-8"))
        return known["commit"], known["paths"]
