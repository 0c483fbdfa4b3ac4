"""Which supervisor runs on a data folder now, kept so that a second one is refused and orphans are found."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from devkit import process
from devkit.private_files import write_private
from devkit.process import Process
from devkit.terminal import CommandError, say


def present(data: Path) -> dict[str, Any] | None:
    """Return what is noted of the supervisor that runs on a data folder now; None when none does."""
    lock = data / "run" / "stack.lock"
    if not lock.exists():
        return None
    try:
        with FileLock(lock, timeout=0):
            return None
    except Timeout:
        return _read(data / "run" / "stack.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


class Record:
    """The file `run/stack.json`, and the lock that lives as long as its supervisor."""

    def __init__(self, data: Path, url: str, mode: str) -> None:
        self._path = data / "run" / "stack.json"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(data / "run" / "stack.lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise CommandError(self._refusal()) from None
        self._known = _read(self._path)
        self._fresh = {
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "url": url,
            "mode": mode,
        }

    @property
    def left_over(self) -> int | None:
        """The pid of a supervisor that was killed before it could stop its processes."""
        return self._known.get("pid")

    def _refusal(self) -> str:
        known = _read(self._path)
        pid = known.get("pid", "?")
        return (
            f"already running: pid {pid}, started {known.get('since', '?')}, {known.get('url', '?')}; "
            f"stop it with Ctrl-C there or `kill {pid}`."
        )

    def stop_orphans(self) -> list[str]:
        """Stop what a supervisor that was killed has left; return the servers that it had started."""
        for name, known in self._known.get("processes", {}).items():
            orphan = Process(int(known["pid"]), float(known["started"]))
            if orphan.alive():
                say(f"stopping {name} (pid {orphan.pid}), left over from a supervisor that was killed")
                process.stop(orphan, timeout=5, group=True)
        servers: list[str] = self._known.get("servers", [])
        return servers

    def write(self, processes: Mapping[str, Process], servers: Iterable[str]) -> None:
        """Note which processes run and which servers this supervisor has to stop."""
        running = {name: asdict(process) for name, process in processes.items()}
        write_private(self._path, json.dumps(self._fresh | {"processes": running, "servers": list(servers)}) + "\n")

    def close(self) -> None:
        """Everything was stopped: forget it, and let the next one begin."""
        self._path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Let the next one begin."""
        self._lock.release()
