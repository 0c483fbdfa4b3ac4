"""Tells whether one of our packages is whole and alone; run by the Python of an environment that holds nothing else.

`python alone.py DISTRIBUTION VERSION NOT_INSTALLED NOT_LOADED`: the last two are names of packages between commas. Uses
the standard library only, and imports every module of the package, so a dependency that is not declared is missing.
"""

import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec


def main(name: str, version: str, not_installed: str, not_loaded: str) -> int:
    """Print what was found, and return the exit code."""
    installed = distribution(name)
    package = _package(installed)
    modules = list(_import_all(package, extras=installed.metadata.get_all("Provides-Extra") or []))
    problems = [f"its version is {installed.version}, not {version}"] if installed.version != version else []
    carried = [file for file in installed.files or [] if "tests" in file.parts and file.suffix == ".py"]
    problems += [f"it carries {file}" for file in carried]
    problems += [f"{other} is installed with it" for other in _names(not_installed) if find_spec(other)]
    problems += [f"it loads {other}" for other in _names(not_loaded) if other in sys.modules]
    print(f"{name} {installed.version}: {len(modules)} modules imported alone")
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    return 1 if problems or len(modules) < 2 else 0


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _package(installed: Distribution) -> str:
    """Return the one name that a distribution is imported by."""
    tops = {file.parts[0] for file in installed.files or [] if file.suffix == ".py"}
    if len(tops) != 1:
        raise SystemExit(f"{installed.name} holds {sorted(tops)} and should hold one package")
    return tops.pop()


def _import_all(package: str, extras: list[str]) -> Iterator[str]:
    """Import a package and its modules; a module named like an extra needs what is not installed here."""
    root = import_module(package)
    yield package
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if module.name.split(".")[1] not in extras:
            import_module(module.name)
            yield module.name


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
