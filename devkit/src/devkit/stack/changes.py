"""Changes of Python files and of the settings files."""

from collections.abc import Iterable
from pathlib import Path

from watchfiles import PythonFilter, watch

# Milliseconds: how long one look may take, and how long a burst of changes is collected.
_LOOK, _BURST = 1, 50


class Changes:
    """The Python files below some folders that are changed, made or deleted from now on."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._changes = watch(
            *sorted(set(folders)),
            watch_filter=PythonFilter(),
            step=_LOOK,
            debounce=_BURST,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
        )
        # The system is told what to watch when the first change is asked for.
        next(self._changes)

    def since_last(self) -> list[Path]:
        """Return the changed files, without waiting for any."""
        return sorted({Path(name) for _, name in next(self._changes)})


class SettingsFiles:
    """The settings files, compared with what they were; they are few, and editors replace them as a whole."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)
        self._seen = self._look()

    def changed(self) -> list[Path]:
        """Return the files that were changed, made or deleted since the last call."""
        before, self._seen = self._seen, self._look()
        return [path for path in self._files if before[path] != self._seen[path]]

    def _look(self) -> dict[Path, bytes | None]:
        return {path: path.read_bytes() if path.exists() else None for path in self._files}
