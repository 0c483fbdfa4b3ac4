"""Table of contents of `invoke`: `invoke --list` shows the commands, devkit/src/devkit/commands/ holds them."""

import os
import sys
from pathlib import Path

SOURCE = str(Path(__file__).parent / "devkit" / "src")
sys.path.insert(0, SOURCE)

from devkit.commands.collection import collection, prepare  # noqa: E402 - not installed yet

prepare()
os.environ["PYTHONPATH"] = SOURCE

namespace = collection()
