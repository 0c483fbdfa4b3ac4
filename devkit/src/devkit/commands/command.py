"""What makes a function a command of `invoke`."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints, overload

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from devkit.bootstrap import BootstrapError
from devkit.plain_settings import PlainSettingError
from devkit.terminal import CommandError, complain, silence

Command = Task[Callable[..., Any]]
# Where the command was typed; the commands themselves run at the root of the repository.
HERE = Path.cwd()
_INTERRUPTED = 130


@overload
def command(function: Callable[..., None], /) -> Command: ...


@overload
def command(
    *, optional: Iterable[str] = (), positional: Sequence[str] = (), letters: bool = True
) -> Callable[[Callable[..., None]], Command]: ...


def command(
    function: Callable[..., None] | None = None,
    /,
    *,
    optional: Iterable[str] = (),
    positional: Sequence[str] = (),
    letters: bool = True,
) -> Command | Callable[[Callable[..., None]], Command]:
    """Make a function a command of `invoke`, declared by its signature alone.

    Each keyword parameter is an option: `name: Annotated[str, "what it is for"] = ""` gives its name, its help and its
    default. The first line of the docstring is the command's help. What stops the command is shown as one clear line
    and an exit code, never as a traceback. `*arguments` are the words behind `--`, as they were typed.

    Options in `optional` may stand without a value; then they are `True`. Options in `positional` may be given in this
    order without their names, or left out. Each option also gets a letter, unless `letters` is false: `--host` would
    take `-h` from `--help`.
    """
    if function is not None:
        return _made(function, optional, positional, letters=letters)
    return lambda given: _made(given, optional, positional, letters=letters)


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
        # pairwise is younger than the oldest Python that this runs on, to say that it is too old.
        behind = zip(words[words.index(name) :], words[words.index(name) + 1 :])  # noqa: B905 - the same
        return sum(not word.startswith("-") and before not in options for before, word in behind)


def _made(
    function: Callable[..., None], optional: Iterable[str], positional: Sequence[str], *, letters: bool
) -> Command:
    @functools.wraps(function)
    def body(_context: Context, **options: Any) -> None:
        if code := _run(lambda: function(*_words_behind_dashes(), **options) if takes_words else function(**options)):
            raise Exit("interrupted" if code == _INTERRUPTED else None, code=code)

    own = inspect.signature(function)
    context = inspect.Parameter("_context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    options = [
        parameter for parameter in own.parameters.values() if parameter.kind is not inspect.Parameter.VAR_POSITIONAL
    ]
    takes_words = len(options) < len(own.parameters)
    body.__signature__ = own.replace(parameters=[context, *options])  # type: ignore[attr-defined] # read by `inspect`
    # None leaves it to invoke: what has no default is positional.
    names = list(positional) or None
    described = _help(function, [option.name for option in options])
    return _Command(body, help=described, optional=optional, positional=names, auto_shortflags=letters)


def _run(work: Callable[[], object]) -> int:
    """Do the work of a command; return its exit code, once it is told in one line what stopped it."""
    try:
        work()
    except CommandError as error:
        if str(error):
            complain(str(error))
        return error.code
    except (BootstrapError, PlainSettingError) as error:
        complain(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has gone, as `head` does.
        silence()
    except OSError as error:
        complain(f"{error.filename or 'this machine'}: {error.strerror or error}")
    else:
        return 0
    return 1


def _words_behind_dashes() -> list[str]:
    """Return the words behind `--`; invoke itself joins them to one text, in which quotes are lost."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


def _help(function: Callable[..., None], names: Sequence[str]) -> dict[str, str]:
    """Return the help of each option, as its annotation says it. Raises TypeError where one says none."""
    hints = get_type_hints(function, include_extras=True)
    if missing := [name for name in names if not getattr(hints.get(name), "__metadata__", ())]:
        raise TypeError(f"the options {', '.join(missing)} of {function.__name__} have no help: use Annotated")
    return {name: str(hints[name].__metadata__[0]) for name in names}


def commands_of(*modules: ModuleType) -> list[Command]:
    """Return the commands that modules define."""
    return [value for module in modules for value in vars(module).values() if isinstance(value, Task)]
