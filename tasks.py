"""Table of contents of `invoke`: `invoke --list` shows the commands, devkit/src/devkit/commands/ holds them."""

import os
import sys
from pathlib import Path

from invoke.collection import Collection

SOURCE = str(Path(__file__).parent / "devkit" / "src")
sys.path.insert(0, SOURCE)

from devkit import ROOT, environment  # noqa: E402 - not installed yet
from devkit.commands import containers, database, develop, operate, project, quality, setup  # noqa: E402 - not installed yet
from devkit.commands.command import commands_of  # noqa: E402 - not installed yet

# invoke runs what it runs where the person typed, which may be a sub folder.
os.chdir(ROOT)
environment.clean()
# Containers often forbid bytecode. What the commands start would compile all its imports anew, each time: Celery takes
# three times as long to be imported, and an installation half a second more.
os.environ["PYTHONPATH"] = SOURCE
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

namespace = Collection(*commands_of(setup, develop, database, operate, containers, quality, project))
