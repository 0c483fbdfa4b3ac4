"""uv, which makes the environments: the one of this machine, or else the one that the lock names, brought by pip."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from devkit import ROOT, env, venv
from devkit.terminal import CommandError, say

MINIMUM = (3, 11)
_NEWER = ("python3.13", "python3.12", "python3.11")


def environ() -> dict[str, str]:
    """Return the environment uv and pip run in: the index that PYPI_INDEX_URL names, and no downloads of Pythons."""
    found = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if index := env.load().get("PYPI_INDEX_URL"):
        found |= {"UV_DEFAULT_INDEX": index, "PIP_INDEX_URL": index}
    return found


def present() -> str | None:
    """Return the path of this machine's uv; None when there is none."""
    try:
        return venv.program("uv", mend="")
    except CommandError:
        return None


def make_venv(folder: Path) -> None:
    """Make an empty environment with this Python, or with a newer one when this one is too old."""
    uv = present()
    python = sys.executable if sys.version_info >= MINIMUM else _newer(uv)
    say(f"making {folder.name} with {python} ...")
    if uv:
        run(uv, "venv", "--quiet", "--clear", "--python", python, str(folder))
        return
    if python == sys.executable and importlib.util.find_spec("ensurepip") is None:
        raise CommandError(
            "there is neither uv nor a Python that can make environments: "
            "install uv, or `apt install python3-venv`, and repeat."
        )
    run(python, "-m", "venv", "--clear", str(folder))


def bring(folder: Path, lock: Path) -> str:
    """Return the path of uv; where there is none, pip puts the one of a lock into an environment."""
    if uv := present():
        return uv
    entry = re.search(r"(?m)^uv==.*(?:\n[ \t].*)*", lock.read_text(encoding="utf-8"))
    if entry is None:
        raise CommandError(f"{lock.name} does not name uv: run `invoke lock` where there is one.")
    say(f"bringing {entry[0].split()[0]} into {folder.name} ...")
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "uv.txt")
        wanted.write_text(f"{entry[0]}\n", encoding="utf-8")
        python = str(folder / "bin" / "python")
        if not (folder / "bin" / "pip").exists():
            # An environment that uv has made holds no pip.
            run(python, "-m", "ensurepip", "--default-pip")
        run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(wanted))
    return str(folder / "bin" / "uv")


def run(*command: str) -> None:
    """Run uv or pip at the root of the repository. Raises CommandError when it fails."""
    if subprocess.run(command, cwd=ROOT, env=environ(), check=False).returncode:
        step = " ".join(Path(word).name if os.sep in word else word for word in command[:3])
        raise CommandError(f"`{step}` failed. Its message above says why; repeat the command to go on.")


def _newer(uv: str | None) -> str:
    """Return a Python of this machine that is new enough. Raises CommandError when there is none."""
    if uv:
        find = [uv, "python", "find", ">=3.11"]
        done = subprocess.run(find, cwd=ROOT.parent, env=environ(), capture_output=True, text=True, check=False)
        found = done.stdout.strip() if done.returncode == 0 else None
    else:
        found = next(filter(None, map(shutil.which, _NEWER)), None)
    if not found:
        raise CommandError(
            f"This project needs Python 3.11 or newer, and this one is {sys.version.split()[0]}: install one "
            "(`uv python install 3.13`, your system's packages, or pyenv) and repeat."
        )
    return found
