"""Channels of a broker that sends messages by itself, and that can be told to wait."""

from abc import abstractmethod


class Pausable:
    """A channel whose consumers can be paused."""

    is_open: bool

    @abstractmethod
    def pause(self) -> None:
        """Let the broker send no more."""

    @abstractmethod
    def resume(self) -> None:
        """Let the broker send again."""
