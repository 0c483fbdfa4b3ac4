"""Environments apart from `.venv`, made from a lock of their own."""

from __future__ import annotations

import hashlib
from pathlib import Path

from filelock import FileLock

from devkit import ROOT, venv
from devkit.bootstrap import is_stamped, make_venv, sync


def ensure_apart(name: str) -> str:
    """Bring `.venv-NAME`, made from `requirements/NAME.txt` alone, up to date, and return the path of its Python."""
    folder, lock = ROOT / f".venv-{name}", ROOT / "requirements" / f"{name}.txt"
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(f"{folder}\n".encode() + lock.read_bytes()).hexdigest()
    if is_stamped(folder, wanted):
        return str(python)
    (ROOT / ".data").mkdir(exist_ok=True)
    with FileLock(ROOT / ".data" / f"install-{name}.lock", timeout=600):
        # Another process may have made it while this one waited for the lock.
        if not is_stamped(folder, wanted):
            _make(folder, lock)
            # Written last: the next run repairs an interrupted installation.
            (folder / "stamp").write_text(wanted, encoding="utf-8")
    return str(python)


def _make(folder: Path, lock: Path) -> None:
    uv = venv.program("uv")
    (folder / "stamp").unlink(missing_ok=True)
    if not (folder / "bin" / "python").exists():
        make_venv(folder)
    sync(uv, folder, lock)
