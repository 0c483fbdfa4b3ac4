"""A production stack for one measurement: ports, secrets, data and database of its own, all deleted in the end."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devkit import ports
from devkit.servers.private import private_environ
from devkit.signals import StopRequest
from devkit.stack.private import PrivateStack
from devkit.terminal import progress, say


@contextmanager
def temporary_stack(stop: StopRequest, environ: Mapping[str, str] | None = None) -> Iterator[PrivateStack]:
    """Yield a stack that works, and stop it in the end; `environ` replaces single settings."""
    settings = {**production_environ(), **(environ or {})}
    with tempfile.TemporaryDirectory(prefix="stack-") as folder, ExitStack() as opened:
        with progress("starting the stack in production mode, with data that are deleted afterwards"):
            made = PrivateStack(Path(folder), settings, check=stop.check, hurried=stop.hurried)
            stack = opened.enter_context(made)
        try:
            yield stack
        finally:
            say("stopping the stack ...")


def production_environ() -> dict[str, str]:
    """Return the environment of a production stack that shares nothing with the developer's."""
    return private_environ(
        ENVIRONMENT="production",
        MONGO_DATABASE="temporary",
        API_TRUSTED_HOSTS=ports.HOST,
        METRICS_PORT=str(ports.unused()),
    )
