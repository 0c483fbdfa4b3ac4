"""`python -m devkit.check [lint types unit ...]`: checks that run in `.venv`, each to its end, with one verdict."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT
from devkit.terminal import CommandError, coloured, run_command, say

_MODULE = (sys.executable, "-m")
_RUFF = str(Path(sys.executable).parent / "ruff")
_HADOLINT = str(Path(sys.executable).parent / "hadolint")
_SHELLCHECK = str(Path(sys.executable).parent / "shellcheck")
# What needs no process but a MongoDB and a Valkey.
UNIT = "not integration and not e2e and not remote"
BEFORE_A_COMMIT = ("lint", "types", "unit", "lock", "openapi")

Command = tuple[str, ...]


def _committed() -> list[str]:
    """Return the names of the committed files that exist."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def _shell_scripts() -> list[str]:
    """Return the committed shell scripts, by their first line."""
    names = [name for name in _committed() if Path(name).suffix in ("", ".sh")]
    return [name for name in names if _first_line(ROOT / name).startswith(b"#!") and b"sh" in _first_line(ROOT / name)]


def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.readline(80)


def _lint() -> list[Command]:
    scripts = _shell_scripts()
    dockerfiles = [name for name in _committed() if name.endswith("Dockerfile")]
    found: list[Command] = [(_RUFF, "check"), (_RUFF, "format", "--check")]
    found += [(_SHELLCHECK, *scripts)] if scripts else []
    found += [(_HADOLINT, *dockerfiles)] if dockerfiles else []
    return found


def commands(name: str) -> list[Command]:
    """Return the commands that make up a check."""
    checks: dict[str, list[Command]] = {
        "lint": _lint(),
        "format": [(_RUFF, "check", "--fix-only"), (_RUFF, "format")],
        "types": [(*_MODULE, "mypy")],
        "unit": [(*_MODULE, "pytest", "-q", "-n", "4", "-m", UNIT, "libs", "services")],
        "lock": [(*_MODULE, "devkit.lock", "--check")],
        "openapi": [(*_MODULE, "devkit.openapi", "--check")],
    }
    if name not in checks:
        raise CommandError(f"no such check: {name}; there are {', '.join(checks)}.")
    return checks[name]


def main(names: Sequence[str]) -> int:
    """Run the checks and tell which failed; every one runs, for one failure must not hide another."""
    failed: list[str] = []
    # All are looked up before the first one runs, so a mistyped name costs no waiting.
    for name, found in [(name, commands(name)) for name in names]:
        begin = time.monotonic()
        codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in found]
        verdict = "failed" if any(codes) else "passed"
        if any(codes):
            failed.append(name)
        if len(names) > 1:
            colour = "red" if any(codes) else "green"
            say(f"{coloured(f'{name} {verdict}', colour, sys.stderr)} in {time.monotonic() - begin:.1f} s")
    if failed and len(names) > 1:
        raise CommandError(f"failed: {', '.join(failed)}.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:] or BEFORE_A_COMMIT)))
