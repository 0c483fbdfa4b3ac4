"""`python -m devkit.update.steps NAME...`: run steps of an update, in the repository that this toolbox is in."""

import sys
from collections.abc import Iterable
from importlib import import_module

from devkit import ROOT


def run(names: Iterable[str]) -> None:
    """Run steps in their order."""
    for name in names:
        import_module(f"devkit.update.steps.{name}").run(ROOT)


if __name__ == "__main__":
    run(sys.argv[1:])
