"""What a process of the stack is, and how it proves that it works."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from devkit import ROOT
from devkit.stack import accounts

LIBS = tuple(sorted(ROOT.glob("libs/*/src")))


@dataclass(frozen=True)
class ProcessSpec:
    """One process of the stack.

    `pending` returns what is still missing until the process works, and "" once it does. A process that runs `once`
    works when it has ended well. `port` is what it listens on, `port_key` the setting to change when that is taken. A
    process with a `heartbeat` touches that file as long as it works; in production it counts as hanging after `silence`
    seconds without. The processes of a spec with `metrics` count in that folder; it is emptied before a start.
    A change in a Python file below `watched` restarts it when the stack runs with reload. Timeouts are in seconds.
    `account` are the settings by which it uses accounts of its own; without, it uses those of the operators.
    """

    name: str
    command: tuple[str, ...]
    pending: Callable[[], str] = lambda: ""
    heartbeat: Path | None = None
    metrics: Path | None = None
    account: Mapping[str, str] = field(default_factory=dict)
    silence: float = 60
    once: bool = False
    url: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    port_key: str = ""
    watched: tuple[Path, ...] = ()
    # A first start compiles all modules: on a busy machine over half a minute. What ends is noticed at once.
    ready_timeout: float = 120
    stop_timeout: float = 15


def watched(service: str) -> tuple[Path, ...]:
    """Return the folders of code in which a change concerns a service."""
    return (*LIBS, ROOT / "services" / service / "src")


def heartbeat_pending(file: Path) -> str:
    """Return why a process with a heartbeat does not work yet; empty when it does."""
    return "" if file.exists() else "no heartbeat yet"


def pending(url: str) -> str:
    """Return why a page of this machine cannot be had, past any proxy; empty when it can."""
    address = urlsplit(url)
    try:
        # Not by httpx2: it is asked twenty times a second, while all processes start.
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=3)) as connection:
            connection.request("GET", address.path or "/")
            answer = connection.getresponse()
            return "" if answer.status == 200 else f"{url} answered: {answer.status} {answer.reason}"
    except (OSError, HTTPException):
        return f"no answer at {url} yet"


def environ_of(spec: ProcessSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process that is started from another one; the settings files it reads itself."""
    heartbeat = {"HEARTBEAT_FILE": str(spec.heartbeat)} if spec.heartbeat else {}
    metrics = {"PROMETHEUS_MULTIPROC_DIR": str(spec.metrics)} if spec.metrics else {}
    own = {"PYTHONUNBUFFERED": "1", **heartbeat, **metrics, **spec.account}
    return {**accounts.without_others(environ), **own}
