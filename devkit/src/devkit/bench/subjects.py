"""The servers that `invoke bench api` compares, all of them over the same MongoDB: the product, and its peers."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from devkit import ports
from devkit.bench import cores
from devkit.bench.peers import FLASK_SERVER, PEERS, PROGRAMS, THREADS, mongo_url, output, running, wait
from devkit.extensions import extensions
from devkit.servers.private import Servers, private_settings
from devkit.servers.selection import needed_names
from devkit.stack.headers import headers_for

OURS, FLASK = "ours", "bare Flask on granian"
FASTAPI, LEAN = "FastAPI on uvicorn, same duties", "FastAPI with them by hand"
BASE = "/api/v1/bench"
_OWNER = "devkit"


@dataclass(frozen=True)
class Server:
    """Its address, and the process that was started, which has one of its own behind it."""

    url: str
    pid: int

    def computed(self) -> float:
        """Return the seconds of a core that its processes have used so far."""
        return cores.used(self.pid)


@dataclass(frozen=True)
class Subject:
    """A running server, what each request to it brings, and the id of a document that it shows then."""

    server: Server
    document: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Subjects:
    """Servers below one folder, each held to the core of what is measured; all end with the block that `opened` is."""

    def __init__(self, folder: Path, python: str, opened: ExitStack, check: Callable[[], None]) -> None:
        self._folder, self._python, self._opened, self._check = folder, python, opened, check
        self._servers = opened.enter_context(
            Servers(
                folder / "servers",
                private_settings(
                    ENVIRONMENT="production",
                    MONGO_DATABASE="bench",
                    API_TRUSTED_HOSTS=ports.HOST,
                    APITHREADS=THREADS,
                    API_WORKERS="1",
                ),
            )
        )
        self.environ = {**os.environ, **self._servers.environ, "PYTHONPATH": str(PROGRAMS)}

    def up(self, documents: int) -> dict[str, str]:
        """Start the servers of data, store documents, and return the id of one by whose it is."""
        self._servers.up(*needed_names(self.environ))
        command = [sys.executable, str(PROGRAMS / "bench_prepare.py"), str(documents), _OWNER]
        ids: dict[str, str] = json.loads(output(command, env=self.environ))
        return ids

    def ours(self, name: str, settings: Mapping[str, str]) -> Server:
        """Start the product with these settings."""
        command = [sys.executable, "-m", "web.serve", "bench_api:front"]
        return self._start(name, command, {**self.environ, **settings})

    def peer(self, command: Sequence[str]) -> Server:
        """Start a peer by `-m`, its module and options."""
        environ = {**os.environ, "PEER_MONGO_URL": mongo_url(self.environ), "PEER_DATABASE": "bench"}
        return self._start(command[1], [self._python, *command], {**environ, "PYTHONPATH": str(PEERS)})

    def _start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> Server:
        port = ports.unused()
        with cores.held_to(cores.measured()):
            process = running(f"{name}-{port}", [*command, "--port", str(port)], self._folder, environ)
            started = self._opened.enter_context(process)
        url = f"http://{ports.HOST}:{port}"
        wait(started, self._folder / f"{name}-{port}.log", lambda: _answers(f"{url}{BASE}/hello"), self._check)
        return Server(url, started.pid)


@contextmanager
def served(folder: Path, python: str, documents: int, check: Callable[[], None]) -> Iterator[dict[str, Subject]]:
    """Yield all of them by their names, ours first, each with as many documents to show."""
    off, on, name = _protection()
    with ExitStack() as opened:
        subjects = Subjects(folder, python, opened, check)
        ids = subjects.up(documents)
        anybody = ids["everybody"]
        found = {
            OURS: Subject(subjects.ours("ours", off), anybody),
            FLASK: Subject(subjects.peer((*FLASK_SERVER, "flask_bare:app")), anybody),
            FASTAPI: Subject(subjects.peer((*_UVICORN, "fastapi_same_duties:app")), anybody),
            LEAN: Subject(subjects.peer((*_UVICORN, "fastapi_same_duties:lean")), anybody),
        }
        if on:
            headers = headers_for(subjects.environ)
            document = ids["owned" if headers else "everybody"]
            found[f"ours with {name}"] = Subject(subjects.ours("protected", on), document, headers)
        yield found


_UVICORN = ("-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")


def _protection() -> tuple[dict[str, str], dict[str, str], str]:
    """Return the settings that switch off and on what tells callers apart and counts them, and the names of these."""
    found = extensions("measured")
    off = {key: value for module in found for key, value in module.OFF.items()}
    on = {key: value for module in found for key, value in module.ON.items()}
    return off, on, " and ".join(module.WHAT for module in found)


def _answers(url: str) -> bool:
    """Return whether a server answers at all; what may be asked without a key is another matter."""
    try:
        return httpx2.get(url, timeout=3, trust_env=False).status_code < 500
    except httpx2.HTTPError:
        return False
