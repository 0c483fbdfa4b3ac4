"""The check of the settings by the services themselves, as a process beside what is done meanwhile."""

import subprocess
import sys
from functools import cached_property

from devkit import ROOT, venv
from devkit.terminal import CommandError


class SettingsCheck:
    """Checks the settings as they stand now, from the moment it is made; some processes would not say what is wrong."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *venv.ALONE, "admin", "settings"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

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
