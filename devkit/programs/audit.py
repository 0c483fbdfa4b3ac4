"""Ask an advisory service about every package that a lock holds: `python audit.py ROOT [--url URL]`.

`nox -s audit` runs it, where pip-audit is installed. Whatever machine it runs on, it asks about the packages for all of
them. The exit code is 0 where nothing is known against them, 1 where something is, and 2 where the service could not
be asked: that is no success.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

# The toolbox is not installed where pip-audit is.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from devkit.locked import Locked, entries


class OutOfReachError(Exception):
    """The service could not be asked, or gave no answer that can be read."""


def main(root: Path, url: str) -> int:
    """Print what is known against the locked packages, and return the exit code."""
    accepted = set(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["audit"]["accepted"])
    packages = locked((root / "requirements").glob("*.txt"))
    try:
        answers = [answer for each in rounds(packages) for answer in ask(each, url)]
    except OutOfReachError as error:
        print(f"NOT AUDITED: the advisory service could not be asked: {error}", file=sys.stderr)
        print("`nox -s audit -- --url URL` asks another one that speaks as osv.dev does.", file=sys.stderr)
        return 2
    found = [
        (package, advisory) for package in answers for advisory in package["vulns"] if not accepted & names(advisory)
    ]
    known = {name for package in answers for advisory in package["vulns"] for name in names(advisory)}
    for package, advisory in found:
        print(told(package, advisory, packages))
    for unused in sorted(accepted - known):
        print(f"{unused} is accepted in pyproject.toml, and nothing is locked any more that it is about.")
    print(f"{len(found)} advisories, {len(packages)} packages asked about, {len(accepted & known)} accepted")
    return 1 if found else 0


def locked(paths: Iterable[Path]) -> dict[Locked, list[str]]:
    """Return what locks hold, for whatever machine, each with the names of the locks that hold it."""
    packages: dict[Locked, list[str]] = {}
    for path in sorted(paths):
        for entry in entries(path.read_text(encoding="utf-8")):
            packages.setdefault(replace(entry, marker=""), []).append(path.stem)
    return packages


def rounds(packages: Iterable[Locked]) -> list[list[Locked]]:
    """Return the packages in lists in which each name stands once, for pip-audit takes no two versions at once."""
    by_name: dict[str, list[Locked]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package)
    most = max(map(len, by_name.values()), default=0)
    return [[versions[number] for versions in by_name.values() if number < len(versions)] for number in range(most)]


def ask(packages: Sequence[Locked], url: str) -> list[dict[str, Any]]:
    """Return pip-audit's answer for each package. Raises OutOfReachError where it has none."""
    with tempfile.TemporaryDirectory() as folder:
        requirements, output = Path(folder, "requirements.txt"), Path(folder, "answer.json")
        requirements.write_text("".join(map(requirement, packages)), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", *["--osv-url", url] * bool(url)]
        command += ["--disable-pip", "--requirement", str(requirements), "--cache-dir", str(Path(folder, "cache"))]
        command += ["--format", "json", "--output", str(output), "--progress-spinner", "off"]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        # It ends with 1 for what it found and for what it could not do, and only then without an answer.
        if not output.exists():
            raise OutOfReachError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
        answered: list[dict[str, Any]] = json.loads(output.read_text(encoding="utf-8"))["dependencies"]
    if missing := {package.name for package in packages} - {each["name"] for each in answered if "vulns" in each}:
        raise OutOfReachError(f"there is no answer about {', '.join(sorted(missing))}")
    return answered


def requirement(package: Locked) -> str:
    """Return a package as a line that pip reads, with its hashes."""
    return f"{package.name}=={package.version} {' '.join(f'--hash=sha256:{each}' for each in package.hashes)}\n"


def names(advisory: Mapping[str, Any]) -> set[str]:
    """Return all names of an advisory."""
    return {advisory["id"], *advisory["aliases"]}


def told(package: Mapping[str, Any], advisory: Mapping[str, Any], packages: Mapping[Locked, list[str]]) -> str:
    """Return what is said of one advisory: the package, its locks, all names of the advisory, and what mends it."""
    name, version, fixes = package["name"], package["version"], advisory["fix_versions"]
    holds = [lock for each, stems in packages.items() if (each.name, each.version) == (name, version) for lock in stems]
    mended = f"fixed in {', '.join(fixes)}" if fixes else "no version mends it yet"
    return f"{name} {version} in {', '.join(holds)}: {' '.join(sorted(names(advisory)))}: {mended}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="nox -s audit --")
    parser.add_argument("root", type=Path)
    parser.add_argument("--url", default="", help="a service that speaks as https://api.osv.dev/v1/query does")
    options = parser.parse_args()
    sys.exit(main(options.root, options.url))
