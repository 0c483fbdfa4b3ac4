"""The proxy in front of the API: a real HAProxy with the file that is deployed, before a real API in production."""

import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx2
import pytest

from devkit import ROOT, certificate
from devkit.servers.private import private_environ
from devkit.stack.private import PrivateStack
from testing.servers import unused_ports
from testing.waiting import eventually

CONFIGURATION = ROOT / "deploy" / "edge" / "haproxy.cfg"
NAME = "localhost"


@dataclass
class Edge:
    """A running proxy: its ports, and what its clients need."""

    process: subprocess.Popen[bytes]
    environ: dict[str, str]
    authority: Path
    log: Path
    # What each request of its clients brings.
    headers: Mapping[str, str]

    @property
    def port(self) -> int:
        """The port of encrypted connections."""
        return int(self.environ["EDGE_PORT"])

    @property
    def plain_port(self) -> int:
        """The other one."""
        return int(self.environ["EDGE_BIND_HTTP"].rpartition(":")[2])

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """What a client verifies the proxy by."""
        return ssl.create_default_context(cafile=str(self.authority))

    def client(self, **options: object) -> httpx2.Client:
        """Return a client that verifies the proxy."""
        base = f"https://{NAME}:{self.port}"
        return httpx2.Client(base_url=base, verify=self.trust, headers=self.headers, trust_env=False, **options)  # type: ignore[arg-type] # of httpx2

    def logged(self) -> str:
        """Return its access log."""
        return self.log.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def haproxy() -> str:
    """Provide the program; skip the test where there is none, but never in CI."""
    # Debian keeps it where only root looks.
    if program := shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin"):
        return program
    problem = "haproxy was not found: apt install haproxy"
    if os.environ.get("CI"):
        pytest.fail(problem)
    pytest.skip(problem)


def changed(folder: Path, limit: str, other: str) -> Path:
    """Return a copy of the file with another limit."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert limit in text
    path = folder / "haproxy.cfg"
    path.write_text(text.replace(limit, other), encoding="utf-8")
    return path


@contextmanager
def running(
    program: str,
    folder: Path,
    api: str,
    headers: Mapping[str, str],
    configuration: Path = CONFIGURATION,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Edge]:
    """Run a proxy with a certificate of its own in front of an API, given by its host and port.

    `variables` are what else its file names.
    """
    port, plain = unused_ports(2)
    made, log = certificate.provide(folder / "certificate", [NAME, "127.0.0.1"]), folder / "log"
    environ = {
        "EDGE_BIND": f"127.0.0.1:{port}",
        "EDGE_BIND_HTTP": f"127.0.0.1:{plain}",
        "EDGE_PORT": str(port),
        "EDGE_CERTIFICATE_FILE": str(made),
        "EDGE_API": api,
        **(variables or {}),
    }
    command = [program, "-W", "-db", "-f", str(configuration)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=out, stderr=out)
    started = Edge(process, environ, made.with_name("authority.pem"), log, headers)
    try:
        eventually(lambda: _answers(plain) or process.poll() is not None)
        assert process.poll() is None, started.logged()
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    """Provide the whole product as in production."""
    with PrivateStack(
        tmp_path_factory.mktemp("stack"), private_environ(MONGO_DATABASE="test_edge", API_TRUSTED_PROXIES="127.0.0.1")
    ) as started:
        yield started


@pytest.fixture(scope="module")
def edge(haproxy: str, stack: PrivateStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Provide a proxy in front of it."""
    with running(haproxy, tmp_path_factory.mktemp("edge"), stack.url.removeprefix("http://"), stack.headers) as started:
        yield started


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/edge", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False
