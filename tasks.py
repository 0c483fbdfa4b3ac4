"""The commands of `invoke`: `invoke --list` shows them, devkit/src/devkit/commands/ holds them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "devkit" / "src"))

from devkit import bootstrap, clean, diagnosis

bootstrap.enter(without_venv={"clean": clean.main, "doctor": diagnosis.main})

from devkit.commands.collection import collection, prepare  # noqa: E402 - needs what is installed in .venv

prepare()
namespace = collection()
