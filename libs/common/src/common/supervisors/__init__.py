"""Programs that start our services and want to be told that they work: a module with `notify()` for each."""

import functools
import sys
from types import ModuleType

from common.discovery import modules_of


def notify() -> None:
    """Tell whatever has started this service that it works; call it every few seconds. Raises nothing."""
    for supervisor in _supervisors():
        supervisor.notify()


@functools.cache
def _supervisors() -> list[ModuleType]:
    return modules_of(sys.modules[__name__])
