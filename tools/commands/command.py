"""What makes a function a command of `invoke`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from tools.terminal import CommandError, complain

Command = Task[Callable[..., Any]]


def command(function: Callable[..., None]) -> Command:
    """Make a function a command: what stops it is shown as one clear line and an exit code, never as a traceback."""
    return _made(function, {})


def command_with(
    *, optional: Iterable[str] = (), positional: str = "", letters: bool = True, **options: str
) -> Callable[[Callable[..., None]], Command]:
    """Make a function a command whose `--help` describes its options, each by its name.

    Those named in `optional` may stand without a value; then they are `True`. The one named by `positional` may be
    given without its name or left out; the other options of such a command take no value. Each also gets a letter,
    unless `letters` is false: `--host` would take `-h` from `--help`.
    """
    return lambda function: _made(function, options, optional, positional, letters=letters)


class _Command(Task[Callable[..., Any]]):
    """A command that may have a positional argument with a default, which invoke itself does not know."""

    def get_arguments(self, *given: Any, **named: Any) -> list[Argument]:
        arguments = super().get_arguments(*given, **named)
        for argument in arguments:
            # Without a default invoke takes the next word for it; with one it never does.
            if argument.positional and self._is_followed_by_a_word():
                argument.default = None
        return arguments

    def _is_followed_by_a_word(self) -> bool:
        words = sys.argv[1:]
        name = self.name.replace("_", "-")
        return name in words and any(not word.startswith("-") for word in words[words.index(name) + 1 :])


def _made(
    function: Callable[..., None],
    options: dict[str, str],
    optional: Iterable[str] = (),
    positional: str = "",
    *,
    letters: bool = True,
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

    # None leaves it to invoke: what has no default is positional.
    names = [positional] if positional else None
    return _Command(body, help=options, optional=optional, positional=names, auto_shortflags=letters)


def commands_of(*modules: ModuleType) -> list[Command]:
    """Return the commands that modules define."""
    return [each for module in modules for each in vars(module).values() if isinstance(each, Task)]
