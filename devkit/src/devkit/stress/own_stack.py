"""A production stack for one run: ports, secrets, data and database of its own, all thrown away in the end."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from devkit import ports
from devkit.servers.private import private_environ
from devkit.signals import StopRequest
from devkit.stack.private import PrivateStack
from devkit.terminal import say


class OwnStack(PrivateStack):
    """The stack in production mode, in a temporary folder."""

    def __init__(self, stop: StopRequest, environ: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stress-")
        environ = {**stack_environ(), **(environ or {})}
        super().__init__(Path(self._folder.name), environ, check=stop.check, hurried=stop.hurried)

    def __enter__(self) -> Self:
        """Start it and wait until it works."""
        say("starting the stack in production mode, with data that are thrown away ...")
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop all of it."""
        say("stopping the stack ...")
        super().__exit__(kind, error, where)
        self._folder.cleanup()


def stack_environ() -> dict[str, str]:
    """Return the environment of the stack: nothing in it leads to the developer's data."""
    return private_environ(
        ENVIRONMENT="production",
        MONGO_DATABASE="stress",
        API_TRUSTED_HOSTS=ports.HOST,
        METRICS_PORT=str(ports.unused()),
    )
