"""Servers with TLS, started when a test first asks for one, and settings that lead to them."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from common.config import Settings
from common.settings_files import named_after_project
from devkit import local_secrets
from devkit.servers.accounts import SHARED
from devkit.servers.private import private_environ
from devkit.terminal import CommandError
from testing.servers import Servers, unused_ports

from .certificates import NAME, Pair, TlsServer, issue
from .production import Production
from .servers import start

# MongoDB does not start with a certificate that has expired already; so it expires when the server runs. Others do.
SOON = timedelta(seconds=5)


@dataclass
class Tls:
    """Servers by kind and certificate. `right` and `expired` are of one authority, `unknown` is of another."""

    folder: Path
    stops: ExitStack
    pairs: dict[str, Pair] = field(default_factory=dict)
    started: dict[tuple[str, str, bool], TlsServer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.authority = trustme.CA()
        self.pairs["right"] = issue(self.authority, self.folder, "right")
        self.pairs["unknown"] = issue(trustme.CA(), self.folder, "unknown")
        self.pairs["client"] = issue(self.authority, self.folder, "client")

    def server(self, kind: str, certificate: str = "right", *, demands: bool = False) -> TlsServer:
        """Return the server of a kind with a certificate, one that `demands` a certificate of its clients if wished.

        Skips the test where this machine has no such program.
        """
        if (kind, certificate, demands) not in self.started:
            [port] = unused_ports(1)
            # Each test is a product of its own on it.
            own = {f"{kind.upper()}_PORT": str(port), SHARED: "yes"}
            own |= {name: secrets.token_urlsafe(24) for name in local_secrets.names() if name.startswith(kind.upper())}
            own |= dict.fromkeys(["PROJECT", *named_after_project()], "product")
            until = datetime.now(UTC) + (SOON if kind == "mongo" else -SOON)
            if certificate == "expired":
                self.pairs["expired"] = issue(self.authority, self.folder, f"expired-{kind}", not_after=until)
            try:
                # A folder of its own each time: what did not start is started anew for the next test.
                pair, data = self.pairs[certificate], self.folder / f"{kind}-{certificate}-{port}"
                client = self.pairs["client"].certificate if demands else None
                server, stop = start(kind, pair, data, {**os.environ, **own}, client)
            except CommandError as error:
                if os.environ.get("CI") or "was not found" not in str(error):
                    raise
                pytest.skip(str(error))
            self.stops.callback(stop)
            if certificate == "expired":
                time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds() + 1))
            else:
                server.prepare()
            self.started[kind, certificate, demands] = server
        return self.started[kind, certificate, demands]

    def environ(
        self, server: TlsServer, *, host: str = NAME, port: int = 0, authority: str = "right", shown: str = ""
    ) -> dict[str, str]:
        """Settings that lead to a server by a host name, over another port if given, and show it a certificate."""
        own = {server.certificate_key: str(self.pairs[shown].certificate)} if shown else {}
        return {**server.leading_here(f"{host}:{port or server.port}", str(self.pairs[authority].authority)), **own}

    def settings(self, server: TlsServer, **options: object) -> Settings:
        """Return the same as settings of a project of its own, so that its messages meet no other test's."""
        own = {"PROJECT": f"t{secrets.token_hex(4)}", "MONGO_DATABASE": f"test_{secrets.token_hex(4)}"}
        own["MONGO_TIMEOUT"] = "2"
        return Settings.load({**self.environ(server, **options), **own}, env_files=())  # type: ignore[arg-type] # the options are those of `environ`


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    """Servers with TLS; all are stopped in the end."""
    with ExitStack() as stops:
        yield Tls(tmp_path_factory.mktemp("tls"), stops)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Provide servers that speak no TLS; each is started when a test first asks for one."""
    with Servers(tmp_path_factory.mktemp("plain")) as started:
        yield started


@pytest.fixture
def serve(tls: Tls, tmp_path: Path) -> Iterator[Callable[..., Production]]:
    """Start the whole stack in production mode, on a MongoDB that takes encrypted connections only."""
    with ExitStack() as stops:

        def start_stack(**own: str) -> Production:
            environ = tls.environ(tls.server("mongo"))
            environ["MONGO_URL"] = environ["MONGO_URL"].replace("directConnection=true", "replicaSet=rs0")
            environ |= {"MONGO_DATABASE": f"test_{secrets.token_hex(4)}", "API_TRUSTED_HOSTS": "127.0.0.1"}
            stack = Production(tmp_path, private_environ(**{**environ, "PROJECT": "product", **own})).__enter__()
            stops.callback(stack.end)
            return stack

        yield start_stack
