"""`python -m devkit.packages FOLDER`: build each of our packages, install it alone in a folder, and import all of it.

Its environment needs what builds the packages, and uv.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT, venv
from devkit.bootstrap import LOCK, install_environ, packages
from devkit.lock import distribution, with_own
from devkit.plain_settings import setting
from devkit.terminal import CommandError, run_command, say

_ALONE = Path(__file__).with_name("alone.py")


def main(folder: Path) -> None:
    """Build, install and import. Raises CommandError at the first step that fails."""
    wheels, alone = folder / "dist", folder / "alone"
    shutil.rmtree(wheels, ignore_errors=True)
    projects = packages()
    for project in projects:
        _uv("build", "--quiet", "--no-build-isolation", "--out-dir", str(wheels), str(project))
    for project in projects:
        # Given as files, our packages are asked of no index; the lock gives the versions and hashes of all others.
        names = [distribution(folder) for folder in with_own(project, projects)]
        files = [str(next(wheels.glob(f"{name.replace('-', '_')}-*.whl"))) for name in names]
        python = str(alone / "bin" / "python")
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(alone))
        _uv("pip", "install", "--quiet", "--python", python, "--constraints", str(LOCK), *files)
        _uv("pip", "check", "--quiet", "--python", python)
        # Isolated, and not at the root, so that nothing but what is installed is imported.
        others = (_not_installed(project, projects), _declared(project, "not-loaded"))
        arguments = (distribution(project), setting("VERSION"), *(",".join(names) for names in others))
        _run((python, "-I", str(_ALONE), *arguments), alone)
    say(f"{len(projects)} packages are whole and work alone")


def _not_installed(project: Path, projects: Sequence[Path]) -> list[str]:
    """Return what must not come with a package: what stands on it, other services, the tools, and what it declares."""
    above = [folder for folder in projects if project in with_own(folder, projects)]
    services = [folder for folder in projects if folder.parent.name == "services"]
    # The fixtures start the real servers, and the tools know how.
    tools = [] if project.name == "testing" else [folder for folder in projects if folder.name in ("devkit", "testing")]
    others = {folder.name for folder in (*above, *services, *tools)} - {project.name}
    return [*sorted(others), *_declared(project, "not-installed")]


def _declared(project: Path, key: str) -> list[str]:
    """Return the packages that a pyproject.toml names as `not-installed` with it, or as `not-loaded` by it."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    return list(declared["tool"].get("devkit", {}).get(key, []))


def _uv(*arguments: str) -> None:
    _run((venv.program("uv"), *arguments), ROOT)


def _run(command: Sequence[str], folder: Path) -> None:
    if subprocess.run(command, cwd=folder, env=install_environ(), check=False).returncode:
        raise CommandError(f"failed: {' '.join(command[:3])} ...; the message above says why.")


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(Path(sys.argv[1]).absolute())))
