"""What commands say to people: tables, colours on a terminal only, and failures that name the mend."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from devkit import environment
from devkit.bootstrap import BootstrapError
from devkit.plain_settings import PlainSettingError

if TYPE_CHECKING:
    from rich.console import RenderableType

# Wider than any table: a line that a terminal folds can still be copied as a whole.
_WIDTH = 10_000


class CommandError(Exception):
    """A command cannot go on. The message says what happened, where, and what mends it; no traceback is shown.

    It is empty where that was printed already.
    """

    def __init__(self, message: str, *, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def coloured(text: str, colour: str, stream: TextIO) -> str:
    """Return the text in a colour where the stream is a terminal and NO_COLOR is not set."""
    return _rendered(text, stream, style=colour) if _shows_colours(stream) else text


def say(message: str) -> None:
    """Tell a person what goes on. On stderr, so that stdout holds results only."""
    # The terminal may be gone, and what is under way, such as stopping processes, must go on.
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def complain(message: str) -> None:
    """Tell a person what went wrong."""
    say(f"{coloured('error:', 'red', sys.stderr)} {message}")


def confirm(question: str, *, refused: str = "nothing was deleted.") -> None:
    """Ask a person; raise with `refused` unless the answer is yes."""
    if not sys.stdin.isatty():
        raise CommandError(f"{question} There is no terminal to answer on; repeat with --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise CommandError(refused)


def table(header: Sequence[str], rows: Sequence[Sequence[object]], stream: TextIO | None = None) -> str:
    """Return aligned columns under a header, for a stream that is stdout unless it is given."""
    from rich.table import Table

    stream = stream or sys.stdout
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold" if _shows_colours(stream) else "")
    for name in header:
        made.add_column(name, no_wrap=True)
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    return "\n".join(line.rstrip() for line in _rendered(made, stream).splitlines())


@contextlib.contextmanager
def progress(what: str, total: float | None = None, stream: TextIO | None = None) -> Iterator[Callable[[float], None]]:
    """Show that long work goes on: a bar on a terminal, which goes away in the end, and one line elsewhere.

    Yield a function to call with how much of `total` is done; without a total the bar only moves. The stream is stderr
    unless it is given.
    """
    stream = stream or sys.stderr
    if not _shows_colours(stream):
        print(f"{what} ...", file=stream, flush=True)
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    # Else it would take over what is printed to a file or a pipe, too.
    printed = sys.stdout.isatty()
    with Progress(console=Console(file=stream), transient=True, redirect_stdout=printed) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done: bars.update(task, completed=done)


def _shows_colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _rendered(content: RenderableType, stream: TextIO, *, style: str | None = None) -> str:
    """Return what rich would print, with colours where the stream is a terminal."""
    from rich.console import Console

    screen = Console(file=stream, width=_WIDTH, highlight=False, markup=False, emoji=False)
    with screen.capture() as captured:
        screen.print(content, style=style, end="")
    return captured.get()


def end_quietly() -> None:
    """Let this process end without a word when the reader of its output has gone, as `head` does.

    That is for what `invoke` itself prints, and for what is still to be written in the end.
    """
    shown = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, BrokenPipeError):
            shown(kind, error, trace)

    sys.excepthook = show
    atexit.register(_write_the_rest)


def _write_the_rest() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def silence() -> None:
    """Write to nowhere from now on: what is still to be written would be complained of while Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_command(command: Callable[[], int | None]) -> int:
    """Run a command's body and turn what stopped it into one clear line and an exit code, never a traceback.

    What a git hook or another project's shell has set reaches neither the command nor what it starts.
    """
    environment.clean()
    try:
        return command() or 0
    except CommandError as failure:
        if str(failure):
            complain(str(failure))
        return failure.code
    except (BootstrapError, PlainSettingError) as failure:
        complain(str(failure))
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does.
        silence()
    except OSError as error:
        complain(f"{error.filename or 'this machine'}: {error.strerror or error}")
    return 1
