"""What the harness does with a broker itself; each kind's is a module of `chaos/brokers`."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .stack import Stack

# Seconds a message may be held with a short limit.
HOLD_LIMIT = 2.0
# A body, headers and properties.
Message = tuple[bytes, dict[str, Any], dict[str, Any]]


class BrokerHarness(ABC):
    """Counts the messages that are left, makes the broker refuse new ones, and publishes invalid ones."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._project = stack.settings["PROJECT"]
        self._queue = f"{self._project}.jobs"

    @abstractmethod
    def messages_left(self) -> int:
        """Return how many messages no worker has fetched.

        Messages that a lost connection had fetched are not among them.
        """

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Make the broker accept no message for the time of a block: its memory limit is exceeded."""
        self._limit_memory(none_left=True)
        try:
            yield
        finally:
            self._limit_memory(none_left=False)

    @abstractmethod
    def _limit_memory(self, *, none_left: bool) -> None:
        """Leave no memory, or as much as usual."""

    @abstractmethod
    def limit_holding(self, *, short: bool) -> None:
        """Let the broker redeliver a message that is held for HOLD_LIMIT, or for as long as usual.

        The limit holds for connections that are opened afterwards.
        """

    @abstractmethod
    def publish(self, messages: Sequence[Message]) -> None:
        """Publish messages past the product's own publisher."""
