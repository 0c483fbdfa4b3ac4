"""What Ctrl-C and SIGTERM do to a long command."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt_on_signals() -> None:
    """Treat SIGTERM like Ctrl-C, so that unfinished files and collections are removed."""
    for number in _SIGNALS:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM: the block is short, and stopping in the middle is worse than finishing."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
