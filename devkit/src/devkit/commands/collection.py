"""All commands as one collection, and what has to be so before one of them runs."""

from __future__ import annotations

import os
import pkgutil
from importlib import import_module

from invoke.collection import Collection

from devkit import ROOT, bootstrap, commands
from devkit.commands.command import commands_of
from devkit.terminal import end_quietly


def prepare() -> None:
    """Move to the root of the repository and free the environment from what steers other programs.

    From now on a reader of the output that has gone is no error.
    """
    end_quietly()
    # invoke runs what it runs where the person typed, which may be a sub folder.
    os.chdir(ROOT)
    bootstrap.prepare_environment()


def collection() -> Collection:
    """Return every command under its name. They are found by folder, so that a capability can be deleted."""
    modules = [
        import_module(f"{commands.__name__}.{module.name}") for module in pkgutil.iter_modules(commands.__path__)
    ]
    return Collection(*commands_of(*modules))
