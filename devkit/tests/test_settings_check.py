"""The check of the settings runs beside the start of the servers, and ends with it."""

import sys

import psutil
import pytest

from devkit.stack.settings_check import SettingsCheck
from devkit.terminal import CommandError

SLOW = [sys.executable, "-c", "import time; time.sleep(61)"]


def fail_to_start() -> None:
    with SettingsCheck(SLOW):
        assert SLOW in [child.cmdline() for child in psutil.Process().children()]
        raise CommandError("mongod was not found")


def test_a_start_that_fails_leaves_no_check_behind() -> None:
    with pytest.raises(CommandError, match="mongod"):
        fail_to_start()
    assert SLOW not in [child.cmdline() for child in psutil.Process().children()]
