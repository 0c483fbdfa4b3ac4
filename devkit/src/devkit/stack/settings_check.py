"""The check of the settings by the services themselves, as a process beside what is done meanwhile."""

import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Self

from devkit import ROOT, venv
from devkit.terminal import CommandError


class SettingsCheck:
    """Checks the settings as they stand now, from the moment it is made; some processes would not say what is wrong.

    As a context manager it ends with what it was made for.
    """

    def __init__(self, command: Sequence[str] = (sys.executable, *venv.ALONE, "admin", "settings")) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    @cached_property
    def problem(self) -> str:
        """What is wrong with the settings, once it is known; empty when they are fit."""
        _, said = self._process.communicate()
        return f"{said.strip()}\nSet them in .env.local or in the environment." if self._process.returncode else ""

    def check(self) -> None:
        """Raise CommandError when the settings are known to be unfit by now."""
        if self._process.poll():
            self.wait()

    def wait(self) -> None:
        """Wait until it is known whether the settings are fit. Raises CommandError when they are not."""
        if self.problem:
            raise CommandError(self.problem)
