"""What makes a function a command of `invoke`."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from devkit.terminal import run_command

Command = Task[Callable[..., Any]]
# Where the command was typed; the commands themselves run at the root of the repository.
HERE = Path.cwd()


def command(
    *,
    optional: Iterable[str] = (),
    positional: Sequence[str] = (),
    flags: Mapping[str, str] | None = None,
    letters: bool = True,
) -> Callable[[Callable[..., int | None]], Command]:
    """Make a function a command of `invoke`, declared by its signature alone.

    Each keyword parameter is an option: `name: Annotated[str, "what it is for"] = ""` gives its name, its help and its
    default. The first line of the docstring is the command's help. What it returns is the exit code; what stops it is
    shown as one clear line and an exit code, never as a traceback. `*arguments` are the words behind `--`, as typed.

    Options in `optional` may stand without a value; then they are `True`. Options in `positional` may be given in this
    order without their names, or left out. `flags` are more options without a value, with their help: those that are
    found by folder, for a function that takes `**options`. Each option also gets a letter, unless `letters` is false:
    `--host` would take `-h` from `--help`.
    """

    def made(function: Callable[..., int | None]) -> Command:
        own = inspect.signature(function)
        kinds = [one.kind for one in own.parameters.values()]
        takes_words = inspect.Parameter.VAR_POSITIONAL in kinds
        written = [one for one in own.parameters.values() if one.kind is inspect.Parameter.KEYWORD_ONLY]
        found = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False) for name in flags or {}]
        options = [*written, *found]

        @functools.wraps(function)
        def body(_context: Context, **values: Any) -> None:
            words = _words_behind_dashes() if takes_words else []
            if code := run_command(lambda: function(*words, **values)):
                raise Exit(code=code)

        context = inspect.Parameter("_context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        body.__signature__ = own.replace(parameters=[context, *options])  # type: ignore[attr-defined] # read by `inspect`
        described = {**_help(function, [option.name for option in written]), **(flags or {})}
        # None leaves it to invoke: what has no default is positional.
        names = list(positional) or None
        return _Command(body, help=described, optional=optional, positional=names, auto_shortflags=letters)

    return made


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
        options = {f"{'-' * min(len(name), 2)}{name.replace('_', '-')}" for one in taking for name in one.names}
        behind = pairwise(words[words.index(name) :])
        return sum(not word.startswith("-") and before not in options for before, word in behind)


def _words_behind_dashes() -> list[str]:
    """Return the words behind `--`; invoke itself joins them to one text, in which quotes are lost."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


def _help(function: Callable[..., int | None], names: Sequence[str]) -> dict[str, str]:
    """Return the help of each option, as its annotation says it. Raises TypeError where one says none."""
    hints = get_type_hints(function, include_extras=True)
    if missing := [name for name in names if not getattr(hints.get(name), "__metadata__", ())]:
        raise TypeError(f"the options {', '.join(missing)} of {function.__name__} have no help: use Annotated")
    return {name: str(hints[name].__metadata__[0]) for name in names}


def commands_of(*modules: ModuleType) -> list[Command]:
    """Return the commands that modules define."""
    return [value for module in modules for value in vars(module).values() if isinstance(value, Task)]
