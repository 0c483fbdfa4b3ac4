"""What makes a function a command of `invoke`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from invoke.exceptions import Exit
from invoke.tasks import Task

from tools.terminal import CommandError, complain


def command(function: Callable[..., None]) -> Task[Callable[..., Any]]:
    """Make a function a command: what stops it is shown as one clear line and an exit code, never as a traceback."""

    @functools.wraps(function)
    def body(*arguments: Any, **options: Any) -> None:
        try:
            function(*arguments, **options)
        except CommandError as error:
            if str(error):
                complain(str(error))
            raise Exit(code=error.code) from error
        except KeyboardInterrupt as error:
            raise Exit("interrupted", code=130) from error

    return Task(body)


def commands_of(*modules: ModuleType) -> list[Task[Callable[..., Any]]]:
    """Return the commands that modules define."""
    return [each for module in modules for each in vars(module).values() if isinstance(each, Task)]
