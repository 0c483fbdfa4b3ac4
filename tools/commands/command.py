"""What makes a function a command of `invoke`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from invoke.exceptions import Exit
from invoke.tasks import Task

from tools.terminal import CommandError, complain

Command = Task[Callable[..., Any]]


def command(function: Callable[..., None]) -> Command:
    """Make a function a command: what stops it is shown as one clear line and an exit code, never as a traceback."""
    return _made(function, {}, ())


def command_with(
    *, optional: Iterable[str] = (), letters: bool = True, **options: str
) -> Callable[[Callable[..., None]], Command]:
    """Make a function a command whose `--help` describes its options, each by its name.

    Those named in `optional` may stand without a value; then they are `True`. Each also gets a letter, unless `letters`
    is false: `--host` would take `-h` from `--help`.
    """
    return lambda function: _made(function, options, optional, letters=letters)


def _made(
    function: Callable[..., None], options: dict[str, str], optional: Iterable[str], *, letters: bool = True
) -> Command:
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

    return Task(body, help=options, optional=optional, auto_shortflags=letters)


def commands_of(*modules: ModuleType) -> list[Command]:
    """Return the commands that modules define."""
    return [each for module in modules for each in vars(module).values() if isinstance(each, Task)]
