"""The locks: `requirements/*.txt`, made from the pyproject.toml files.

One lock per environment, with versions and hashes and no index address. Every lock agrees with `dev.txt`, which holds
everything but what is kept apart on purpose. The first line of a lock carries a checksum of what it was made from and
of itself, so a drift is found at once and without a network; only what has drifted is resolved again.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit import ROOT, venv
from devkit.bootstrap import install_environ, packages
from devkit.terminal import CommandError, say

FOLDER = ROOT / "requirements"
_EVERYTHING = FOLDER / "dev.txt"
_GROUPS = ("arrows", "build", "ci", "dev", "lint", "servers", "test", "types")


@dataclass(frozen=True)
class Lock:
    """One lock file: the dependencies of some of our packages and of some groups of tools."""

    name: str
    projects: tuple[Path, ...]
    groups: tuple[str, ...]
    # Resolved without regard to `dev`, for an environment that shares nothing with the others.
    apart: bool = False

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return FOLDER / f"{self.name}.txt"


def locks() -> list[Lock]:
    """Return all locks, `dev` first, for the others follow it; each service has one of its own.

    So has each group of tools that is no part of `dev`, for an environment apart.
    """
    everything = tuple(packages())
    services = [folder for folder in everything if folder.parent.name == "services"]
    return [
        Lock("dev", everything, _GROUPS),
        *(Lock(service.name, with_own(service, everything), ()) for service in services),
        Lock("tests", everything, ("build", "servers", "test")),
        Lock("build", (), ("build",)),
        Lock("ci", (), ("ci",)),
        *(Lock(name, (), (name,), apart=True) for name in _project(ROOT)["dependency-groups"] if name not in _GROUPS),
    ]


def distribution(project: Path) -> str:
    """Return the name that one of our packages is installed by."""
    return str(_project(project)["project"]["name"])


def with_own(project: Path, everything: Sequence[Path]) -> tuple[Path, ...]:
    """Return the folders of one of our packages and of those of ours that it depends on."""
    own = {distribution(folder): folder for folder in everything}
    direct = [own[name] for name in _project(project)["project"]["dependencies"] if name in own]
    folders = dict.fromkeys(project_folder for folder in direct for project_folder in with_own(folder, everything))
    return (*folders, project)


def drifted() -> list[str]:
    """Return the names of the locks that are out of date.

    They are missing, edited by hand, older than the pyproject.toml files, or of other versions than `dev.txt`.
    """
    return [lock.name for lock in locks() if not _is_current(lock)]


def refuse_drift() -> None:
    """Raise CommandError when a lock does not agree with what it is made from."""
    if names := drifted():
        files = ", ".join(f"requirements/{name}.txt" for name in names)
        raise CommandError(f"out of date: {files}: run `invoke lock`.")


def make(*, upgrade: bool) -> None:
    """Resolve the locks that are out of date, or with `upgrade` all of them.

    Versions stay as they are unless they must change or `upgrade` is asked for.
    """
    all_current = True
    for lock in locks():
        # Asked one by one, for the others follow `dev`, which may have been resolved just now.
        if upgrade or not _is_current(lock):
            all_current = False
            say(f"locking {lock.path.relative_to(ROOT)} ...")
            body = _compile(lock, upgrade=upgrade)
            lock.path.write_text(_head(lock, body) + body, encoding="utf-8")
    if all_current:
        say("The locks agree with what they are made from; --upgrade takes newer versions.")


def _compile(lock: Lock, *, upgrade: bool) -> str:
    """Return the lines of a lock, without asking the index where all that is needed is known already."""
    if not upgrade:
        known = _versions(_text(lock.path)) | _versions(_text(_EVERYTHING))
        body = _resolved(lock, "--offline")
        if body and _versions(body) <= known:
            return body
    body = _resolved(lock, *["--upgrade"] * upgrade)
    if body is None:
        raise CommandError(f"{lock.path.relative_to(ROOT)} could not be resolved; uv says above why.")
    return body


def _resolved(lock: Lock, *options: str) -> str | None:
    """Return what uv makes of a lock's sources, or None when it fails; offline it says nothing of that."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "lock.txt"
        # uv keeps the versions that it finds in the file it is about to write.
        output.write_text(_text(lock.path), encoding="utf-8")
        command = [venv.program("uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--no-annotate", "--no-header"]
        command += ["--python-version", "3.11", "--python", sys.executable, "--output-file", str(output), *options]
        for name in sorted(_project(path)["project"]["name"] for path in packages()):
            # To tell its metadata each would get an environment of its own, which takes a second.
            command += ["--no-emit-package", name, "--no-build-isolation-package", name]
        for group in lock.groups:
            command += ["--group", f"{ROOT / 'pyproject.toml'}:{group}"]
        if lock.name != "dev" and not lock.apart:
            command += ["--constraints", str(_EVERYTHING)]
        command += [str(path / "pyproject.toml") for path in lock.projects]
        shown = subprocess.DEVNULL if "--offline" in options else None
        done = subprocess.run(command, cwd=ROOT, env=install_environ(), stderr=shown, check=False)
        return None if done.returncode else output.read_text(encoding="utf-8")


def _is_current(lock: Lock) -> bool:
    head, _, body = _text(lock.path).partition("\n")
    agrees = lock.apart or _versions(body) <= _versions(_text(_EVERYTHING))
    return agrees and f"{head}\n" == _head(lock, body)


def _text(path: Path) -> str:
    """Return what a lock holds; one that is missing holds nothing."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _head(lock: Lock, body: str) -> str:
    digest = hashlib.sha256(json.dumps(_inputs(lock), sort_keys=True).encode() + body.encode()).hexdigest()
    return f"# Made by `invoke lock`; do not edit. Checksum of its sources and lines: {digest[:32]}\n"


def _versions(text: str) -> set[str]:
    """Return each `name==version` of a lock."""
    return set(re.findall(r"(?m)^[^\s#;]+==[^\s;]+", text))


def _inputs(lock: Lock) -> list[Any]:
    """Return what a lock is made from."""
    groups = _project(ROOT)["dependency-groups"]
    wanted: list[Any] = [groups[name] for name in lock.groups]
    for path in lock.projects:
        project = _project(path)["project"]
        wanted.append([project.get(key) for key in ("requires-python", "dependencies")])
    return wanted


def _project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
