"""What a kind of broker declares of itself, once: each is a module of `common.brokers` with a `KIND`."""

from __future__ import annotations

import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class BrokerSettings(BaseModel, ABC):
    """The settings of a kind. They are called NAME_HOST, NAME_PORT and NAME_PASSWORD, and begin with its name."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @abstractmethod
    def address(self, project: str, *, encrypted: bool = False) -> str:
        """Return the address of the product's own broker, with its credentials. Never log it."""


class BrokerKind(ABC):
    """A kind of broker."""

    # As BROKER names it, and as people call the server.
    name: ClassVar[str]
    title: ClassVar[str]
    # Its place where BROKER is empty, the smallest first.
    place: ClassVar[int]
    settings: ClassVar[type[BrokerSettings]]
    # The schemes of its addresses: over a network in plain text, encrypted, and within one machine.
    plain: ClassVar[str]
    encrypted: ClassVar[str]
    local: ClassVar[tuple[str, ...]] = ()
    # kombu's module for it.
    driver: ClassVar[str]
    # Whether the server sends messages by itself, up to a number that it is told; otherwise it is asked for each.
    pushes: ClassVar[bool]
    # Whether the queue is there from the start of the product's own server on, so that senders need not make it.
    makes_queues: ClassVar[bool] = False
    # Settings that are what PROJECT is when they are empty.
    named_after_project: ClassVar[tuple[str, ...]] = ()
    # Names that a product cannot have, with the reason.
    taken_names: ClassVar[Mapping[str, str]] = {}

    @property
    def schemes(self) -> tuple[str, ...]:
        """All schemes of its addresses."""
        return self.encrypted, self.plain, *self.local

    @property
    def host_key(self) -> str:
        """The name of the setting that says on which host it is."""
        return f"{self.name.upper()}_HOST"

    @property
    def port_key(self) -> str:
        """The name of the setting that holds its port."""
        return f"{self.name.upper()}_PORT"

    @property
    def password_key(self) -> str:
        """The name of the setting that holds its password."""
        return f"{self.name.upper()}_PASSWORD"

    @abstractmethod
    def transport_options(self, project: str, *, timeout: float, time_limit: float) -> dict[str, Any]:
        """Return what its driver is told.

        `timeout` is in seconds and bounds every single wait for the broker, `time_limit` is that of a task.
        """

    @abstractmethod
    def tls_options(
        self, files: Mapping[str, str], requirement: ssl.VerifyMode, *, check_name: bool, host: str
    ) -> dict[str, Any]:
        """Return how its driver is told to encrypt; `files` are called as the options of an address that name them."""

    @abstractmethod
    def broken_promises(self, channel: Any, queue: str) -> list[str]:
        """Return a line for each setting of the server by which messages may be lost. Raises the driver's errors."""

    @abstractmethod
    def waiting(self, channel: Any, queue: str) -> int:
        """Return how many messages of a queue were not fetched yet. Raises the driver's errors."""
