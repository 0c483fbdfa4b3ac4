"""Where faults happen: a stack, the networks between its parts, and the variations a fault may ask for."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pymongo.errors import PyMongoError

from devkit.servers.selection import SERVERS
from devkit.terminal import CommandError

from .broker import HELD, limit_holding
from .load import Post
from .proxy import HOST, Proxy
from .stack import APIS, DATABASE, WORKERS, Stack, Variation

LIBFAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
CLOCK_OFF = 600
POLL = 0.02


class NoBiteError(CommandError):
    """A fault did not show, so nothing was tried; the message tells what is missing."""


class UnfitError(Exception):
    """This machine cannot show a fault; the message tells why and what mends it."""


@dataclass
class Networks:
    """The proxies between parts: `worker-broker`, `api-broker` and `worker-mongo`."""

    proxies: dict[str, Proxy]

    @classmethod
    def of(cls, stack: Stack) -> "Networks":
        """Networks to the servers of a stack."""
        mongo = int(stack.settings["MONGO_PORT"])
        targets = {"worker-broker": stack.broker_port, "api-broker": stack.broker_port, "worker-mongo": mongo}
        return cls({name: Proxy(target) for name, target in targets.items()})

    def close(self) -> None:
        """Closes all."""
        for proxy in self.proxies.values():
            proxy.close()


class Place:
    """What a fault is given to work on."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.networks = Networks.of(stack)
        # What a fault accepted by itself; it is owed like what the API accepted.
        self.promised: list[Post] = []
        self._holding_is_short = False

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self.until(lambda: False, seconds=seconds)

    def until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Waits until something holds, so many seconds at most; answers whether it did."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                return False
            self.stack.check()
            time.sleep(POLL)
        return True

    def bitten(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Waits until a fault shows. Raises NoBiteError when it does not."""
        if not self.until(condition, seconds=15):
            raise NoBiteError(f"the fault did not bite: {otherwise}")

    def restarted(self, name: str, starts: int) -> None:
        """Waits until something was started again; a server also until it answers, for its own start is not ours."""
        keeper = self.stack.keepers[name]
        self.until(lambda: keeper.starts > starts, seconds=60)
        if name in SERVERS:
            keeper.wait(self.stack.check)

    def processes(self, name: str) -> list[int]:
        """The pids of a part or server: its main process first, then its children."""
        main = self.stack.pid(name)
        return [main, *children(main)]

    def running(self, worker: str, **wanted: str) -> int:
        """How many reports a worker is at, such as those with `title="Slow"`."""
        mine = {"job.state": "running", "job.owner": {"$regex": f"^{worker}@"}, **wanted}
        with suppress(PyMongoError):
            return self.stack.mongo[DATABASE]["reports"].count_documents(mine)
        return 0

    @contextmanager
    def frozen(self, *pids: int) -> Iterator[None]:
        """Stops processes for the time of a block."""
        signal_all(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(pids, signal.SIGCONT)

    def variation(self, name: str) -> Variation:
        """The settings of single parts that a fault asks for."""
        known = {"": dict, "network": self._networked, "combined": self._half_networked, "clock": _clocks}
        # Channels take the limit over when they are opened, so it is set before the parts are started with theirs.
        if (short := name == "long") != self._holding_is_short:
            limit_holding(self.stack, short=short)
            self._holding_is_short = short
        return {**known, "misbehaving": _misbehaving, "hasty": _hasty, "long": _long}[name]()

    def _networked(self) -> Variation:
        settings, ports = self.stack.settings, {name: str(each.port) for name, each in self.networks.proxies.items()}
        key = "REDIS_PORT" if self.stack.broker == "redis" else "RABBITMQ_PORT"
        account = f"{settings['MONGO_USER']}:{quote(settings['MONGO_PASSWORD'], safe='')}"
        # Direct, for a client that asks for the set's members would be led past the proxy.
        mongo = f"mongodb://{account}@{HOST}:{ports['worker-mongo']}/?directConnection=true&authSource=admin"
        worker = {key: ports["worker-broker"], "MONGO_URL": mongo}
        api = {key: ports["api-broker"]}
        return dict.fromkeys(WORKERS, worker) | dict.fromkeys(APIS, api)

    def _half_networked(self) -> Variation:
        """As networked, but one worker finds MongoDB by its set, as it does in production."""
        variation = self._networked()
        return {**variation, "worker2": {**variation["worker2"], "MONGO_URL": ""}}


def _misbehaving() -> Variation:
    module = {"WORKER_APP": "misbehaving_worker:app", "PYTHONPATH": str(Path(__file__).parent)}
    return dict.fromkeys(WORKERS, module | {"JOB_LEASE": "4", "JOB_MAX_ATTEMPTS": "3"})


def _hasty() -> Variation:
    return {name: {**settings, "TASK_TIME_LIMIT": "2"} for name, settings in _misbehaving().items()}


def _long() -> Variation:
    return {name: {**settings, "VISIBILITY_TIMEOUT": str(HELD)} for name, settings in _misbehaving().items()}


def _clocks() -> Variation:
    found = sorted(Path("/").glob(LIBFAKETIME.lstrip("/")))
    if not found:
        raise UnfitError("another clock needs libfaketime: apt install faketime")
    # Only the time of day is wrong, not how fast it passes.
    library = {"LD_PRELOAD": str(found[0]), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    shifts = (CLOCK_OFF, -CLOCK_OFF)
    return {name: library | {"FAKETIME": f"{shift:+d}s"} for name, shift in zip(WORKERS, shifts, strict=True)}


def children(pid: int) -> list[int]:
    """The pids of the children of a process."""
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Sends a signal to processes of ours; those that are gone are left out."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
