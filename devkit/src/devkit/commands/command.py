"""What makes a function a command of `invoke`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from devkit.terminal import CommandError, complain

Command = Task[Callable[..., Any]]


def command(function: Callable[..., None]) -> Command:
    """Make a function a command: what stops it is shown as one clear line and an exit code, never as a traceback."""
    return _made(function, {})


def command_with(
    *, optional: Iterable[str] = (), positional: Sequence[str] = (), letters: bool = True, **options: str
) -> Callable[[Callable[..., None]], Command]:
    """Make a function a command whose `--help` describes its options, each by its name.

    Those named in `optional` may stand without a value; then they are `True`. Those named in `positional` may be given
    in this order without their names, or left out. Each also gets a letter, unless `letters` is false: `--host` would
    take `-h` from `--help`.
    """
    return lambda function: _made(function, options, optional, positional, letters=letters)


class _Command(Task[Callable[..., Any]]):
    """A command that may have positional arguments with a default, which invoke itself does not know."""

    def get_arguments(self, *given: Any, **named: Any) -> list[Argument]:
        arguments = super().get_arguments(*given, **named)
        positional = [argument for argument in arguments if argument.positional]
        for argument in positional[: self._count_words(arguments)]:
            # Without a default invoke takes the next word for it; with one it never does.
            argument.default = None
        return arguments

    def _count_words(self, arguments: Sequence[Argument]) -> int:
        """Return how many words stand behind the command that are neither options nor values of options."""
        words, name = sys.argv[1:], self.name.replace("_", "-")
        if name not in words:
            return 0
        taking = [argument for argument in arguments if argument.takes_value]
        options = {f"{'-' * min(len(each), 2)}{each.replace('_', '-')}" for one in taking for each in one.names}
        # pairwise is younger than the oldest Python that this runs on, to say that it is too old.
        behind = zip(words[words.index(name) :], words[words.index(name) + 1 :])  # noqa: B905 - the same
        return sum(not word.startswith("-") and before not in options for before, word in behind)


def _made(
    function: Callable[..., None],
    options: dict[str, str],
    optional: Iterable[str] = (),
    positional: Sequence[str] = (),
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
    names = list(positional) or None
    return _Command(body, help=options, optional=optional, positional=names, auto_shortflags=letters)


def commands_of(*modules: ModuleType) -> list[Command]:
    """Return the commands that modules define."""
    return [each for module in modules for each in vars(module).values() if isinstance(each, Task)]
