"""`python -m devkit COMMAND ...`: the commands of `invoke` in the Python that runs, which nothing makes or renews."""

import sys
from pathlib import Path

from invoke.program import Program

from devkit import ROOT
from devkit.commands.collection import collection, prepare


def main() -> None:
    """Run a command. Where another copy of the repository begins, the installed commands would act on the wrong one."""
    here = Path.cwd()
    copy = next(
        (folder for folder in (here, *here.parents) if (folder / "devkit/src/devkit/__main__.py").exists()), ROOT
    )
    if not copy.samefile(ROOT):
        sys.exit(f"error: this is {copy}, and the installed commands act on {ROOT}: type `invoke` here, or go there.")
    prepare()
    Program(namespace=collection(), name="devkit", binary="python -m devkit").run()


if __name__ == "__main__":
    main()
