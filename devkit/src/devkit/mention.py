"""What stands in a file of ours and is published by others, as `invoke pin` sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class AskError(Exception):
    """Whoever publishes it could not be asked, or does not know it; the message says why, in one line."""


@dataclass(frozen=True)
class Mention:
    """A place in a file, and what it names. `ask` returns the text to write in its place, or raises AskError."""

    path: str
    start: int
    text: str
    is_pinned: bool
    ask: Callable[[], str]
