"""Makes `.venv` from the hash-locked requirements, and only when something has changed since it was made."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from devkit import ROOT, env, local_secrets, uv, venv
from devkit.locking import locked
from devkit.terminal import say

LOCK = ROOT / "requirements" / "dev.txt"
_DATA = ROOT / ".data"


def ensure() -> str:
    """Bring `.venv` and `.env.local` up to date if they are not, and return the path of `.venv`'s Python."""
    _make_once("install.lock", is_current, _install)
    if added := local_secrets.complete():
        say(f"wrote fresh secrets to .env.local: {', '.join(added)}")
    return str(venv.PYTHON)


def is_current() -> bool:
    """Tell whether `.venv` was made from what the repository says now."""
    return _is_stamped(venv.FOLDER, fingerprint())


def _make_once(lock: str, is_current: Callable[[], bool], make: Callable[[], None]) -> None:
    if not is_current():
        _DATA.mkdir(exist_ok=True)
        with locked(_DATA / lock, timeout=600):
            # Somebody else may have made it while we waited.
            if not is_current():
                make()


def _is_stamped(folder: Path, wanted: str) -> bool:
    try:
        return (folder / "bin" / "python").exists() and _stamp(folder).read_text(encoding="utf-8") == wanted
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _stamping(folder: Path, wanted: Callable[[], str]) -> Iterator[None]:
    """Stamp an environment after the block, and only then: an interrupted installation is repaired by the next."""
    _stamp(folder).unlink(missing_ok=True)
    yield
    _stamp(folder).write_text(wanted(), encoding="utf-8")


def _stamp(folder: Path) -> Path:
    return folder / "stamp"


def packages() -> list[Path]:
    """Return the folders of our own packages."""
    found = [path for group in ("libs/*", "services/*", "devkit") for path in ROOT.glob(f"{group}/pyproject.toml")]
    return sorted(path.parent for path in found)


def fingerprint() -> str:
    """Return a text that changes with everything an installation depends on."""
    digest = hashlib.sha256()
    for path in (LOCK, *(folder / "pyproject.toml" for folder in packages())):
        # The paths too: an editable installation points to folders.
        digest.update(f"{path}\n".encode() + path.read_bytes())
    digest.update(env.read(ROOT / ".env").get("VERSION", "").encode())
    digest.update(".".join(map(str, _venv_version())).encode())
    return digest.hexdigest()


def _venv_version() -> tuple[int, ...]:
    """Return the version of `.venv`'s Python, (0,) when there is none."""
    try:
        text = (venv.FOLDER / "pyvenv.cfg").read_text(encoding="utf-8")
    except FileNotFoundError:
        return (0,)
    found = re.search(r"^version(?:_info)?\s*=\s*([\d.]+)", text, re.MULTILINE)
    return tuple(int(number) for number in found[1].strip(".").split(".")) if found else (0,)


def _install() -> None:
    with _stamping(venv.FOLDER, fingerprint):
        if not venv.PYTHON.exists() or _venv_version() < uv.MINIMUM:
            uv.make_venv(venv.FOLDER)
        program = uv.bring(venv.FOLDER, LOCK)
        _sync(program, venv.FOLDER, LOCK)
        own = packages()
        say(f"installing our own {len(own)} packages ...")
        editable = [argument for folder in own for argument in ("--editable", str(folder))]
        uv.run(program, "pip", "install", *_target(venv.FOLDER), "--no-deps", "--no-build-isolation", *editable)


def ensure_apart(name: str) -> str:
    """Bring `.venv-NAME`, made from `requirements/NAME.txt` alone, up to date, and return the path of its Python."""
    folder, lock = ROOT / f".venv-{name}", ROOT / "requirements" / f"{name}.txt"
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(f"{folder}\n".encode() + lock.read_bytes()).hexdigest()

    def make() -> None:
        program = venv.program("uv", mend="run `invoke install`.")
        with _stamping(folder, lambda: wanted):
            if not python.exists():
                uv.make_venv(folder)
            _sync(program, folder, lock)

    _make_once(f"install-{name}.lock", lambda: _is_stamped(folder, wanted), make)
    return str(python)


def _sync(program: str, folder: Path, lock: Path) -> None:
    count = len(re.findall(r"^[A-Za-z0-9][^ ]*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"bringing {folder.name} in line with {count} locked packages{_from_index(uv.environ())} ...")
    uv.run(program, "pip", "sync", *_target(folder), "--require-hashes", str(lock))


def _target(folder: Path) -> list[str]:
    # On a terminal uv shows its progress; in a log that would be a hundred lines.
    return ["--python", str(folder / "bin" / "python"), *([] if sys.stderr.isatty() else ["--quiet"])]


def _from_index(environ: dict[str, str]) -> str:
    index = urlsplit(environ.get("UV_DEFAULT_INDEX", ""))
    # Without the credentials that an address may carry.
    return f" from {index.scheme}://{index.hostname}{index.path}" if index.hostname else ""
