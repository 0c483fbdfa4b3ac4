"""Table of contents of `invoke`: `invoke --list` shows the commands, tools/commands/ holds them."""

import os

from invoke.collection import Collection

from tools import ROOT, environment
from tools.commands import containers, database, develop, operate, project, quality, setup
from tools.commands.command import commands_of

# invoke runs what it runs where the person typed, which may be a sub folder.
os.chdir(ROOT)
environment.clean()
# Containers often forbid bytecode. What the commands start would compile all its imports anew, each time: Celery takes
# three times as long to be imported, and an installation half a second more.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

namespace = Collection(*commands_of(setup, develop, database, operate, containers, quality, project))
