"""Changes of Python files, found by looking: a few hundred files take a few milliseconds."""

import os
import time
from collections.abc import Iterable
from pathlib import Path


class Changes:
    """Tells which Python files below some folders were changed, made or deleted since it was asked last."""

    def __init__(self, folders: Iterable[Path], *, every: float = 0.4) -> None:
        self._folders = sorted(set(folders))
        self._every = every
        self._next = time.monotonic() + every
        self._seen = self._look()

    def since_last(self) -> list[Path]:
        """Return the changed files; looks at most once in `every` seconds."""
        if time.monotonic() < self._next:
            return []
        self._next = time.monotonic() + self._every
        before, self._seen = self._seen, self._look()
        return [Path(name) for name, _ in sorted(before.items() ^ self._seen.items())]

    def _look(self) -> dict[str, int]:
        seen: dict[str, int] = {}
        for folder in self._folders:
            for parent, children, names in os.walk(folder):
                children[:] = [child for child in children if not child.startswith((".", "__pycache__"))]
                for name in names:
                    if name.endswith(".py"):
                        path = f"{parent}/{name}"
                        try:
                            seen[path] = os.stat(path).st_mtime_ns
                        except FileNotFoundError:
                            continue
        return seen
