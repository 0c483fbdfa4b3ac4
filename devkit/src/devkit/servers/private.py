"""Servers and settings of one run, such as of a test: ports, secrets and data of their own, thrown away in the end."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from common import settings_files
from common.names import UNNAMED
from devkit import ROOT, env, local_secrets, ports
from devkit.extensions import extensions
from devkit.servers import encryption, native, state
from devkit.servers.selection import native_settings, needed
from devkit.servers.server import Context

# Settings that could lead to the developer's own data, or to a port that is in use. A test may take another PROJECT;
# the servers keep the accounts that they were started with.
_NEUTRAL = {
    "PROJECT": UNNAMED,
    "MONGO_USER": UNNAMED,
    "MONGO_REPLICA_SET": "rs0",
    "MONGO_URL": "",
    "TLS": "",
    "MONGO_TLS_CA_FILE": "",
    "MONGO_TLS_CERT_FILE": "",
    "API_HOST": ports.HOST,
}


def private_settings(**own: str) -> dict[str, str]:
    """Return settings that share no port, no secret and no server with another run; `own` wins."""
    others = {name: value for module in extensions("server_kinds") for name, value in module.neutral().items()}
    others |= {name: value for module in extensions("private_settings") for name, value in module.SETTINGS.items()}
    keys = env.port_keys()
    fresh = {key: str(port) for key, port in zip(keys, ports.distinct(len(keys)), strict=True)}
    fresh |= {key: secrets.token_urlsafe(24) for key in local_secrets.names()}
    return {**_NEUTRAL, **native_settings(), **others, **fresh, **own}


def private_environ(**own: str) -> dict[str, str]:
    """Return this process's environment with private settings."""
    return {**os.environ, **private_settings(**own)}


@dataclass
class Servers:
    """Servers below one folder; each is started when it is first named, and all are stopped at the end of a block."""

    data: Path
    environ: dict[str, str] = field(default_factory=private_settings)
    started: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.environ = encryption.prepared(self.data, self.environ)

    def up(self, *names: str) -> None:
        """Start what does not run yet; return when it answers. Raises CommandError."""
        if missing := [name for name in names if name not in self.started]:
            context = self._context()
            native.up(context, needed(context, ",".join(missing)))
            self.started.update(missing)

    def down(self, *names: str) -> None:
        """Stop the named servers, or all; their data stay."""
        if stopping := [name for name in names or sorted(self.started) if name in self.started]:
            context = self._context()
            native.down(context, needed(context, ",".join(stopping)))
            self.started.difference_update(stopping)

    def pid(self, name: str) -> int:
        """Return the process id of a running server. Raises LookupError when it does not run."""
        known = state.load(self.data / name)
        if known is None or not known.main.alive():
            raise LookupError(f"{name} does not run")
        return known.main.pid

    def answers(self, name: str) -> bool:
        """Return whether a server runs and really answers."""
        context = self._context()
        return native.status(context, needed(context, name))[name]["state"] == "up"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _context(self) -> Context:
        # Not `.env.local`, which is the developer's.
        committed = {**os.environ, **env.read(ROOT / ".env")}
        return Context(self.data, settings_files.merge({**committed, **self.environ}, []))
