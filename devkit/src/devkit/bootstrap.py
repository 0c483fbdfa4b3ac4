"""Make or renew `.venv`, then run `invoke` again inside it.

This module and those that it imports use the standard library alone, in syntax that Python 3.9 knows: nothing is
installed yet, and `invoke` may run on an older Python than the project. All else of `devkit` runs inside `.venv`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from devkit import ROOT, environment
from devkit.index import index_environ, source
from devkit.plain_settings import PlainSettingError

MINIMUM = (3, 11)
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements" / "dev.txt"
_INVOKE = VENV / "bin" / "invoke"
_DATA = ROOT / ".data"
_LOCAL_SETTINGS = ROOT / ".env.local"
_NEWER = ("python3.13", "python3.12", "python3.11")


class BootstrapError(Exception):
    """`.venv` cannot be made or used. The message says why, and what to do."""


def enter(without_venv: Mapping[str, Callable[[list[str]], int | None]]) -> None:
    """Continue inside an up-to-date `.venv`: make or renew it, and become its `invoke` where this runs elsewhere.

    The commands in `without_venv` come before that. They get the words behind their name, and return their exit code,
    or None to run inside `.venv` like all others.
    """
    prepare_environment()
    words = sys.argv[1:]
    try:
        if "--complete" in words and not is_current():
            # A shell asks for completions: this is not the moment to install.
            sys.exit()
        command = without_venv.get(words[0]) if words else None
        if command is not None and (code := command(words[1:])) is not None:
            sys.exit(code)
        if ensure() or not _is_inside():
            _restart_inside(words)
    except (BootstrapError, PlainSettingError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def prepare_environment() -> None:
    """Free this process, and all that it starts, from variables that would change what runs here."""
    environment.clean()
    # Some machines forbid bytecode. Every process would compile all its imports again: large libraries take three
    # times as long to be imported, and an installation half a second more.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def ensure(*, anew: bool = False) -> bool:
    """Make or renew `.venv` and `.env.local` if they need it, or every package `anew`; return whether something was."""
    if not anew and is_current() and _LOCAL_SETTINGS.exists():
        return False
    _DATA.mkdir(exist_ok=True)
    with _locked(_DATA / "install.lock"):
        # Another process may have made it while this one waited for the lock.
        if anew or not is_current():
            _install(anew=anew)
        run(str(PYTHON), "-m", "devkit.local_secrets")
    return True


def is_current() -> bool:
    """Return whether `.venv` was made from what the repository says now."""
    return is_stamped(VENV, fingerprint())


def is_stamped(folder: Path, wanted: str) -> bool:
    """Return whether an environment carries a stamp."""
    try:
        return (folder / "bin" / "python").exists() and (folder / "stamp").read_text(encoding="utf-8") == wanted
    except FileNotFoundError:
        return False


def fingerprint() -> str:
    """Return a text that changes with everything `.venv` is made from."""
    digest = hashlib.sha256()
    digest.update(LOCK.read_bytes())
    digest.update(_search_path().encode())
    digest.update(".".join(map(str, _venv_version())).encode())
    return digest.hexdigest()


def packages() -> list[Path]:
    """Return the folders of our own packages."""
    projects = [path for group in ("libs/*", "services/*", "devkit") for path in ROOT.glob(f"{group}/pyproject.toml")]
    return sorted(path.parent for path in projects)


def say(message: str) -> None:
    """Tell the user what happens, on stderr."""
    print(message, file=sys.stderr, flush=True)


def _is_inside() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve() or Path(sys.argv[0]).absolute() == _INVOKE


def _restart_inside(words: list[str]) -> None:
    if not _INVOKE.exists():
        raise BootstrapError(f"{_INVOKE} is missing: run `invoke clean`, then `invoke install`.")
    sys.stdout.flush()
    # The script and not `-m invoke`, which would look for modules in the folder where the user is.
    os.execv(PYTHON, [str(PYTHON), str(_INVOKE), *words])  # noqa: S606 - started from a list, without a shell


def _install(*, anew: bool) -> None:
    (VENV / "stamp").unlink(missing_ok=True)
    if not PYTHON.exists() or _venv_version() < MINIMUM:
        make_venv(VENV)
    uv = _bring_uv()
    sync(uv, VENV, LOCK, *["--reinstall"] * anew)
    # To install our packages too would build each of them: two seconds, for the same path.
    (_site_packages() / "packages-of-ours.pth").write_text(_search_path(), encoding="utf-8")
    # Written last: the next run repairs an interrupted installation.
    (VENV / "stamp").write_text(fingerprint(), encoding="utf-8")


def _search_path() -> str:
    """Return the lines of the file by which Python finds our packages, one each.

    They are relative to the file, so they hold no letters that some locale cannot read.
    """
    return "".join(f"{os.path.relpath(folder / 'src', _site_packages())}\n" for folder in packages())


def _site_packages() -> Path:
    """Return where `.venv` keeps its packages."""
    return VENV / "lib" / "python{}.{}".format(*_venv_version()) / "site-packages"


def sync(uv: str, folder: Path, lock: Path, *options: str, quiet: bool = False) -> None:
    """Install exactly what a lock says into an environment; `quiet` lists no packages, on a terminal neither."""
    count = len(re.findall(r"^[A-Za-z0-9][^ ]*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"bringing {folder.name} in line with {count} locked packages{source()} ...")
    run(uv, "pip", "sync", *_target(folder, quiet=quiet), "--require-hashes", *options, str(lock.relative_to(ROOT)))


def make_venv(folder: Path) -> None:
    """Make an empty environment with this Python, or with a newer one when this one is too old."""
    uv = find_program("uv")
    python = sys.executable if sys.version_info >= MINIMUM else _newer_python(uv)
    say(f"making {folder.name} with {python} ...")
    if uv:
        run(uv, "venv", "--quiet", "--clear", "--python", python, str(folder))
        return
    if python == sys.executable and importlib.util.find_spec("ensurepip") is None:
        raise BootstrapError(
            "there is neither uv nor a Python that can make environments: "
            "install uv, or `apt install python3-venv`, and repeat."
        )
    run(python, "-m", "venv", "--clear", str(folder))


def find_program(name: str) -> str | None:
    """Return the path of a program: on PATH, beside the Python that runs, or in `.venv`."""
    places = (None, str(Path(sys.executable).parent), str(VENV / "bin"))
    return next(filter(None, (shutil.which(name, path=place) for place in places)), None)


def _bring_uv() -> str:
    """Return the path of uv; where there is none, pip installs the locked one into `.venv`."""
    if uv := find_program("uv"):
        return uv
    entry = re.search(r"(?m)^uv==.*(?:\n[ \t].*)*", LOCK.read_text(encoding="utf-8"))
    if entry is None:
        raise BootstrapError(f"{LOCK.name} does not name uv: run `invoke lock` where there is one.")
    say(f"bringing {entry[0].split()[0]} into {VENV.name} ...")
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "uv.txt")
        wanted.write_text(f"{entry[0]}\n", encoding="utf-8")
        if not (VENV / "bin" / "pip").exists():
            # An environment that uv has made holds no pip.
            run(str(PYTHON), "-m", "ensurepip", "--default-pip")
        run(str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(wanted))
    return str(VENV / "bin" / "uv")


def _newer_python(uv: str | None) -> str:
    """Return a Python of this machine that is new enough."""
    if uv:
        find = [uv, "python", "find", ">=3.11"]
        done = subprocess.run(find, cwd=ROOT.parent, env=install_environ(), capture_output=True, text=True, check=False)
        python = done.stdout.strip() if done.returncode == 0 else None
    else:
        python = next(filter(None, map(shutil.which, _NEWER)), None)
    if not python:
        raise BootstrapError(
            f"This project needs Python 3.11 or newer, and this one is {sys.version.split()[0]}: install one "
            "(`uv python install 3.13`, your system's packages, or pyenv) and repeat."
        )
    return python


def install_environ() -> dict[str, str]:
    """Return the environment of uv and pip."""
    return {**os.environ, **index_environ()}


def run(*command: str) -> None:
    """Run one step of an installation at the root of the repository."""
    if subprocess.run(command, cwd=ROOT, env=install_environ(), check=False).returncode:
        step = " ".join(Path(word).name if os.sep in word else word for word in command[:3])
        raise BootstrapError(f"`{step}` failed. Its message above says why; repeat the command to go on.")


def _target(folder: Path, *, quiet: bool) -> list[str]:
    # On a terminal uv shows its progress; in a log that would be a hundred lines. Said twice it hides errors too.
    return ["--python", str(folder / "bin" / "python"), *["--quiet"] * (quiet or not sys.stderr.isatty())]


def _venv_version() -> tuple[int, ...]:
    """Return the version of `.venv`'s Python, (0, 0) when there is none."""
    try:
        text = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except FileNotFoundError:
        return (0, 0)
    version = re.search(r"^version(?:_info)?\s*=\s*([\d.]+)", text, re.MULTILINE)
    return tuple(int(number) for number in version[1].strip(".").split(".")) if version else (0, 0)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which the system releases even after kill -9."""
    with path.open("a", encoding="utf-8") as stream:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
        yield
